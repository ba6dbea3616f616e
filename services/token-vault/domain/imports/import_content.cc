// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/imports/import_content.h"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/token-vault/domain/errors.h"

namespace shodan::tokenvault {
namespace {

namespace json = boost::json;

constexpr size_t kTokenBytesMax = 4'096;
constexpr size_t kTimeBytesMax = 64;

absl::Status Invalid(std::string_view field, std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, kImportContentInvalid,
                   Join("Of what was encrypted, ", field, " must be ", what, "."),
                   {{"field", std::string(field)}});
}

// RFC 6749 appendix A.17 allows a refresh token visible characters and spaces; nobody uses spaces.
bool IsText(const json::value& value, size_t max) {
  if (!value.is_string()) return false;
  const json::string& text = value.get_string();
  return !text.empty() && text.size() <= max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

absl::StatusOr<Secret> ReadImportContent(const Secret& content, const std::string& user_id) {
  boost::system::error_code error;
  json::value document = json::parse(content.Expose(SecretAccess::ForEncryption()), error);
  if (error || !document.is_object()) return Invalid("envelope", "a JSON object");
  json::object& members = document.get_object();
  Secret refresh_token;
  bool named = false;
  for (json::key_value_pair& member : members) {
    const std::string_view name(member.key().data(), member.key().size());
    json::value& value = member.value();
    if (name == "userId") {
      named = value.is_string() &&
              std::string_view(value.get_string().data(), value.get_string().size()) == user_id;
      if (!named) return Invalid("userId", "the user of the line");
    } else if (name == "refreshToken") {
      if (!IsText(value, kTokenBytesMax)) {
        return Invalid("refreshToken", "1 to 4,096 visible ASCII characters");
      }
      json::string& text = value.get_string();
      refresh_token = Secret(std::string_view(text.data(), text.size()));
      std::fill(text.begin(), text.end(), '\0');
    } else if (name == "accessToken") {
      if (!IsText(value, kTokenBytesMax)) {
        return Invalid("accessToken", "1 to 4,096 visible ASCII characters");
      }
      std::fill(value.get_string().begin(), value.get_string().end(), '\0');
    } else if (name == "expireTime") {
      if (!IsText(value, kTimeBytesMax)) return Invalid("expireTime", "a time in RFC 3339");
    } else {
      return Invalid("envelope", "an object without other members");
    }
  }
  if (!named) return Invalid("userId", "the user of the line");
  if (refresh_token.empty()) return Invalid("refreshToken", "there");
  return refresh_token;
}

}  // namespace shodan::tokenvault
