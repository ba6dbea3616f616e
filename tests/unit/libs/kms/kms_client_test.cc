// SPDX-License-Identifier: Apache-2.0
#include "libs/kms/kms_client.h"

#include <string>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/services/token-vault/support/scripted_https_client.h"

namespace shodan::kms {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::ScriptedHttpsClient;
using testing::SeenRequest;

std::chrono::system_clock::time_point Noon() {
  return std::chrono::system_clock::from_time_t(1'440'938'160);
}

/// Counts how often it was asked.
class CountingSource : public CredentialSource {
 public:
  absl::StatusOr<ExpiringCredentials> Get() override {
    ++asked;
    return ExpiringCredentials{{"AKID", Secret("secret"), Secret("session")}, Noon() + lifetime};
  }
  int asked = 0;
  std::chrono::minutes lifetime{60};
};

struct World {
  ScriptedHttpsClient https;
  CountingSource source;
  CachedCredentials credentials{source, &Noon};
  KmsClient client{https, credentials, {"https://kms.test:8443", "eu-central-1", "ca.pem"}, &Noon};
};

std::string HeaderOf(const SeenRequest& request, const std::string& wanted) {
  for (const auto& [name, value] : request.headers) {
    if (name == wanted) return value;
  }
  return "";
}

TEST_CASE("A decryption is a signed call of the JSON protocol, bound to its context") {
  World world;
  world.https.ThenAnswer(200, R"({"KeyId":"k","Plaintext":")" + Base64Encode("key bytes") + "\"}");

  const auto plaintext = world.client.Decrypt("alias/shodan", "sealed", {{"key_epoch", "7"}});

  REQUIRE_THAT(plaintext, IsOk());
  CHECK(*plaintext == Secret("key bytes"));
  const SeenRequest request = world.https.requests().at(0);
  CHECK(request.method == "POST");
  CHECK(request.url == "https://kms.test:8443/");
  CHECK(request.ca_file == "ca.pem");
  CHECK(HeaderOf(request, "X-Amz-Target") == "TrentService.Decrypt");
  CHECK(HeaderOf(request, "Content-Type") == "application/x-amz-json-1.1");
  CHECK(HeaderOf(request, "X-Amz-Date") == "20150830T123600Z");
  CHECK(HeaderOf(request, "X-Amz-Security-Token") == "session");
  CHECK(HeaderOf(request, "Authorization")
            .starts_with("AWS4-HMAC-SHA256 Credential=AKID/20150830/eu-central-1/kms/aws4_request, "
                         "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;"
                         "x-amz-target, Signature="));
  const boost::json::value body = boost::json::parse(request.body);
  CHECK(body.at("KeyId").as_string() == "alias/shodan");
  CHECK(body.at("CiphertextBlob").as_string() == Base64Encode("sealed").c_str());
  CHECK(body.at("EncryptionContext").at("key_epoch").as_string() == "7");
}

TEST_CASE("A data key comes in plaintext and wrapped") {
  World world;
  world.https.ThenAnswer(200, R"({"Plaintext":")" + Base64Encode("plain") +
                                  R"(","CiphertextBlob":")" + Base64Encode("wrapped") + "\"}");

  const auto key = world.client.GenerateDataKey("alias/shodan", {});

  REQUIRE_THAT(key, IsOk());
  CHECK(key->plaintext == Secret("plain"));
  CHECK(key->ciphertext == "wrapped");
}

TEST_CASE("What passes and what must be repaired are told apart") {
  World world;
  const auto decrypt = [&] { return world.client.Decrypt("k", "c", {}).status(); };
  const auto away = IsError(absl::StatusCode::kUnavailable, "KMS_UNAVAILABLE");
  const auto refused = IsError(absl::StatusCode::kFailedPrecondition, "KMS_REFUSED");
  world.https.ThenFail(/*may_have_been_sent=*/true);
  CHECK_THAT(decrypt(), away);
  world.https.ThenAnswer(503, "");
  CHECK_THAT(decrypt(), away);
  world.https.ThenAnswer(400, R"({"__type":"ThrottlingException"})");
  CHECK_THAT(decrypt(), away);
  world.https.ThenAnswer(400, R"({"__type":"com.amazonaws.kms#KMSInternalException:http://x/"})");
  CHECK_THAT(decrypt(), away);
  world.https.ThenAnswer(200, "{}");
  CHECK_THAT(decrypt(), away);

  for (const char* type : {"InvalidCiphertextException", "DisabledException", "NotFoundException",
                           "AccessDeniedException"}) {
    world.https.ThenAnswer(400, std::string(R"({"__type":")") + type + R"(","message":"secret"})");
    const absl::Status status = decrypt();
    CHECK_THAT(status, refused);
    CHECK(MetadataOf(status).at(0).second == type);
    CHECK(std::string(status.message()).find("secret") == std::string::npos);
  }
}

TEST_CASE("Credentials are asked for once, again shortly before their end, and when refused") {
  World world;
  REQUIRE_THAT(world.credentials.Get(), IsOk());
  REQUIRE_THAT(world.credentials.Get(), IsOk());
  CHECK(world.source.asked == 1);

  world.https.ThenAnswer(400, R"({"__type":"ExpiredTokenException"})");
  CHECK_FALSE(world.client.Decrypt("k", "c", {}).ok());
  world.source.lifetime = std::chrono::minutes(4);
  REQUIRE_THAT(world.credentials.Get(), IsOk());
  CHECK(world.source.asked == 2);
  REQUIRE_THAT(world.credentials.Get(), IsOk());
  CHECK(world.source.asked == 3);
}

}  // namespace
}  // namespace shodan::kms
