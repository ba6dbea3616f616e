// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/webhooks/webhook_signature.h"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "libs/base/encoding.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"

namespace shodan::tokenvault {
namespace {

namespace json = boost::json;

constexpr std::string_view kVersion = "v0";
constexpr std::string_view kValidationEvent = "endpoint.url_validation";
constexpr size_t kPlainTokenBytesMax = 64;
// A challenge is some 150 bytes; what is longer is an event, and need not be parsed here.
constexpr size_t kChallengeBytesMax = 4'096;

bool IsPlainToken(std::string_view text) {
  return !text.empty() && text.size() <= kPlainTokenBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

const json::string* TextIn(const json::object& object, json::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_string();
}

}  // namespace

bool SignatureFits(const Secret& secret, const SignedWebhook& webhook) {
  if (secret.empty()) return false;
  const std::string mac =
      HmacSha256(secret, Join(kVersion, ":", webhook.timestamp, ":", webhook.body));
  return ConstantTimeEquals(Join(kVersion, "=", HexEncode(mac)), webhook.signature);
}

std::optional<Challenge> ReadChallenge(std::string_view body) {
  if (body.size() > kChallengeBytesMax) return std::nullopt;
  json::error_code error;
  const json::value document = json::parse({body.data(), body.size()}, error);
  const json::object* event = error ? nullptr : document.if_object();
  if (event == nullptr) return std::nullopt;
  const json::string* name = TextIn(*event, "event");
  if (name == nullptr ||
      *name != json::string_view(kValidationEvent.data(), kValidationEvent.size()))
    return std::nullopt;
  Challenge challenge;
  const json::value* payload = event->if_contains("payload");
  if (payload == nullptr || !payload->is_object()) return challenge;
  const json::string* token = TextIn(payload->get_object(), "plainToken");
  if (token != nullptr && IsPlainToken({token->data(), token->size()})) {
    challenge.plain_token.assign(token->data(), token->size());
  }
  return challenge;
}

ChallengeAnswer AnswerChallenge(const Secret& secret, const std::string& plain_token) {
  return {plain_token, HexEncode(HmacSha256(secret, plain_token))};
}

}  // namespace shodan::tokenvault
