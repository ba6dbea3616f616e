// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/call-link/domain/call_link.h"
#include "services/call-link/domain/call_link_cache.h"
#include "services/call-link/domain/limits.h"
#include "services/call-link/domain/number_text.h"
#include "services/call-link/domain/short_codes.h"

namespace i18n::phonenumbers {
class PhoneNumberUtil;
}

namespace shodan::calllink {

/// Turns what a person wrote as a phone number into what may be dialled. Thread-safe.
///
/// libphonenumber knows the world's numbering plans; this class decides what follows from them.
/// Numbers of a possible length outside the ranges that the library knows are dialled with a notice
/// (its metadata ages); everything that might reach an emergency service is refused.
class CallLinkBuilder {
 public:
  /// Loads libphonenumber's metadata (some 10 ms) and silences its own log, which would print
  /// numbers.
  explicit CallLinkBuilder(size_t cached_links_max = kCachedLinksMax);

  /// `number` in UTF-8 as ReadNumberText() describes. `default_region` is the ISO 3166-1 alpha-2
  /// code, in either case, of the country that a number without a country code belongs to; empty
  /// when nobody knows. Errors: INVALID_ARGUMENT with one of the reasons of errors.h and a message
  /// for people that says what to write instead.
  ///
  /// For every accepted number call_uri matches ^zoomphonecall://\+[1-9][0-9]{4,14}$, and building
  /// again from its e164, with the same region or none, gives the same link but for the extension.
  absl::StatusOr<CallLink> Build(std::string_view number, std::string_view default_region) const;

 private:
  using PhoneNumber = i18n::phonenumbers::PhoneNumber;

  absl::StatusOr<std::string> ReadRegion(std::string_view default_region) const;
  absl::StatusOr<CallLink> BuildFresh(std::string_view number, const std::string& region) const;
  absl::Status Understand(const NumberText& text, const std::string& region,
                          PhoneNumber& number) const;
  absl::StatusOr<std::shared_ptr<const CallLink>> Canonical(const NumberText& text,
                                                            const PhoneNumber& number) const;
  CallLink Describe(const PhoneNumber& number, std::string e164) const;
  absl::Status CheckUnknownRange(const PhoneNumber& number) const;
  bool IsEmergency(const NumberText& text, const std::string& region, const PhoneNumber& number,
                   bool known) const;
  bool MayBeWrittenAsWord(const PhoneNumber& number) const;

  const i18n::phonenumbers::PhoneNumberUtil& numbers_;
  ShortCodes short_codes_;
  std::set<std::string> regions_;
  /// Calling codes of countries whose national numbers may begin with 0, like Italy's.
  std::set<int> leading_zero_country_codes_;
  mutable CallLinkCache cache_;
};

}  // namespace shodan::calllink
