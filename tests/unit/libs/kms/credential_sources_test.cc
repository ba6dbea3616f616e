// SPDX-License-Identifier: Apache-2.0
#include "libs/kms/credential_sources.h"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/services/token-vault/support/scripted_https_client.h"

namespace shodan::kms {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::ScriptedHttpsClient;
using testing::TemporaryDirectory;

using Header = std::pair<std::string, std::string>;

constexpr char kDocument[] =
    R"({"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"the key","Token":"the token",)"
    R"("Expiration":"2015-08-30T13:36:00Z"})";

void CheckTemporary(const absl::StatusOr<ExpiringCredentials>& found) {
  REQUIRE_THAT(found, IsOk());
  CHECK(found->credentials.access_key_id == "ASIA1");
  CHECK(found->credentials.secret_access_key == Secret("the key"));
  CHECK(found->credentials.session_token == Secret("the token"));
  CHECK(found->expires_at == std::chrono::system_clock::from_time_t(1'440'941'760));
}

const auto kNone = IsError(absl::StatusCode::kUnavailable, "AWS_CREDENTIALS_UNAVAILABLE");

TEST_CASE("A credentials file gives the named profile's keys") {
  const TemporaryDirectory directory;
  const std::string file = directory.Write("credentials",
                                           "[default]\naws_access_key_id = AKIA0\n"
                                           "aws_secret_access_key=zero\n\n# another\n[vault]\n"
                                           "aws_access_key_id=AKIA1\n"
                                           "aws_secret_access_key = one/+=\n");

  const auto found = FileCredentials(file, "vault").Get();

  REQUIRE_THAT(found, IsOk());
  CHECK(found->credentials.access_key_id == "AKIA1");
  CHECK(found->credentials.secret_access_key == Secret("one/+="));
  CHECK(found->credentials.session_token.empty());
  CHECK_FALSE(found->expires_at.has_value());
  CHECK_THAT(FileCredentials(file, "absent").Get(), kNone);
  CHECK_THAT(FileCredentials(directory.path() / "absent", "vault").Get(), kNone);
}

TEST_CASE("A service account's token is exchanged for a role's credentials") {
  const TemporaryDirectory directory;
  ScriptedHttpsClient https;
  https.ThenAnswer(
      200,
      "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
      "<SessionToken>the token</SessionToken><SecretAccessKey>the key</SecretAccessKey>"
      "<Expiration>2015-08-30T13:36:00Z</Expiration><AccessKeyId>ASIA1</AccessKeyId>"
      "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>");
  WebIdentityCredentials source(https, {"https://sts.test/", "arn:aws:iam::1:role/vault", "vault",
                                        directory.Write("token", "header.body.sign\n"), "ca.pem"});

  CheckTemporary(source.Get());

  const auto request = https.requests().at(0);
  CHECK(request.method == "POST");
  CHECK(request.ca_file == "ca.pem");
  CHECK(request.body ==
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole"
        "%2Fvault&RoleSessionName=vault&WebIdentityToken=header.body.sign");
  https.ThenAnswer(403, "<Error/>");
  CHECK_THAT(source.Get(), kNone);
}

TEST_CASE("The Pod Identity agent is asked with the mounted token") {
  const TemporaryDirectory directory;
  ScriptedHttpsClient https;
  https.ThenAnswer(200, kDocument);
  PodIdentityCredentials source(https, "http://169.254.170.23/v1/credentials",
                                directory.Write("token", "mounted token\n"));

  CheckTemporary(source.Get());

  CHECK(https.requests().at(0).url == "http://169.254.170.23/v1/credentials");
  CHECK(https.requests().at(0).headers.at(0) == Header("Authorization", "mounted token"));
  https.ThenAnswer(200, "{}");
  CHECK_THAT(source.Get(), kNone);
}

TEST_CASE("Instance metadata is asked with a session token, for the role and its credentials") {
  ScriptedHttpsClient https;
  https.ThenAnswer(200, "session");
  https.ThenAnswer(200, "the-role\n");
  https.ThenAnswer(200, kDocument);
  InstanceMetadataCredentials source(https, "http://metadata.test");

  CheckTemporary(source.Get());

  const auto requests = https.requests();
  CHECK(requests.at(0).method == "PUT");
  CHECK(requests.at(0).url == "http://metadata.test/latest/api/token");
  CHECK(requests.at(0).headers.at(0) == Header("X-aws-ec2-metadata-token-ttl-seconds", "60"));
  CHECK(requests.at(1).headers.at(0) == Header("X-aws-ec2-metadata-token", "session"));
  CHECK(requests.at(2).url ==
        "http://metadata.test/latest/meta-data/iam/security-credentials/the-role");
  https.ThenAnswer(401, "");
  CHECK_THAT(source.Get(), kNone);
}

}  // namespace
}  // namespace shodan::kms
