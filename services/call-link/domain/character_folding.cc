// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/domain/character_folding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/status.h"
#include "services/call-link/domain/errors.h"

namespace shodan::calllink {
namespace {

constexpr char kDropped = '\0';

// Takes one code point off the front; nullopt when the bytes are not UTF-8 (RFC 3629: shortest form
// only, no surrogates, at most U+10FFFF).
std::optional<char32_t> TakeCodePoint(std::string_view& text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  size_t size = 1;
  char32_t code = lead;
  char32_t smallest = 0;
  if (lead >= 0xF0 && lead <= 0xF4) {
    size = 4, code = lead & 0x07u, smallest = 0x10000;
  } else if (lead >= 0xE0 && lead < 0xF0) {
    size = 3, code = lead & 0x0Fu, smallest = 0x800;
  } else if (lead >= 0xC2 && lead < 0xE0) {
    size = 2, code = lead & 0x1Fu, smallest = 0x80;
  } else if (lead >= 0x80) {
    return std::nullopt;
  }
  if (text.size() < size) return std::nullopt;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return std::nullopt;
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < smallest || surrogate || code > 0x10FFFF) return std::nullopt;
  text.remove_prefix(size);
  return code;
}

std::optional<char> FoldAscii(char32_t code) {
  const char c = static_cast<char>(code);
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  if (c >= 'a' && c <= 'z') return c;
  if (c >= '0' && c <= '9') return c;
  if (c == '\t') return ' ';
  if (std::string_view(" +-()[]./,;:#=*").find(c) != std::string_view::npos) return c;
  return std::nullopt;
}

std::optional<char> FoldDigit(char32_t code) {
  // Zeros of Arabic, Persian, Devanagari, Bengali and Thai digits.
  constexpr std::array<char32_t, 5> kZeros = {0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50};
  for (const char32_t zero : kZeros) {
    if (code >= zero && code <= zero + 9) return static_cast<char>('0' + (code - zero));
  }
  return std::nullopt;
}

struct Range {
  char32_t first;
  char32_t last;
  char ascii;
};

// In ascending order. U+202D, U+202E and the right-to-left embeddings are absent on purpose: with
// them a number reads differently from what would be dialled.
constexpr Range kRanges[] = {
    {0x00A0, 0x00A0, ' '},       // no-break space
    {0x00AD, 0x00AD, kDropped},  // soft hyphen
    {0x00B7, 0x00B7, '.'},       // middle dot
    {0x061C, 0x061C, kDropped},  // Arabic letter mark
    {0x2000, 0x200A, ' '},       // spaces of all widths
    {0x200B, 0x200F, kDropped},  // zero-width characters, direction marks
    {0x2010, 0x2015, '-'},       // hyphens and dashes
    {0x202A, 0x202A, kDropped},  // left-to-right embedding
    {0x202C, 0x202C, kDropped},  // end of an embedding
    {0x202F, 0x202F, ' '},       // narrow no-break space
    {0x205F, 0x205F, ' '},       // mathematical space
    {0x2060, 0x2060, kDropped},  // word joiner
    {0x2066, 0x2066, kDropped},  // left-to-right isolate
    {0x2068, 0x2069, kDropped},  // first-strong isolate, end of an isolate
    {0x2212, 0x2212, '-'},       // minus sign
    {0x3000, 0x3000, ' '},       // ideographic space
    {0x30FB, 0x30FB, '.'},       // katakana middle dot
    {0x30FC, 0x30FC, '-'},       // katakana long vowel mark, typed for a hyphen
    {0xFE0E, 0xFE0F, kDropped},  // variation selectors
    {0xFE62, 0xFE62, '+'},       // small plus sign
    {0xFE63, 0xFE63, '-'},       // small hyphen
    {0xFEFF, 0xFEFF, kDropped},  // byte order mark
    {0xFF70, 0xFF70, '-'},       // half-width katakana long vowel mark
};

std::optional<char> Fold(char32_t code) {
  if (code < 0x80) return FoldAscii(code);
  if (code >= 0xFF01 && code <= 0xFF5E) return FoldAscii(code - 0xFF01 + '!');  // full width
  for (const Range& range : kRanges) {
    if (code >= range.first && code <= range.last) return range.ascii;
  }
  return FoldDigit(code);
}

// Words for "extension" that are not written in ASCII.
constexpr std::string_view kExtensionWords[] = {"内線", "доб", "ДОБ", "Доб"};

std::string_view TakeExtensionWord(std::string_view text) {
  for (const std::string_view word : kExtensionWords) {
    if (text.substr(0, word.size()) == word) return word;
  }
  return {};
}

}  // namespace

absl::StatusOr<std::string> FoldCharacters(std::string_view utf8) {
  std::string folded;
  while (!utf8.empty()) {
    if (const std::string_view word = TakeExtensionWord(utf8); !word.empty()) {
      folded += 'x';
      utf8.remove_prefix(word.size());
      continue;
    }
    const std::optional<char32_t> code = TakeCodePoint(utf8);
    if (!code.has_value()) {
      return InvalidArgument(kNumberNotANumber,
                             "The number is not UTF-8 text; write it with digits only.");
    }
    const std::optional<char> ascii = Fold(*code);
    if (!ascii.has_value()) {
      return InvalidArgument(
          kNumberNotANumber,
          absl::StrFormat("The number contains a character that phone numbers do not have "
                          "(U+%04X); remove it.",
                          static_cast<uint32_t>(*code)));
    }
    if (*ascii != kDropped) folded += *ascii;
  }
  return folded;
}

}  // namespace shodan::calllink
