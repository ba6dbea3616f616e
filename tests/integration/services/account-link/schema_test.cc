// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/audit/audit.h"
#include "libs/audit/chain_schema.h"
#include "tests/contract/services/account-link/postgres_account_link.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {
namespace {

using shodan::testing::IsError;
using shodan::testing::IsOk;
using shodan::testing::TestDeadline;

absl::Status Try(postgres::Pool& pool, const std::string& sql) {
  return pool.Execute(sql, {}, TestDeadline()).status();
}

constexpr char kLink[] =
    "INSERT INTO links (project_id, user_id, link_id, generation, state, cause) VALUES ";

Project AProject(const std::string& id) {
  return {.project_id = id,
          .display_name = "Shodan Pro \"デモ\"",
          .settings_url = "https://localhost:8443/app/settings/integrations",
          .origins = {"https://localhost:8443", "https://app.example"},
          .token_issuers = {{.issuer = "https://localhost:8443/dev",
                             .audience = "shodan-pro",
                             .jwks_url = "",
                             .jwks = R"({"keys":[{"kty":"OKP"}]})",
                             .user_claim = "sub",
                             .name_claim = "name",
                             .role_claim = "roles",
                             .admin_role = "admin"}}};
}

}  // namespace

TEST_CASE("the migration holds the audit table of the library", "[account-link][schema]") {
  REQUIRE(Migrations().size() >= 2);
  CHECK(Migrations()[0].version == 1);
  CHECK(Migrations()[0].sql.find(audit::kAuditTableSql) != std::string_view::npos);
  CHECK(Migrations()[1].version == 2);
  CHECK(Migrations()[1].sql == audit::kAuditChainSql);
}

TEST_CASE_METHOD(PostgresAccountLink, "no column can hold anything of Zoom's",
                 "[account-link][schema]") {
  // Written by hand: a column added to the table must be thought about here. What programs keep as
  // metadata is theirs, and ends with the connection.
  const std::string columns = Query(
      "SELECT string_agg(column_name, ' ' ORDER BY column_name) AS value"
      " FROM information_schema.columns WHERE table_name = 'links'");
  CHECK(columns ==
        "backups_unreadable_at cause connected_at disconnect_started_at disconnected_at external_id"
        " generation link_id metadata project_id revoked_at_zoom state updated_at user_id"
        " vault_event_id");
  CHECK(Query("SELECT string_agg(column_name, ' ' ORDER BY column_name) AS value"
              " FROM information_schema.columns WHERE table_name = 'link_changes'") ==
        "cause change_id changed_at generation link_id project_id state user_id");
  CHECK(Query("SELECT string_agg(DISTINCT table_name, ' ' ORDER BY table_name) AS value"
              " FROM information_schema.columns WHERE table_schema = 'public'"
              " AND column_name ~ 'token|email|zoom|profile|scope|tag'") == "api_keys links");
  CHECK(Query("SELECT string_agg(column_name, ' ' ORDER BY column_name) AS value"
              " FROM information_schema.columns WHERE table_name = 'api_keys'") ==
        "created_at expires_at hash key_id last_used_at name previous_expires_at previous_hash"
        " project_id rotated_at scopes");
}

TEST_CASE_METHOD(PostgresAccountLink, "a link is never deleted", "[account-link][schema]") {
  Run(std::string(kLink) + "('demo', 'aiko', gen_random_uuid(), 1, 'active', NULL)");

  CHECK_FALSE(Try(*pool, "DELETE FROM links").ok());
  CHECK_FALSE(Try(*pool, "TRUNCATE links CASCADE").ok());

  CHECK(Query("SELECT count(*)::text AS value FROM links") == "1");
}

TEST_CASE_METHOD(PostgresAccountLink, "the schema refuses what the program must never write",
                 "[account-link][schema]") {
  const std::vector<std::string> refused = {
      "('demo', 'a', gen_random_uuid(), 1, 'paused', NULL)",
      "('demo', 'a', gen_random_uuid(), 1, 'none', 'bored')",
      "('demo', 'a', gen_random_uuid(), 1, 'active', 'expired')",
      "('demo', 'a', gen_random_uuid(), -1, 'none', NULL)",
      "('demo', '', gen_random_uuid(), 1, 'none', NULL)",
      "('demo', repeat('u', 256), gen_random_uuid(), 1, 'none', NULL)",
  };
  for (const std::string& row : refused) {
    INFO(row);
    CHECK_FALSE(Try(*pool, kLink + row).ok());
  }
  CHECK_THAT(Try(*pool, std::string(kLink) + "('demo', 'a', gen_random_uuid(), 0, 'none', NULL)"),
             IsOk());
  CHECK(
      Try(*pool, std::string(kLink) + "('demo', 'a', gen_random_uuid(), 0, 'none', NULL)").code() ==
      absl::StatusCode::kAlreadyExists);
}

TEST_CASE_METHOD(PostgresAccountLink, "an external id is unique within its project",
                 "[account-link][schema]") {
  Run(std::string(kLink) +
      "('demo', 'a', gen_random_uuid(), 0, 'none', NULL),"
      "('demo', 'b', gen_random_uuid(), 0, 'none', NULL),"
      "('other', 'a', gen_random_uuid(), 0, 'none', NULL)");
  Run("UPDATE links SET external_id = 'x' WHERE user_id = 'a'");

  CHECK(Try(*pool, "UPDATE links SET external_id = 'x' WHERE user_id = 'b'").code() ==
        absl::StatusCode::kAlreadyExists);
}

TEST_CASE_METHOD(PostgresAccountLink, "projects become what the file says",
                 "[account-link][projects]") {
  REQUIRE_THAT(projects->Apply({AProject("demo"), AProject("old")}, TestDeadline()), IsOk());
  Project changed = AProject("demo");
  changed.display_name = "Renamed";
  changed.origins.clear();
  changed.token_issuers.clear();

  REQUIRE_THAT(projects->Apply({changed, AProject("new")}, TestDeadline()), IsOk());

  CHECK(projects->Find("demo", TestDeadline()).value() == changed);
  CHECK(projects->Find("new", TestDeadline()).value() == AProject("new"));
  CHECK_FALSE(projects->Find("old", TestDeadline())->has_value());
  CHECK_FALSE(projects->Find("Demo", TestDeadline())->has_value());
}

TEST_CASE_METHOD(PostgresAccountLink,
                 "what an administrator set stays until the project's entry of the file changes",
                 "[account-link][projects]") {
  const Actor admin{.name = "admin:a", .caller = "spiffe://x/gateway", .request_id = "r"};
  REQUIRE_THAT(projects->Apply({AProject("demo")}, TestDeadline()), IsOk());
  const auto before = projects->FindSettings("demo", TestDeadline());
  REQUIRE_THAT(before, IsOk());
  REQUIRE(before->has_value());
  Project renamed = AProject("demo");
  renamed.display_name = "Renamed";

  const auto replaced = projects->Replace(renamed, (*before)->etag,
                                          {"project.display_name_replaced"}, admin, TestDeadline());
  REQUIRE_THAT(replaced, IsOk());
  CHECK(replaced->project == renamed);
  CHECK(replaced->etag != (*before)->etag);
  CHECK(Query("SELECT string_agg(actor || ' ' || action, ',') AS value FROM audit") ==
        "admin:a project.display_name_replaced");
  CHECK_THAT(projects->Replace(AProject("demo"), (*before)->etag, {}, admin, TestDeadline()),
             IsError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));

  REQUIRE_THAT(projects->Apply({AProject("demo")}, TestDeadline()), IsOk());
  CHECK(projects->Find("demo", TestDeadline()).value() == renamed);
  Project changed = AProject("demo");
  changed.origins = {"https://new.example"};
  REQUIRE_THAT(projects->Apply({changed}, TestDeadline()), IsOk());
  CHECK(projects->Find("demo", TestDeadline()).value() == changed);
}

TEST_CASE_METHOD(PostgresAccountLink, "request ids and old decisions are removed when they expire",
                 "[account-link][schema]") {
  Run(std::string(kLink) + "('demo', 'aiko', gen_random_uuid(), 1, 'active', NULL)");
  Run("INSERT INTO requests SELECT 'demo', 'gateway', 'aiko', gen_random_uuid(), 'CreateCall',"
      " sha256('x'), '', now() + i * interval '1 hour' FROM generate_series(-2, 1) AS i");
  Run("INSERT INTO link_decisions (decision_id, project_id, user_id, link_id, kind, attempt_id,"
      " expected_generation, actor, caller, request_id, done_at) SELECT gen_random_uuid(), 'demo',"
      " 'aiko', link_id, 'activate', gen_random_uuid(), 0, '', '', '', done_at FROM links,"
      " (VALUES (now() - interval '8 days'), (now() - interval '6 days'), (NULL)) AS v (done_at)");

  REQUIRE_THAT(links->PurgeExpired(1, TestDeadline()), IsOk());
  CHECK(Query("SELECT count(*)::text AS value FROM requests") == "3");
  REQUIRE_THAT(links->PurgeExpired(100, TestDeadline()), IsOk());

  CHECK(Query("SELECT count(*)::text AS value FROM requests") == "1");
  CHECK(Query("SELECT count(*)::text AS value FROM link_decisions") == "2");
}

TEST_CASE_METHOD(PostgresAccountLink, "an expired request id can be used again",
                 "[account-link][schema]") {
  const CallContent content{.number = "+81312345678",
                            .input_number = "",
                            .region_code = "",
                            .company_id = "",
                            .person_id = ""};
  const std::string id = "11111111-1111-4111-8111-111111111111";
  const IdempotentRequest request{
      {"demo", "aiko"}, "gateway", id, "CreateCall", FingerprintOf("CreateCall", {"a"})};
  const std::string first = calls->Create(content, request, TestDeadline())->call_id;
  Run("UPDATE requests SET expires_at = now() - interval '1 second'");

  IdempotentRequest other = request;
  other.fingerprint = FingerprintOf("CreateCall", {"b"});
  const absl::StatusOr<Call> second = calls->Create(content, other, TestDeadline());

  REQUIRE_THAT(second, IsOk());
  CHECK(second->call_id != first);
}

}  // namespace shodan::account_link::testing
