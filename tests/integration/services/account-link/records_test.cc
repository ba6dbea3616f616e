// SPDX-License-Identifier: Apache-2.0
// Calls and notes on PostgreSQL: what a disconnect leaves alone, pages under change, plans.
#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "services/account-link/domain/calls.h"
#include "services/account-link/domain/notes.h"
#include "tests/contract/services/account-link/fakes/saga.h"
#include "tests/contract/services/account-link/postgres_account_link.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {
namespace {

using shodan::testing::IsOk;

const UserKey kAiko{"demo", "aiko"};

struct Records : PostgresAccountLink {
  Note Write(const std::string& text, const std::string& company_id = "c1") {
    return note_cases
        .Create(kAiko, RandomUuid(),
                {.text = text, .company_id = company_id, .person_id = "", .call_id = ""}, scope)
        .value();
  }
  // Every column of every row, as the database prints it.
  std::string Snapshot(const std::string& table) const {
    return Query(
        "SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') AS value FROM " + table +
        " t");
  }
  std::string PlanOf(const std::string& statement) const {
    return Query("SELECT plan AS value FROM plan_of($plan$" + statement + "$plan$) AS plan");
  }

  Calls call_cases{*calls};
  Notes note_cases{*notes};
  CallScope scope = ScopeOf(kAiko);
};

}  // namespace

TEST_CASE_METHOD(Records, "a disconnect leaves every byte of calls and notes as it was",
                 "[account-link][integration]") {
  FakeVault vault;
  Saga saga(*links, vault, std::chrono::milliseconds(0));
  REQUIRE_THAT(saga.Complete(kAiko, vault.ExchangedAttempt(kAiko, "zoom-1")), IsOk());
  std::string longest;
  for (int i = 0; i < 10'000; ++i) longest += "\U0001F4DE";
  Write(longest);
  Write("caf\u00E9 / cafe\u0301 \u202E\u200B \x01\x7F 'quoted' \\ $1\r\n\t");
  const Call call = call_cases
                        .Create(kAiko, RandomUuid(),
                                {.number = "+81312345678",
                                 .input_number = "０３-１２３４-５６７８",
                                 .region_code = "JP",
                                 .company_id = "c1",
                                 .person_id = ""},
                                scope)
                        .value();
  const std::string notes_before = Snapshot("call_notes");
  const std::string calls_before = Snapshot("calls");

  REQUIRE_THAT(saga.End(kAiko), IsOk());

  CHECK(Snapshot("call_notes") == notes_before);
  CHECK(Snapshot("calls") == calls_before);
  CHECK(note_cases.List(kAiko, {}, {}, scope)->records.size() == 2);
  CHECK(call_cases.Get(kAiko, call.call_id, scope).value() == call);

  vault.set_down(true);
  CHECK(Write("written while disconnected, and while the vault is down").etag == "1");
}

TEST_CASE_METHOD(Records, "pages stay stable while notes come, change and go",
                 "[account-link][integration]") {
  std::set<std::string> expected;
  std::vector<Note> written;
  for (int i = 0; i < 60; ++i) {
    written.push_back(Write(std::to_string(i)));
    expected.insert(written.back().note_id);
  }

  std::map<std::string, int> seen;
  PageRequest page{.size = 7, .after = ""};
  int pages = 0;
  do {
    const auto got = note_cases.List(kAiko, {}, page, scope);
    REQUIRE_THAT(got, IsOk());
    for (const Note& note : got->records) ++seen[note.note_id];
    page.after = got->next;
    ++pages;
    // A new one, an edited one, and a deleted one that was seen already.
    Write("new");
    REQUIRE_THAT(note_cases.Update(kAiko, written[0].note_id, "edited", "", scope), IsOk());
    REQUIRE_THAT(note_cases.Delete(kAiko, got->records.front().note_id, scope), IsOk());
  } while (!page.after.empty());

  CHECK(pages == 9);
  CHECK(seen.size() == expected.size());
  for (const auto& [id, times] : seen) {
    CHECK(expected.contains(id));
    CHECK(times == 1);
  }
}

TEST_CASE_METHOD(Records, "notes of one moment are paged by their ids",
                 "[account-link][integration]") {
  for (int i = 0; i < 20; ++i) Write(std::to_string(i));
  Run("UPDATE call_notes SET created_at = '2026-01-01T00:00:00Z'");

  std::set<std::string> seen;
  int records = 0;
  PageRequest page{.size = 3, .after = ""};
  do {
    const auto got =
        note_cases.List(kAiko, {.company_id = "c1", .person_id = "", .call_id = ""}, page, scope);
    REQUIRE_THAT(got, IsOk());
    for (const Note& note : got->records) seen.insert(note.note_id);
    records += static_cast<int>(got->records.size());
    page.after = got->next;
  } while (!page.after.empty());

  CHECK(seen.size() == 20);
  CHECK(records == 20);
}

TEST_CASE_METHOD(Records, "a page is read from its index, whatever the filter",
                 "[account-link][integration]") {
  Run("INSERT INTO calls (project_id, user_id, call_id, number, input_number, region_code,"
      " company_id, person_id, created_at) SELECT 'demo', 'user-' || i % 50, gen_random_uuid(),"
      " '+81312345678', '', 'JP', 'c' || i % 7, 'p' || i % 11, now() - i * interval '1 second'"
      " FROM generate_series(1, 20000) AS i");
  Run("INSERT INTO call_notes (project_id, user_id, note_id, text, company_id, person_id, call_id,"
      " created_at) SELECT 'demo', 'user-' || i % 50, gen_random_uuid(), 'text', 'c' || i % 7,"
      " 'p' || i % 11, md5((i % 400)::text)::uuid, now() - i * interval '1 second'"
      " FROM generate_series(1, 20000) AS i");
  Run("ANALYZE calls");
  Run("ANALYZE call_notes");
  Run("CREATE FUNCTION plan_of(statement text) RETURNS text LANGUAGE plpgsql AS $$"
      " DECLARE line text; plan text := ''; BEGIN"
      " FOR line IN EXECUTE 'EXPLAIN ' || statement LOOP plan := plan || line || E'\\n'; END LOOP;"
      " RETURN plan; END $$");

  const std::string head = " WHERE project_id = 'demo' AND user_id = 'user-7'";
  const std::string position = " AND (created_at, ID) < (now(), gen_random_uuid())";
  const std::string tail = " ORDER BY created_at DESC, ID DESC LIMIT 26";
  struct Row {
    std::string table;
    std::string id;
    std::string filter;
  };
  const std::vector<Row> rows = {
      {"calls", "call_id", ""},
      {"calls", "call_id", " AND company_id = 'c3'"},
      {"calls", "call_id", " AND person_id = 'p3'"},
      {"call_notes", "note_id", ""},
      {"call_notes", "note_id", " AND company_id = 'c3'"},
      {"call_notes", "note_id", " AND person_id = 'p3'"},
      {"call_notes", "note_id", " AND call_id = '3644a684-f98e-a8fe-223c-713b77189a77'"},
  };
  for (const Row& row : rows) {
    std::string statement = "SELECT * FROM " + row.table + head + position + row.filter + tail;
    for (size_t at = statement.find("ID"); at != std::string::npos; at = statement.find("ID")) {
      statement.replace(at, 2, row.id);
    }
    const std::string plan = PlanOf(statement);
    INFO(statement << "\n" << plan);
    CHECK(plan.find("Index Scan") != std::string::npos);
    CHECK(plan.find("Seq Scan") == std::string::npos);
  }
}

}  // namespace shodan::account_link::testing
