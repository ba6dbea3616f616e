// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "phonenumbers/phonenumberutil.h"

namespace shodan::calllink {

/// The refusals of libphonenumber in our words: the reason, and what to write instead. The region
/// may be empty. OK where the library has no objection.

/// Of a number that could not be parsed.
absl::Status RefusalOf(i18n::phonenumbers::PhoneNumberUtil::ErrorType error, bool international,
                       const std::string& region);
/// Of a parsed number whose count of digits does not fit its country.
absl::Status RefusalOf(i18n::phonenumbers::PhoneNumberUtil::ValidationResult result,
                       const i18n::phonenumbers::PhoneNumber& number,
                       const std::string& default_region);

absl::Status EmergencyRefusal();
absl::Status RegionRequiredRefusal();
absl::Status TooManyDigitsRefusal(const std::string& region);
absl::Status TooShortRefusal(const std::string& region);

}  // namespace shodan::calllink
