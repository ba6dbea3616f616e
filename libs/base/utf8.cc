// SPDX-License-Identifier: Apache-2.0
#include "libs/base/utf8.h"

#include <cstdint>

namespace shodan {
namespace {

// Length of the sequence that a lead byte announces, 0 for a byte that leads none.
size_t SequenceLength(uint8_t lead) {
  if (lead < 0x80U) return 1;
  if (lead >= 0xC2U && lead <= 0xDFU) return 2;
  if (lead >= 0xE0U && lead <= 0xEFU) return 3;
  if (lead >= 0xF0U && lead <= 0xF4U) return 4;
  return 0;
}

// Excludes overlong forms, surrogates and what lies beyond U+10FFFF: all show in the second byte.
bool IsSecondByte(uint8_t lead, uint8_t second) {
  const uint8_t low = lead == 0xE0U ? 0xA0U : lead == 0xF0U ? 0x90U : 0x80U;
  const uint8_t high = lead == 0xEDU ? 0x9FU : lead == 0xF4U ? 0x8FU : 0xBFU;
  return second >= low && second <= high;
}

}  // namespace

std::optional<size_t> CountCharacters(std::string_view text) {
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++characters) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const size_t length = SequenceLength(lead);
    if (length == 0 || text.size() - i < length) return std::nullopt;
    if (length > 1 && !IsSecondByte(lead, static_cast<uint8_t>(text[i + 1]))) return std::nullopt;
    for (size_t k = 2; k < length; ++k) {
      if ((static_cast<uint8_t>(text[i + k]) & 0xC0U) != 0x80U) return std::nullopt;
    }
    i += length;
  }
  return characters;
}

}  // namespace shodan
