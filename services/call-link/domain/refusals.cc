// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/domain/refusals.h"

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "phonenumbers/phonenumber.pb.h"
#include "services/call-link/domain/errors.h"
#include "services/call-link/domain/regions.h"

namespace shodan::calllink {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr std::string_view kExampleAnywhere = "+81 3-1234-5678";

// A number of the region as written from abroad.
std::string Example(const std::string& region) {
  const PhoneNumberUtil& numbers = *PhoneNumberUtil::GetInstance();
  PhoneNumber example;
  if (region.empty() || !numbers.GetExampleNumber(region, &example)) {
    return std::string(kExampleAnywhere);
  }
  std::string text;
  numbers.Format(example, PhoneNumberUtil::INTERNATIONAL, &text);
  return text;
}

// "in JP" for the messages; numbers of no country have none.
std::string In(const std::string& region) {
  const bool country = region.size() == 2 && region != "ZZ";
  return country ? Join(" in ", region) : std::string();
}

}  // namespace

absl::Status EmergencyRefusal() {
  return InvalidArgument(kNumberEmergency,
                         "This reaches an emergency service, which links never dial; use a "
                         "telephone.");
}

absl::Status RegionRequiredRefusal() {
  return InvalidArgument(kNumberRegionRequired,
                         Join("It is not known which country this number belongs to; write it with "
                              "+ and the country code, for example ",
                              kExampleAnywhere, ", or give a default region."));
}

absl::Status TooManyDigitsRefusal(const std::string& region) {
  return InvalidArgument(kNumberTooManyDigits,
                         Join("There are more digits in it than a phone number", In(region),
                              " has; write one number, for example ", Example(region), "."));
}

absl::Status TooShortRefusal(const std::string& region) {
  return InvalidArgument(kNumberTooShort,
                         Join("There are fewer digits in it than a phone number", In(region),
                              " has; write the whole number, for example ", Example(region), "."));
}

absl::Status RefusalOf(PhoneNumberUtil::ErrorType error, bool international,
                       const std::string& region) {
  switch (error) {
    case PhoneNumberUtil::NO_PARSING_ERROR:
      return absl::OkStatus();
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
      if (!international && region.empty()) return RegionRequiredRefusal();
      return InvalidArgument(kNumberUnknownCountryCode,
                             Join("The digits after the + are no country's code; write + and the "
                                  "country code, for example ",
                                  kExampleAnywhere, "."));
    case PhoneNumberUtil::TOO_LONG_NSN:
      return TooManyDigitsRefusal(international ? std::string() : region);
    case PhoneNumberUtil::NOT_A_NUMBER:  // only digits get here, so there is but one
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN:
      break;
  }
  return TooShortRefusal(international ? std::string() : region);
}

absl::Status RefusalOf(PhoneNumberUtil::ValidationResult result, const PhoneNumber& number,
                       const std::string& default_region) {
  const std::string region = ProbableRegion(number, default_region);
  switch (result) {
    case PhoneNumberUtil::IS_POSSIBLE:
      return absl::OkStatus();
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
      return InvalidArgument(
          kNumberTooShort, Join("The area code is missing; write the number with it, for example ",
                                Example(region), "."));
    case PhoneNumberUtil::INVALID_COUNTRY_CODE:
      return RefusalOf(PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR, /*international=*/true, region);
    case PhoneNumberUtil::TOO_SHORT:
      return TooShortRefusal(region);
    case PhoneNumberUtil::TOO_LONG:
      return TooManyDigitsRefusal(region);
    case PhoneNumberUtil::INVALID_LENGTH:
      break;
  }
  return InvalidArgument(kNumberImpossibleLength,
                         Join("No phone number", In(region),
                              " has this many digits; one looks like ", Example(region), "."));
}

}  // namespace shodan::calllink
