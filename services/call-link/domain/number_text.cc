// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/domain/number_text.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/call-link/domain/character_folding.h"
#include "services/call-link/domain/errors.h"
#include "services/call-link/domain/limits.h"

namespace shodan::calllink {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n\f\v";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kPunctuation = " -().[]/";
/// Fewer letters are a slip of the finger, not a word.
constexpr int kVanityLettersMin = 3;
constexpr size_t kDigitsBeforeLettersMin = 3;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
bool AllDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of(kDigits) == std::string_view::npos;
}

std::string_view Trim(std::string_view text, std::string_view characters = kWhiteSpace) {
  const size_t first = text.find_first_not_of(characters);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(characters) - first + 1);
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

absl::Status NotANumber(std::string_view what) { return InvalidArgument(kNumberNotANumber, what); }

absl::Status NoDigits() {
  return NotANumber(
      "There are no digits in it; write a phone number, for example +81 3-1234-5678.");
}

void RemoveScheme(std::string_view& text) {
  for (const std::string_view scheme : {"tel:", "callto:", "zoomphonecall:"}) {
    if (TakePrefix(text, scheme)) {
      TakePrefix(text, "//");
      text = Trim(text);
      return;
    }
  }
  for (const std::string_view label : {"tel.", "tel "}) {
    if (TakePrefix(text, label)) {
      text = Trim(text, " .:");
      return;
    }
  }
}

absl::Status SetExtension(std::string_view digits, NumberText& number) {
  if (!number.extension.empty()) {
    return NotANumber("There are two extensions in it; write one number with one extension.");
  }
  if (digits.size() > kExtensionDigitsMax) {
    return NotANumber("The extension has more than 20 digits; write one phone number.");
  }
  number.extension = std::string(digits);
  return absl::OkStatus();
}

// Reads what follows the first semicolon: RFC 3966 section 3 parameters, or the ";12" that phone
// books write for an extension. `context` receives the digits of a global phone-context.
absl::Status ReadParameters(std::string_view text, NumberText& number, std::string& context) {
  while (!text.empty()) {
    const size_t end = text.find(';');
    std::string_view parameter = Trim(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (parameter.empty()) continue;
    if (TakePrefix(parameter, "isub=")) continue;
    if (TakePrefix(parameter, "phone-context=")) {
      if (!TakePrefix(parameter, "+") || !AllDigits(parameter)) {
        return NotANumber(
            "It is a number inside a private network; write it with + and the country code.");
      }
      context = std::string(parameter);
      continue;
    }
    TakePrefix(parameter, "ext=");
    std::string digits(parameter);
    std::erase_if(digits, [](char c) { return kPunctuation.find(c) != std::string_view::npos; });
    if (!AllDigits(digits)) {
      return NotANumber("What follows the semicolon is not an extension; remove it.");
    }
    SHODAN_RETURN_IF_ERROR(SetExtension(digits, number));
  }
  return absl::OkStatus();
}

// Removes "ext. 12" and its relatives from the end of `text`.
absl::Status TakeExtension(std::string_view& text, NumberText& number) {
  const std::string_view unbracketed = Trim(text, " )]");
  const size_t before_digits = unbracketed.find_last_not_of(kDigits);
  if (before_digits == std::string_view::npos || before_digits + 1 == unbracketed.size()) {
    return absl::OkStatus();
  }
  const std::string_view digits = unbracketed.substr(before_digits + 1);
  std::string_view head = Trim(unbracketed.substr(0, before_digits + 1), " .:-");
  for (const std::string_view marker :
       {"extension", "anexo", "extn", "ext", "int", "x", "#", ","}) {
    if (head.size() < marker.size() || head.substr(head.size() - marker.size()) != marker) continue;
    head.remove_suffix(marker.size());
    if (IsLetter(marker.front()) && !head.empty() && IsLetter(head.back())) continue;
    if (marker == ",") head = head.substr(0, head.find_last_not_of(", ") + 1);
    text = Trim(head, " ([,");
    return SetExtension(digits, number);
  }
  return absl::OkStatus();
}

// ITU-T E.161: the digit that shares a key with the letter.
char KeyOf(char letter) {
  constexpr std::string_view kKeys = "22233344455566677778889999";
  return kKeys[static_cast<size_t>(letter - 'a')];
}

absl::Status ReadDigits(std::string_view text, NumberText& number) {
  int letters = 0;
  for (const char c : text) {
    if (IsDigit(c)) {
      number.digits += c;
    } else if (IsLetter(c)) {
      if (number.digits.size() < kDigitsBeforeLettersMin) {
        return NotANumber("There are letters in it; write digits only.");
      }
      number.digits += KeyOf(c);
      ++letters;
    } else if (c == '+') {
      if (number.international || !number.digits.empty()) {
        return NotANumber("A plus sign is only allowed once, before the country code.");
      }
      number.international = true;
    } else if (kPunctuation.find(c) == std::string_view::npos) {
      return NotANumber(
          Join("The character ", std::string(1, c), " cannot be dialled here; write digits only."));
    }
  }
  if (letters != 0 && letters < kVanityLettersMin) {
    return NotANumber("There are letters in it; write digits only.");
  }
  number.has_letters = letters != 0;
  return number.digits.empty() ? NoDigits() : absl::OkStatus();
}

}  // namespace

absl::StatusOr<NumberText> ReadNumberText(std::string_view input) {
  SHODAN_ASSIGN_OR_RETURN(const std::string folded, FoldCharacters(Trim(input)));
  std::string_view text = Trim(folded);
  RemoveScheme(text);
  if (text.empty()) {
    return InvalidArgument(kNumberEmpty, "The number is empty; write a phone number.");
  }

  NumberText number;
  std::string context;
  if (const size_t semicolon = text.find(';'); semicolon != std::string_view::npos) {
    SHODAN_RETURN_IF_ERROR(ReadParameters(text.substr(semicolon + 1), number, context));
    text = Trim(text.substr(0, semicolon));
  }
  SHODAN_RETURN_IF_ERROR(TakeExtension(text, number));
  if (text.empty()) return NotANumber("There is an extension but no number; write both.");
  SHODAN_RETURN_IF_ERROR(ReadDigits(text, number));
  if (!context.empty() && !number.international) {
    number.international = true;
    number.digits.insert(0, context);
  }
  return number;
}

}  // namespace shodan::calllink
