// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "phonenumbers/shortnumberinfo.h"

namespace i18n::phonenumbers {
class PhoneNumber;
}

namespace shodan::calllink {

/// Knows what connects to an emergency service or is some other short code. Thread-safe.
///
/// A softphone may not know where its user is, so a link must never dial an emergency service: the
/// person has to use a telephone. Errs on the side of refusing, except for numbers that are known
/// to be in use: "+33 1 53 00 00 00" is a number in Paris although France has the code 15.
class ShortCodes {
 public:
  /// `digits` is exactly an emergency code, in `region` or by 3GPP TS 22.101 section 10.1.1, which
  /// has mobile phones treat some codes as emergency calls everywhere. An empty region is allowed.
  bool IsEmergency(std::string_view digits, const std::string& region) const;

  /// `digits` begins with an emergency code of `region`, where the network there stops listening
  /// after the code (ShortNumberInfo::ConnectsToEmergencyNumber). Full numbers may begin so too.
  bool BeginsWithEmergency(std::string_view digits, const std::string& region) const;

  /// `digits` is a country code followed by an emergency code of one of its countries, perhaps
  /// after an international or trunk prefix ("0081110", "81110"). Full numbers may look so too.
  bool IsEmergencyBehindCountryCode(std::string_view digits) const;

  /// The national significant number `digits` is an emergency code in a country with this calling
  /// code, perhaps behind a trunk prefix 0.
  bool IsEmergencyOfCountry(int country_code, std::string_view digits) const;

  /// A code of one of the number's countries that only works inside them ("116117" in Germany).
  bool IsShortCode(const i18n::phonenumbers::PhoneNumber& number) const;

 private:
  i18n::phonenumbers::ShortNumberInfo short_numbers_;
};

}  // namespace shodan::calllink
