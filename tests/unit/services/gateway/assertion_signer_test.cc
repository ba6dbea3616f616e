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

}  // namespace
}  // namespace shodan::gateway
