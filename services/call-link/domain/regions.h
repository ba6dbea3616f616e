// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace i18n::phonenumbers {
class PhoneNumber;
}

namespace shodan::calllink {

/// The country whose rules apply to a number that may not exist: the default region when the number
/// has its country code, else the main country of its code. "001" or "ZZ" for numbers of none.
std::string ProbableRegion(const i18n::phonenumbers::PhoneNumber& number,
                           const std::string& default_region);

}  // namespace shodan::calllink
