// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/assertion_signer.h"

#include <catch2/catch.hpp>

#include "libs/rpc/assertion.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/libs/jwt/rfc_examples.h"

namespace shodan::gateway {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;
using testing::IsOk;

TEST_CASE(
    "Assertions are reused while they have enough life left, one for each person and audience") {
  const jwt::SigningKey key = *jwt::SigningKey::FromPem(Secret(jwt::rfc::kEdPrivatePem));
  const jwt::KeySet keys = *jwt::KeySet::Parse(jwt::rfc::SetOf(key.PublicJwk()));
  system_clock::time_point now{seconds(1'700'000'000)};
  AssertionSigner signer(key, [&now] { return now; });
  const Person ann("demo", "ann");

  const std::string first = signer.For("account-link", ann);
  CHECK(signer.For("account-link", ann) == first);
  CHECK(signer.For("token-vault", ann) != first);
  CHECK(signer.For("account-link", Person("demo", "bob")) != first);
  CHECK(signer.For("account-link", Person("demo", "ann", true)) != first);
  now += seconds(29);
  CHECK(signer.For("account-link", ann) == first);
  // The longest request, 20 s, still ends within the assertion's life.
  CHECK_THAT(rpc::VerifyAssertion(first, keys, "account-link", now + seconds(20)), IsOk());
  now += seconds(1);
  const std::string second = signer.For("account-link", ann);
  CHECK(second != first);

  const auto assertion = rpc::VerifyAssertion(second, keys, "account-link", now);
  REQUIRE_THAT(assertion, IsOk());
  CHECK(assertion->project_id == "demo");
  CHECK(assertion->user_id == "ann");
  CHECK_FALSE(assertion->admin);
}

TEST_CASE("What is asserted of an API key names the key and its scopes, and no user") {
  const jwt::SigningKey key = *jwt::SigningKey::FromPem(Secret(jwt::rfc::kEdPrivatePem));
  const jwt::KeySet keys = *jwt::KeySet::Parse(jwt::rfc::SetOf(key.PublicJwk()));
  const system_clock::time_point now{seconds(1'700'000'000)};
  AssertionSigner signer(key, [now] { return now; });
  const ApiKeyIdentity reader{"demo", "key-1", {"connections.read"}};
  const ApiKeyIdentity writer{"demo", "key-1", {"connections.read", "connections.write"}};

  const std::string text = signer.For("account-link", Person(reader, "ann"));
  CHECK(signer.For("account-link", Person(reader, "bob")) == text);
  CHECK(signer.For("account-link", Person(writer, "ann")) != text);
  CHECK(signer.For("account-link", Person(ApiKeyIdentity{"demo", "key-2", reader.scopes}, "")) !=
        text);

  const auto assertion = rpc::VerifyAssertion(text, keys, "account-link", now);
  REQUIRE_THAT(assertion, IsOk());
  CHECK(assertion->api_key_id == "key-1");
  CHECK(assertion->user_id.empty());
  CHECK(assertion->scopes == reader.scopes);
  CHECK_FALSE(assertion->admin);
}

}  // namespace
}  // namespace shodan::gateway
