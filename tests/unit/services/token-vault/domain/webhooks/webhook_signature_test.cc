// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/webhooks/webhook_signature.h"

#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "libs/config/config_reader.h"

namespace shodan::tokenvault {
namespace {

namespace json = boost::json;

const json::object& Vectors() {
  static const json::value vectors =
      json::parse(*ReadFile(SHODAN_SOURCE_DIR "/tests/support/zoom-webhook-vectors.json"));
  return vectors.as_object();
}

std::string Text(const json::value& object, const char* name) {
  return json::value_to<std::string>(object.at(name));
}

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::string ChallengeBody(const std::string& plain_token) {
  return R"({"payload":{"plainToken":")" + plain_token +
         R"("},"event_ts":1654503849680,"event":"endpoint.url_validation"})";
}

std::string PlainTokenOf(const std::string& body) {
  const auto challenge = ReadChallenge(body);
  if (!challenge.has_value()) return "no challenge";
  return challenge->plain_token.empty() ? "refused" : challenge->plain_token;
}

}  // namespace

TEST_CASE("Published signatures fit the bytes that were signed, and no other bytes, time or secret",
          "[webhooks]") {
  int signed_by_zoom = 0;
  for (const json::value& vector : Vectors().at("webhooks").as_array()) {
    INFO(Text(vector, "name"));
    const std::string body = FromHex(Text(vector, "bodyHex"));
    const std::string timestamp = Text(vector, "timestamp");
    const std::string signature = Text(vector, "signature");
    const Secret secret(Text(vector, "secret"));
    if (vector.at("signedByZoom").as_bool()) ++signed_by_zoom;

    CHECK(SignatureFits(secret, {timestamp, signature, body}));
    CHECK_FALSE(SignatureFits(secret, {timestamp, signature, body + " "}));
    CHECK_FALSE(SignatureFits(secret, {timestamp + "0", signature, body}));
    CHECK_FALSE(SignatureFits(Secret("other"), {timestamp, signature, body}));
    CHECK_FALSE(SignatureFits(secret, {timestamp, signature.substr(3), body}));
    CHECK_FALSE(SignatureFits(secret, {timestamp, signature + "0", body}));
    CHECK_FALSE(SignatureFits(secret, {timestamp, "v1" + signature.substr(2), body}));
    CHECK_FALSE(SignatureFits(secret, {timestamp, "", body}));
  }
  CHECK(signed_by_zoom >= 1);
}

TEST_CASE("An app without a secret accepts nothing, not even a signature under the empty secret",
          "[webhooks]") {
  // HMAC-SHA-256 of "v0:1:{}" under the empty key.
  const std::string signature =
      "v0=aed4980a8da29dba5216ade75cee9b73c48b9a0e5318ee246775f1614ff767d4";
  CHECK_FALSE(SignatureFits(Secret(), {"1", signature, "{}"}));
}

TEST_CASE("Published challenges are answered as published", "[webhooks]") {
  for (const json::value& vector : Vectors().at("challenges").as_array()) {
    const std::string token = Text(vector, "plainToken");
    CHECK(PlainTokenOf(ChallengeBody(token)) == token);
    const ChallengeAnswer answer = AnswerChallenge(Secret(Text(vector, "secret")), token);
    CHECK(answer.plain_token == token);
    CHECK(answer.encrypted_token == Text(vector, "encryptedToken"));
  }
}

TEST_CASE("A plain token that is more than letters, digits, _ and - is refused", "[webhooks]") {
  CHECK(PlainTokenOf(ChallengeBody(std::string(64, 'a'))) == std::string(64, 'a'));
  CHECK(PlainTokenOf(ChallengeBody("Az09_-")) == "Az09_-");
  for (const std::string& token :
       {std::string(), std::string(65, 'a'), std::string("v0:1:{}"), std::string("a:"),
        std::string("a b"), std::string("a\\n"), std::string("a."), std::string("\xc3\xa9"),
        std::string("a\\u0000b"), std::string("a\\u003a")}) {
    INFO(token);
    CHECK(PlainTokenOf(ChallengeBody(token)) == "refused");
  }
  CHECK(PlainTokenOf(R"({"event":"endpoint.url_validation"})") == "refused");
  CHECK(PlainTokenOf(R"({"event":"endpoint.url_validation","payload":{"plainToken":1}})") ==
        "refused");
  CHECK(PlainTokenOf(R"({"event":"endpoint.url_validation","payload":"abc"})") == "refused");
}

TEST_CASE("What is no challenge is none", "[webhooks]") {
  for (const char* body : {"", "x", "[]", "{}", R"({"event":1})", R"({"event":"meeting.created"})",
                           R"({"event":"endpoint.url_validation "})"}) {
    CHECK(PlainTokenOf(body) == "no challenge");
  }
  CHECK(PlainTokenOf(ChallengeBody("a") + std::string(5'000, ' ')) == "no challenge");
}

}  // namespace shodan::tokenvault
