// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/validation.h"

#include <algorithm>
#include <optional>

#include "libs/base/strings.h"
#include "libs/base/utf8.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {
namespace {

constexpr std::string_view kRequired = "REQUIRED";
constexpr std::string_view kTooLong = "TOO_LONG";
constexpr std::string_view kMalformed = "MALFORMED";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsProjectCharacter(char c) { return IsDigit(c) || (c >= 'a' && c <= 'z') || c == '-'; }
bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

void RequestCheck::Add(std::string_view field, std::string_view reason,
                       std::string_view description) {
  violations_.push_back({std::string(field), std::string(reason), std::string(description)});
}

void RequestCheck::Owner(const UserKey& owner) {
  ProjectId(owner.project_id);
  if (owner.user_id.empty()) {
    Add("userId", kRequired, "must not be empty");
    return;
  }
  OptionalText("userId", owner.user_id, kMaxIdBytes);
}

void RequestCheck::ProjectId(std::string_view text) {
  if (text.empty()) {
    Add("projectId", kRequired, "must not be empty");
  } else if (text.size() > kMaxProjectIdBytes ||
             !std::all_of(text.begin(), text.end(), IsProjectCharacter)) {
    Add("projectId", kMalformed, "must be 1 to 63 characters of a-z, 0-9 and -");
  }
}

void RequestCheck::Uuid(std::string_view field, std::string_view text) {
  if (text.empty()) {
    Add(field, kRequired, "must not be empty");
    return;
  }
  OptionalUuid(field, text);
}

void RequestCheck::OptionalUuid(std::string_view field, std::string_view text) {
  if (text.empty() || IsUuid(std::string(text))) return;
  Add(field, kMalformed,
      "must be a UUID in lower case, for example 6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e");
}

void RequestCheck::OptionalText(std::string_view field, std::string_view text, size_t max_bytes) {
  if (text.size() > max_bytes) {
    Add(field, kTooLong, Join("must be at most ", std::to_string(max_bytes), " bytes"));
  } else if (text.find('\0') != std::string_view::npos || !CountCharacters(text).has_value()) {
    Add(field, kMalformed, "must be UTF-8 text without NUL characters");
  }
}

void RequestCheck::RequiredText(std::string_view field, std::string_view text,
                                size_t max_characters) {
  if (text.empty()) {
    Add(field, kRequired, "must not be empty");
    return;
  }
  const std::optional<size_t> characters = CountCharacters(text);
  if (!characters.has_value() || text.find('\0') != std::string_view::npos) {
    Add(field, kMalformed, "must be UTF-8 text without NUL characters");
  } else if (*characters > max_characters) {
    Add(field, kTooLong, Join("must be at most ", std::to_string(max_characters), " characters"));
  }
}

void RequestCheck::OptionalExternalId(std::string_view field, std::string_view text) {
  if (text.empty()) return;
  if (text.size() > kMaxIdBytes) {
    Add(field, kTooLong, Join("must be at most ", std::to_string(kMaxIdBytes), " characters"));
  } else if (!std::all_of(text.begin(), text.end(), IsPrintable) || text.front() == ' ' ||
             text.back() == ' ' || text == "." || text == "..") {
    Add(field, kMalformed,
        "must be printable ASCII characters without a space at either end, not a dot or two");
  }
}

void RequestCheck::PhoneNumber(std::string_view field, std::string_view text) {
  if (text.empty()) {
    Add(field, kRequired, "must not be empty");
    return;
  }
  const bool plausible = text.size() >= 3 && text.size() <= 16 && text[0] == '+' &&
                         text[1] != '0' && std::all_of(text.begin() + 1, text.end(), IsDigit);
  if (!plausible) {
    Add(field, kMalformed, "must be an E.164 number, for example +81312345678");
  }
}

void RequestCheck::RegionCode(std::string_view field, std::string_view text) {
  if (text.empty()) return;
  if (text.size() != 2 || !std::all_of(text.begin(), text.end(), IsUpper)) {
    Add(field, kMalformed, "must be an ISO 3166-1 code of two capital letters, for example JP");
  }
}

void RequestCheck::Etag(std::string_view text) { OptionalText("etag", text, kMaxEtagBytes); }

absl::Status RequestCheck::Finish() const {
  if (violations_.empty()) return absl::OkStatus();
  return InvalidFields(violations_);
}

}  // namespace shodan::account_link
