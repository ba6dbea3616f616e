// SPDX-License-Identifier: Apache-2.0
// Whatever a signed challenge asks for, its answer is no signature of any event. The input is a
// time, a zero byte, and a body: the body is taken as a challenge, then as an event whose signature
// is wanted.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/token-vault/domain/webhooks/webhook_signature.h"

namespace {

using shodan::Secret;
using namespace shodan::tokenvault;

void Require(bool condition) {
  if (!condition) std::abort();
}

bool IsAllowed(std::string_view token) {
  return !token.empty() && token.size() <= 64 &&
         token.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
             std::string_view::npos;
}

// A challenge whose plain token is what would be signed.
std::string ChallengeFor(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    constexpr char kDigits[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    escaped += "\\u00";
    escaped += kDigits[byte >> 4U];
    escaped += kDigits[byte & 15U];
  }
  return R"({"event":"endpoint.url_validation","payload":{"plainToken":")" + escaped + R"("}})";
}

void CheckAnswer(const Secret& secret, std::string_view challenge_body, std::string_view time,
                 std::string_view event) {
  const auto challenge = ReadChallenge(challenge_body);
  if (!challenge.has_value() || challenge->plain_token.empty()) return;
  Require(IsAllowed(challenge->plain_token));
  const ChallengeAnswer answer = AnswerChallenge(secret, challenge->plain_token);
  Require(answer.plain_token == challenge->plain_token);
  const std::string signature = "v0=" + answer.encrypted_token;
  Require(!SignatureFits(secret, {time, signature, event}));
  Require(!SignatureFits(secret, {time, answer.encrypted_token, event}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Secret secret("the secret token of an app");
  const std::string input(data, data + size);
  const size_t end = input.find('\0');
  const std::string time = input.substr(0, end);
  const std::string body = end == std::string::npos ? std::string() : input.substr(end + 1);

  CheckAnswer(secret, body, time, body);
  CheckAnswer(secret, ChallengeFor("v0:" + time + ":" + body), time, body);
  CheckAnswer(secret, ChallengeFor(body), time, body);
  return 0;
}
