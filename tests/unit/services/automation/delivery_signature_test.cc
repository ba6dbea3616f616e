// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "services/automation/domain/deliveries/secret_sealing.h"
#include "services/automation/domain/deliveries/signature.h"
#include "tests/support/status_matchers.h"

namespace shodan::automation {
namespace {

using shodan::testing::IsError;

// The vector that Standard Webhooks publishes with its libraries.
constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kId[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr char kBody[] = R"({"test": 2432232314})";
constexpr char kSignature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const Time kTime{std::chrono::seconds(1'614'265'330)};

std::vector<Secret> Secrets(const std::vector<std::string>& texts) {
  std::vector<Secret> secrets;
  for (const std::string& text : texts) secrets.emplace_back(text);
  return secrets;
}

std::string Sign(const std::string& secret, const std::string& id, Time time,
                 const std::string& body) {
  return StandardSignature(Secrets({secret}), {id, time, body});
}

std::string_view Shown(const Secret& secret) { return secret.Expose(SecretAccess::ForTest()); }

}  // namespace

TEST_CASE("the published vector of Standard Webhooks", "[deliveries]") {
  CHECK(Sign(kSecret, kId, kTime, kBody) == kSignature);
  CHECK(Sign(kSecret, kId, kTime + std::chrono::milliseconds(999), kBody) == kSignature);
}

TEST_CASE("every bit of what is signed changes the signature", "[deliveries]") {
  CHECK(Sign(kSecret, kId, kTime + std::chrono::seconds(1), kBody) != kSignature);
  CHECK(Sign(kSecret, std::string(kId) + ".", kTime, kBody) != kSignature);
  CHECK(Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", kId, kTime, kBody) != kSignature);
  const std::string body = kBody;
  for (size_t i = 0; i < body.size() * 8; ++i) {
    std::string changed = body;
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << (i % 8)));
    CHECK(Sign(kSecret, kId, kTime, changed) != kSignature);
  }
}

TEST_CASE("while a secret is replaced both sign, and Nango's field holds the earlier one's",
          "[deliveries]") {
  const Secret present = NewEndpointSecret();
  std::vector<Secret> secrets;
  secrets.push_back(present.Clone());
  secrets.emplace_back(kSecret);
  const Message message{kId, kTime, kBody};
  const std::string both = StandardSignature(secrets, message);
  CHECK(both.ends_with(std::string(" ") + kSignature));
  CHECK(both.starts_with(Sign(std::string(Shown(present)), kId, kTime, kBody) + " "));
  std::string nango;
  std::string signature;
  for (const auto& [name, value] : SignedHeaders(secrets, message)) {
    if (name == "x-nango-hmac-sha256") nango = Shown(value);
    if (name == "webhook-signature") signature = Shown(value);
  }
  CHECK(signature == both);
  CHECK(nango == NangoSignature(Secret(kSecret), kBody));
}

// HMAC-SHA-256 of RFC 4231 (test case 2), whose key is a text as a secret is.
TEST_CASE("Nango's signature is hexadecimal, under the secret's text", "[deliveries]") {
  CHECK(NangoSignature(Secret("Jefe"), "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("a new secret is 32 random bytes in the form that Standard Webhooks wants",
          "[deliveries]") {
  const Secret secret = NewEndpointSecret();
  const std::string text(Shown(secret));
  REQUIRE(text.starts_with("whsec_"));
  CHECK(Base64Decode(text.substr(6)).value().size() == 32);
  CHECK_FALSE(NewEndpointSecret() == secret);
}

TEST_CASE("a sealed secret opens under its project's key, in its place", "[deliveries]") {
  const Secret key(std::string(32, 'k'));
  const SealedSecret sealed = SealEndpointSecret(key, "demo", Secret(kSecret));
  CHECK(sealed.sealed.find(std::string(kSecret).substr(6)) == std::string::npos);
  CHECK(Shown(*OpenEndpointSecret(key, "demo", sealed)) == kSecret);
  CHECK_THAT(OpenEndpointSecret(key, "other", sealed).status(),
             IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_MISPLACED"));
  SealedSecret moved = sealed;
  moved.secret_id = "0a1b2c3d-0000-4000-8000-00000000000a";
  CHECK_THAT(OpenEndpointSecret(key, "demo", moved).status(),
             IsError(absl::StatusCode::kDataLoss, "SEALED_FIELD_MISPLACED"));
  CHECK_FALSE(OpenEndpointSecret(Secret(std::string(32, 'x')), "demo", sealed).ok());
}

}  // namespace shodan::automation
