// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace shodan::calllink {

/// A phone number as written, taken apart but not yet understood.
struct NumberText {
  bool international = false;  ///< written with a plus sign
  bool has_letters = false;    ///< some digits were written as letters ("1-800-FLOWERS")
  std::string digits;          ///< ASCII digits, at least one
  std::string extension;       ///< ASCII digits, or empty
};

/// Reads UTF-8 text by a closed grammar, so that nothing but digits ever gets further:
///
///   [scheme] ["+"] digits and punctuation [extension] [RFC 3966 parameters]
///
/// scheme: tel: callto: zoomphonecall: (with or without //), or the label "tel"; any case.
/// digits: ASCII, full-width, Arabic, Persian, Devanagari, Bengali, Thai; ITU E.161 letters after
/// the first three digits. punctuation: spaces, hyphens, dots, slashes, round and square brackets,
/// in ASCII, full width and Unicode; invisible marks that copying leaves behind are dropped, those
/// that turn the reading direction around are not accepted. extension: "ext. 12", "x12", "#12",
/// ",12", ";12", ";ext=12", and the Japanese, Russian and Spanish words. RFC 3966: ;ext= ;isub=
/// ;phone-context=+81.
///
/// INVALID_ARGUMENT/NUMBER_EMPTY, /NUMBER_NOT_A_NUMBER. Pure; any input is safe.
absl::StatusOr<NumberText> ReadNumberText(std::string_view input);

}  // namespace shodan::calllink
