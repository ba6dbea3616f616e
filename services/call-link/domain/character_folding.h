// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace shodan::calllink {

/// Reduces the characters that people write phone numbers with to lower-case ASCII: digits and
/// letters of other widths and scripts, every kind of space and hyphen, brackets. Invisible marks
/// disappear. The words for "extension" of several languages become "x".
///
/// INVALID_ARGUMENT/NUMBER_NOT_A_NUMBER names the first character (as U+XXXX) that has no place in
/// a phone number, or says that the text is not UTF-8.
absl::StatusOr<std::string> FoldCharacters(std::string_view utf8);

}  // namespace shodan::calllink
