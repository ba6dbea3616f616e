// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/domain/regions.h"

#include "phonenumbers/phonenumber.pb.h"
#include "phonenumbers/phonenumberutil.h"

namespace shodan::calllink {

std::string ProbableRegion(const i18n::phonenumbers::PhoneNumber& number,
                           const std::string& default_region) {
  const auto& numbers = *i18n::phonenumbers::PhoneNumberUtil::GetInstance();
  if (numbers.GetCountryCodeForRegion(default_region) == number.country_code()) {
    return default_region;
  }
  std::string region;
  numbers.GetRegionCodeForCountryCode(number.country_code(), &region);
  return region;
}

}  // namespace shodan::calllink
