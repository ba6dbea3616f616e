// SPDX-License-Identifier: Apache-2.0
#include "libs/audit/audit.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/libs/audit/audit_fixture.h"

namespace shodan::audit {
namespace {

using postgres::Session;
using testing::IsError;
using testing::IsOk;
using testing::TestDeadline;

TEST_CASE_METHOD(AuditFixture,
                 "A record holds who did what for whose link, at the database's time") {
  REQUIRE_THAT(AppendInTransaction(Connected()), IsOk());

  CHECK(Query("SELECT concat_ws('|', audit_id, project_id, user_id, link_id, actor, caller,"
              " request_id, action) AS value FROM audit") ==
        "1|demo|hanako|5c5f7d0e-0000-4000-8000-000000000001|user:hanako|"
        "spiffe://shodan.local/ns/shodan/sa/gateway|request-1|link.connected");
  CHECK(Query("SELECT (details = '{\"generation\":3,\"cause\":\"it''s \\\"new\\\"\\n\"}')::text"
              " AS value FROM audit") == "true");
  CHECK(Query("SELECT (now() - occurred_at BETWEEN interval '0' AND interval '1 minute')::text"
              " AS value FROM audit") == "true");
}

TEST_CASE_METHOD(AuditFixture, "A record without link and details has none") {
  AuditRecord record = Connected();
  record.link_id.reset();
  record.details.clear();

  REQUIRE_THAT(AppendInTransaction(record), IsOk());

  CHECK(Query("SELECT (link_id IS NULL AND details = '{}')::text AS value FROM audit") == "true");
}

TEST_CASE_METHOD(AuditFixture, "A record goes when its transaction is rolled back") {
  const absl::Status status = NewPool(1)->InTransaction(TestDeadline(), [](Session& session) {
    SHODAN_RETURN_IF_ERROR(Append(session, Connected()));
    return Aborted("CHANGED_MIND", "no");
  });

  CHECK_THAT(status, IsError(absl::StatusCode::kAborted, "CHANGED_MIND"));
  CHECK(Count() == "0");
}

TEST_CASE_METHOD(AuditFixture,
                 "An action that is not lower case and dotted takes the change with it") {
  for (const char* action : {"connected", "Link.Connected", "link.", "link connected", ""}) {
    CAPTURE(action);
    AuditRecord record = Connected();
    record.action = action;

    CHECK_THAT(AppendInTransaction(record), IsError(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  }
  CHECK(Count() == "0");
}

}  // namespace
}  // namespace shodan::audit
