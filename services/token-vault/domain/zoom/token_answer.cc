// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/zoom/token_answer.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <boost/json.hpp>

#include "absl/strings/numbers.h"
#include "libs/https_client/retry_after.h"

namespace shodan::tokenvault {
namespace {

namespace json = boost::json;

// Without expires_in the token is used at once and refreshed soon.
constexpr std::chrono::seconds kDefaultLifetime{300};
constexpr std::chrono::seconds kMaxLifetime{24 * 3600};
constexpr size_t kTokenBytesMax = 8 << 10;

std::string Member(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return "";
  return std::string(std::string_view(value->get_string()));
}

Secret SecretMember(const json::object& object, const char* name) {
  std::string text = Member(object, name);
  if (text.size() > kTokenBytesMax) WipeString(text);
  return Secret::Take(std::move(text));
}

std::chrono::seconds Lifetime(const json::object& object) {
  const json::value* value = object.if_contains("expires_in");
  double seconds = static_cast<double>(kDefaultLifetime.count());
  if (value != nullptr && value->is_number()) {
    seconds = value->to_number<double>();
  } else if (value != nullptr && value->is_string()) {
    const std::string text(std::string_view(value->get_string()));
    if (!absl::SimpleAtod(text, &seconds)) seconds = static_cast<double>(kDefaultLifetime.count());
  }
  // NaN, zero and negative say nothing about a token that was just issued.
  if (!(seconds >= 1)) return kDefaultLifetime;
  return std::chrono::seconds(
      static_cast<int64_t>(std::min(seconds, static_cast<double>(kMaxLifetime.count()))));
}

// The text from `at`, which is behind an opening quotation mark, up to the closing one; moves `at`
// behind that. nullopt when the text ends before.
std::optional<std::string_view> TakeString(std::string_view text, size_t& at) {
  const size_t begin = at;
  while (at < text.size()) {
    const char c = text[at++];
    if (c == '\\') {
      ++at;
    } else if (c == '"') {
      return text.substr(begin, at - 1 - begin);
    }
  }
  return std::nullopt;
}

void SkipSpace(std::string_view text, size_t& at) {
  at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

// A complete string value of the outermost object's member `name`, in a text that need not be a
// complete JSON document. Tokens hold no escapes, so a value with one is not taken.
Secret ReadableMember(std::string_view text, std::string_view name) {
  int depth = 0;
  bool key_next = false;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c == '{' || c == '[') {
      ++depth;
      key_next = c == '{';
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == ',') {
      key_next = true;
    } else if (c == '"') {
      const std::optional<std::string_view> string = TakeString(text, at);
      const bool key = depth == 1 && std::exchange(key_next, false) && string == name;
      if (!key) continue;
      SkipSpace(text, at);
      if (at >= text.size() || text[at++] != ':') return {};
      SkipSpace(text, at);
      if (at >= text.size() || text[at++] != '"') return {};
      const std::optional<std::string_view> value = TakeString(text, at);
      const bool good = value.has_value() && value->size() <= kTokenBytesMax &&
                        value->find('\\') == std::string_view::npos;
      return good ? Secret(*value) : Secret();
    }
  }
  return {};
}

// What can be saved of a 200 that is no JSON object. False when that does not look like one broken
// off: a page says nothing about tokens.
bool ReadBrokenAnswer(std::string_view text, TokenAnswer& answer) {
  size_t begin = 0;
  SkipSpace(text, begin);
  if (!text.substr(begin).starts_with('{')) return false;
  answer.tokens.refresh_token = ReadableMember(text, "refresh_token");
  if (answer.tokens.refresh_token.empty()) {
    // Broken off before the refresh token: Zoom has issued one, and only a repetition can tell it.
    answer.verdict = TokenVerdict::kAmbiguous;
    return true;
  }
  answer.tokens.access_token = ReadableMember(text, "access_token");
  answer.tokens.expires_in = kDefaultLifetime;
  answer.verdict = TokenVerdict::kIssued;
  return true;
}

bool ReadCompleteAnswer(const json::object& body, TokenAnswer& answer) {
  answer.tokens.access_token = SecretMember(body, "access_token");
  answer.tokens.refresh_token = SecretMember(body, "refresh_token");
  if (answer.tokens.access_token.empty() && answer.tokens.refresh_token.empty()) return false;
  answer.tokens.scope = Member(body, "scope");
  answer.tokens.expires_in = Lifetime(body);
  answer.verdict = TokenVerdict::kIssued;
  return true;
}

bool IsConfigError(const std::string& error, const std::string& reason, int64_t number) {
  static const std::set<int64_t> kNumbers = {4702, 4704, 4706, 4717};
  return error == "invalid_client" || error == "unauthorized_client" ||
         reason == "Invalid client_id or client_secret" || kNumbers.contains(number);
}

bool IsRejection(const std::string& error, const std::string& reason, int64_t number) {
  static const std::set<int64_t> kNumbers = {4733, 4734, 4735, 4737, 4738, 4740, 4741};
  return error == "invalid_grant" || reason == "Invalid Token!" ||
         reason.starts_with("Invalid authorization code") || kNumbers.contains(number);
}

int64_t ErrorNumber(const json::object& object) {
  for (const char* name : {"code", "errorCode", "error_code"}) {
    const json::value* value = object.if_contains(name);
    if (value != nullptr && value->is_int64()) return value->get_int64();
  }
  return 0;
}

TokenVerdict ClassifyError(const json::object& body, TokenAnswer& answer) {
  const std::string error = Member(body, "error");
  const std::string reason = Member(body, "reason");
  const int64_t number = ErrorNumber(body);
  if (IsConfigError(error, reason, number)) return TokenVerdict::kConfig;
  if (IsRejection(error, reason, number)) {
    // 4735: "Token owner does not exist", 4738: disabled by the administrator.
    answer.account_inactive = number == 4735 || number == 4738;
    return TokenVerdict::kRejected;
  }
  return TokenVerdict::kTransient;
}

TokenVerdict ClassifyFailure(const HttpsOutcome& outcome) {
  if (!outcome.may_have_been_sent) return TokenVerdict::kTransient;
  const bool gateway_failed = outcome.status == 502 || outcome.status == 504;
  return !outcome.error.ok() || gateway_failed ? TokenVerdict::kAmbiguous
                                               : TokenVerdict::kTransient;
}

}  // namespace

TokenAnswer ReadTokenAnswer(const HttpsOutcome& outcome,
                            std::chrono::system_clock::time_point now) {
  TokenAnswer answer;
  answer.status = outcome.status;
  if (const auto id = outcome.headers.find("x-zm-trackingid"); id != outcome.headers.end()) {
    answer.tracking_id = id->second.substr(0, 128);
  }
  if (const auto delay = outcome.headers.find("retry-after"); delay != outcome.headers.end()) {
    answer.retry_after = ParseRetryAfter(delay->second, now);
  }
  const std::string_view text = outcome.body.Expose(SecretAccess::ForEncryption());
  boost::system::error_code error;
  const json::value document = json::parse(text, error);
  const json::object* body = error ? nullptr : document.if_object();
  if (outcome.status == 200 || outcome.status == 201) {
    const bool told =
        body != nullptr ? ReadCompleteAnswer(*body, answer) : ReadBrokenAnswer(text, answer);
    if (told) return answer;
  }
  // An error under status 200 is somebody's mistake, not Zoom's word about the token.
  const bool refused = outcome.error.ok() && body != nullptr &&
                       (outcome.status == 400 || outcome.status == 401 || outcome.status == 403);
  answer.verdict = refused ? ClassifyError(*body, answer) : ClassifyFailure(outcome);
  return answer;
}

}  // namespace shodan::tokenvault
