// SPDX-License-Identifier: Apache-2.0
// User metadata on PostgreSQL.
#include "services/account-link/domain/user_metadata.h"

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "services/account-link/storage/postgres_user_metadata_store.h"
#include "tests/contract/services/account-link/fakes/saga.h"
#include "tests/contract/services/account-link/postgres_account_link.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {
namespace {

using shodan::testing::IsError;
using shodan::testing::IsOk;

const UserKey kAiko{"demo", "aiko"};

struct Metadata : PostgresAccountLink {
  std::string Of(const UserKey& owner) { return metadata.Get(owner, ScopeOf(owner)).value(); }

  PostgresUserMetadataStore store{*pool};
  UserMetadata metadata{store};
};

}  // namespace

TEST_CASE_METHOD(Metadata, "metadata is kept for each user of each project",
                 "[account-link][integration]") {
  CHECK(Of(kAiko) == "{}");
  const std::string odd = R"({"text":"caf\u00e9 \u0000 '$1' \\","n":1.50})";
  const auto kept = metadata.Update(kAiko, odd, ScopeOf(kAiko));
  REQUIRE_THAT(kept, IsOk());
  CHECK(Of(kAiko) == *kept);
  CHECK(PatchMetadata(*kept, "{}").value() == *kept);
  CHECK(Of({"demo", "ben"}) == "{}");
  CHECK(Of({"other", "aiko"}) == "{}");
}

TEST_CASE_METHOD(Metadata, "a refused patch leaves no trace", "[account-link][integration]") {
  CHECK_THAT(metadata.Update(kAiko, "[]", ScopeOf(kAiko)),
             IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK_THAT(metadata.Update({"demo", ""}, "{}", ScopeOf(kAiko)),
             IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  const std::string large = R"({"a":")" + std::string(16'000, 'x') + R"("})";
  const std::string more = R"({"b":")" + std::string(1'000, 'x') + R"("})";
  CHECK(Query("SELECT count(*)::text AS value FROM user_metadata") == "0");
  REQUIRE_THAT(metadata.Update(kAiko, large, ScopeOf(kAiko)), IsOk());
  CHECK_THAT(metadata.Update(kAiko, more, ScopeOf(kAiko)),
             IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK(Of(kAiko) == large);
}

TEST_CASE_METHOD(Metadata, "patches of one user at the same moment all have their effect",
                 "[account-link][integration]") {
  constexpr int kPatches = 8;
  std::vector<absl::StatusOr<std::string>> outcomes(kPatches, absl::UnknownError("not called"));
  std::vector<std::thread> threads;
  for (int i = 0; i < kPatches; ++i) {
    threads.emplace_back([&, i] {
      const std::string patch = "{\"m" + std::to_string(i) + "\":" + std::to_string(i) + "}";
      outcomes[static_cast<size_t>(i)] = metadata.Update(kAiko, patch, ScopeOf(kAiko));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& outcome : outcomes) REQUIRE_THAT(outcome, IsOk());
  const std::string kept = Of(kAiko);
  for (int i = 0; i < kPatches; ++i) {
    CHECK(kept.find("\"m" + std::to_string(i) + "\":" + std::to_string(i)) != std::string::npos);
  }
}

}  // namespace shodan::account_link::testing
