// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/token_answer.h"

#include <algorithm>
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
  // Also takes care of NaN, negative and absurd values.
  if (!(seconds >= 0)) seconds = 0;
  return std::min(kMaxLifetime, std::chrono::seconds(static_cast<int64_t>(
                                    std::min(seconds, static_cast<double>(kMaxLifetime.count())))));
}

// A complete JSON string value of `name` in a text that is no complete JSON document. Tokens hold
// no escapes, so a value with one is not taken.
Secret ReadableMember(std::string_view text, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\"";
  size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  at += key.size();
  const auto skip_space = [&] {
    while (at < text.size() &&
           (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) {
      ++at;
    }
  };
  skip_space();
  if (at >= text.size() || text[at] != ':') return {};
  ++at;
  skip_space();
  if (at >= text.size() || text[at] != '"') return {};
  ++at;
  const size_t end = text.find_first_of("\"\\", at);
  if (end == std::string_view::npos || text[end] != '"' || end - at > kTokenBytesMax) return {};
  return Secret(text.substr(at, end - at));
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
    if (body != nullptr) {
      answer.tokens.access_token = SecretMember(*body, "access_token");
      answer.tokens.refresh_token = SecretMember(*body, "refresh_token");
      answer.tokens.scope = Member(*body, "scope");
      answer.tokens.expires_in = Lifetime(*body);
    } else if (Secret refresh_token = ReadableMember(text, "refresh_token");
               !refresh_token.empty()) {
      answer.tokens.access_token = ReadableMember(text, "access_token");
      answer.tokens.refresh_token = std::move(refresh_token);
      answer.tokens.expires_in = kDefaultLifetime;
    } else if (text.starts_with('{')) {
      // Broken off before the refresh token: Zoom has issued one, and only a repetition can tell it.
      answer.verdict = TokenVerdict::kAmbiguous;
      return answer;
    }
    if (!answer.tokens.access_token.empty() || !answer.tokens.refresh_token.empty()) {
      answer.verdict = TokenVerdict::kIssued;
      return answer;
    }
  }
  const bool refused = outcome.error.ok() && body != nullptr &&
                       (outcome.status == 200 || outcome.status == 400 || outcome.status == 401 ||
                        outcome.status == 403);
  answer.verdict = refused ? ClassifyError(*body, answer) : ClassifyFailure(outcome);
  return answer;
}

}  // namespace shodan::tokenvault
