// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/domain/short_codes.h"

#include <algorithm>
#include <list>

#include "phonenumbers/phonenumber.pb.h"
#include "phonenumbers/phonenumberutil.h"

namespace shodan::calllink {
namespace {

using i18n::phonenumbers::PhoneNumberUtil;

// 3GPP TS 22.101 section 10.1.1, less "08": a trunk prefix and an area digit in many countries.
constexpr std::string_view kCodesEverywhere[] = {"112", "911", "000", "110", "999", "118", "119"};
/// No emergency code is longer.
constexpr size_t kCodeDigitsMax = 6;
constexpr size_t kCountryCodeDigitsMax = 3;
constexpr std::string_view kInternationalPrefixes[] = {"0011", "00", "010", "011", "0", ""};

int ToInt(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

bool ShortCodes::IsEmergency(std::string_view digits, const std::string& region) const {
  if (digits.size() > kCodeDigitsMax) return false;
  if (std::ranges::find(kCodesEverywhere, digits) != std::end(kCodesEverywhere)) return true;
  return !region.empty() && short_numbers_.IsEmergencyNumber(std::string(digits), region);
}

bool ShortCodes::BeginsWithEmergency(std::string_view digits, const std::string& region) const {
  return !region.empty() && short_numbers_.ConnectsToEmergencyNumber(std::string(digits), region);
}

bool ShortCodes::IsEmergencyBehindCountryCode(std::string_view digits) const {
  for (const std::string_view prefix : kInternationalPrefixes) {
    if (!digits.starts_with(prefix)) continue;
    const std::string_view rest = digits.substr(prefix.size());
    if (rest.size() > kCountryCodeDigitsMax + kCodeDigitsMax) continue;
    for (size_t size = 1; size <= kCountryCodeDigitsMax && size < rest.size(); ++size) {
      if (IsEmergencyOfCountry(ToInt(rest.substr(0, size)), rest.substr(size))) return true;
    }
  }
  return false;
}

bool ShortCodes::IsEmergencyOfCountry(int country_code, std::string_view digits) const {
  if (digits.size() > kCodeDigitsMax) return false;
  std::list<std::string> regions;
  PhoneNumberUtil::GetInstance()->GetRegionCodesForCountryCallingCode(country_code, &regions);
  return std::ranges::any_of(regions, [&](const std::string& region) {
    return IsEmergency(digits, region) ||
           (digits.starts_with('0') && IsEmergency(digits.substr(1), region));
  });
}

bool ShortCodes::IsShortCode(const i18n::phonenumbers::PhoneNumber& number) const {
  return short_numbers_.IsValidShortNumber(number);
}

}  // namespace shodan::calllink
