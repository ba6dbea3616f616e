// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/deliveries/signature.h"

#include <chrono>
#include <cstdint>
#include <optional>

#include "libs/base/encoding.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"

namespace shodan::automation {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr size_t kKeyBytes = 32;

Secret KeyOf(const Secret& secret) {
  const std::string_view text = secret.Expose(SecretAccess::ForHashing());
  return Secret::Take(Base64Decode(text.substr(kPrefix.size())).value_or(""));
}

std::string SecondsOf(Time time) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count());
}

}  // namespace

Secret NewEndpointSecret() {
  std::string bytes = RandomBytes(kKeyBytes);
  std::string encoded = Base64Encode(bytes);
  std::string text = Join(kPrefix, encoded);
  WipeString(bytes);
  WipeString(encoded);
  return Secret::Take(std::move(text));
}

std::string StandardSignature(const std::vector<Secret>& secrets, const Message& message) {
  const std::string content = Join(message.id, ".", SecondsOf(message.time), ".", message.body);
  std::string value;
  for (const Secret& secret : secrets) {
    value +=
        Join(value.empty() ? "" : " ", "v1,", Base64Encode(HmacSha256(KeyOf(secret), content)));
  }
  return value;
}

std::string NangoSignature(const Secret& secret, std::string_view body) {
  return HexEncode(HmacSha256(secret, body));
}

std::vector<std::pair<std::string, Secret>> SignedHeaders(const std::vector<Secret>& secrets,
                                                          const Message& message) {
  std::vector<std::pair<std::string, Secret>> headers;
  headers.emplace_back("content-type", Secret("application/json"));
  headers.emplace_back("user-agent", Secret("shodan-webhooks"));
  headers.emplace_back("webhook-id", Secret(message.id));
  headers.emplace_back("webhook-timestamp", Secret(SecondsOf(message.time)));
  headers.emplace_back("webhook-signature", Secret(StandardSignature(secrets, message)));
  headers.emplace_back("x-nango-hmac-sha256", Secret(NangoSignature(secrets.back(), message.body)));
  return headers;
}

}  // namespace shodan::automation
