// SPDX-License-Identifier: Apache-2.0
#include "libs/audit/read_counter.h"

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/libs/audit/audit_fixture.h"

namespace shodan::audit {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;
using testing::IsError;
using testing::IsOk;
using testing::TestDeadline;

constexpr char kZoomApi[] = "spiffe://shodan.local/ns/shodan/sa/zoom-api";
constexpr char kAutomation[] = "spiffe://shodan.local/ns/shodan/sa/automation";

class ReadCounterFixture : public AuditFixture {
 public:
  ReadCounter::Options Options() {
    ReadCounter::Options options;
    options.now = [this] { return system_clock::time_point(milliseconds(now_ms)); };
    return options;
  }
  std::string Records() const {
    return Query(
        "SELECT coalesce(string_agg(concat_ws(' ', coalesce(link_id, '-'), user_id, actor,"
        " details->>'count', details->>'firstAtMs', details->>'lastAtMs'), ', '"
        " ORDER BY chain_id, caller), 'none') AS value FROM audit WHERE action = 'token.read'");
  }

  int64_t now_ms = 1'000;
  const std::unique_ptr<postgres::Pool> pool = NewPool(4);
};

TEST_CASE_METHOD(ReadCounterFixture,
                 "Reads are recorded once for each link and caller, with count "
                 "and range") {
  ReadCounter reads(*pool, Options());
  reads.Count("demo", "aiko", "a", kZoomApi);
  now_ms = 2'500;
  reads.Count("demo", "aiko", "a", kZoomApi);
  reads.Count("demo", "aiko", "a", kAutomation);
  reads.Count("demo", "ben", "b", kZoomApi);
  CHECK(Count() == "0");

  REQUIRE_THAT(reads.Flush(TestDeadline()), IsOk());

  CHECK(Records() ==
        "a aiko service:automation 1 2500 2500, a aiko service:zoom-api 2 1000 2500, "
        "b ben service:zoom-api 1 2500 2500");
  CHECK(Query("SELECT count(DISTINCT request_id)::text AS value FROM audit WHERE request_id LIKE "
              "'reads-%'") == "1");
  CHECK(BrokenChains() == "none");
}

TEST_CASE_METHOD(ReadCounterFixture, "Reads on behalf of an API key are recorded under the key") {
  ReadCounter reads(*pool, Options());
  reads.Count("demo", "aiko", "a", kZoomApi, "api_key:k1");
  reads.Count("demo", "aiko", "a", kZoomApi, "api_key:k1");

  REQUIRE_THAT(reads.Flush(TestDeadline()), IsOk());

  CHECK(Records() == "a aiko api_key:k1 2 1000 1000");
  CHECK(Query("SELECT caller AS value FROM audit") == kZoomApi);
}

TEST_CASE_METHOD(ReadCounterFixture, "What was recorded is not recorded again") {
  ReadCounter reads(*pool, Options());
  reads.Count("demo", "aiko", "a", kZoomApi);
  REQUIRE_THAT(reads.Flush(TestDeadline()), IsOk());
  CHECK(reads.pending() == 0);

  REQUIRE_THAT(reads.Flush(TestDeadline()), IsOk());
  CHECK(Count() == "1");
  reads.Count("demo", "aiko", "a", kZoomApi);
  REQUIRE_THAT(reads.Flush(TestDeadline()), IsOk());
  CHECK(Count() == "2");
}

TEST_CASE_METHOD(ReadCounterFixture, "Past the bound, reads are counted per project and caller") {
  ReadCounter::Options options = Options();
  options.max_pairs = 2;
  ReadCounter reads(*pool, options);
  for (const char* link : {"a", "b", "c", "d", "a", "d"}) {
    reads.Count("demo", std::string("user-of-") + link, link, kZoomApi);
  }
  CHECK(reads.pending() == 3);

  REQUIRE_THAT(reads.Flush(TestDeadline()), IsOk());

  CHECK(Records() ==
        "a user-of-a service:zoom-api 2 1000 1000, b user-of-b service:zoom-api 1 1000 1000, "
        "-  service:zoom-api 3 1000 1000");
}

TEST_CASE_METHOD(ReadCounterFixture, "More than a batch is written in several") {
  ReadCounter::Options options = Options();
  options.batch = 10;
  ReadCounter reads(*pool, options);
  for (int i = 0; i < 35; ++i) reads.Count("demo", "aiko", std::to_string(i), kZoomApi);

  REQUIRE_THAT(reads.Flush(TestDeadline()), IsOk());

  CHECK(Count() == "35");
  CHECK(Query("SELECT count(DISTINCT request_id)::text AS value FROM audit") == "4");
}

TEST_CASE_METHOD(ReadCounterFixture, "What cannot be written is kept, and more is added to it") {
  ReadCounter reads(*pool, Options());
  reads.Count("demo", "aiko", "a", kZoomApi);
  Run("ALTER TABLE audit RENAME TO hidden");
  CHECK_THAT(reads.Flush(TestDeadline()), IsError(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  reads.Count("demo", "aiko", "a", kZoomApi);
  Run("ALTER TABLE hidden RENAME TO audit");

  REQUIRE_THAT(reads.Flush(TestDeadline()), IsOk());

  CHECK(Records() == "a aiko service:zoom-api 2 1000 1000");
}

TEST_CASE_METHOD(ReadCounterFixture, "A batch whose COMMIT had no answer is recorded once") {
  ReadCounter reads(*pool, Options());
  reads.Count("demo", "aiko", "a", kZoomApi);
  Run("CREATE FUNCTION end_backend() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM "
      "pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER ends AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED "
      "FOR EACH ROW EXECUTE FUNCTION end_backend()");
  CHECK_THAT(reads.Flush(TestDeadline()),
             IsError(absl::StatusCode::kUnavailable, "COMMIT_UNKNOWN"));
  Run("DROP TRIGGER ends ON audit");
  reads.Count("demo", "aiko", "a", kZoomApi);

  REQUIRE_THAT(reads.Flush(TestDeadline()), IsOk());

  CHECK(Records() == "a aiko service:zoom-api 1 1000 1000, a aiko service:zoom-api 1 1000 1000");
}

TEST_CASE_METHOD(ReadCounterFixture,
                 "No read is lost between threads that count and one that "
                 "records") {
  ReadCounter reads(*pool);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&reads] {
      for (int i = 0; i < 500; ++i) {
        reads.Count("demo", "aiko", std::to_string(i % 5), kZoomApi);
      }
    });
  }
  for (int i = 0; i < 5; ++i) CHECK_THAT(reads.Flush(TestDeadline()), IsOk());
  for (std::thread& thread : threads) thread.join();
  REQUIRE_THAT(reads.Flush(TestDeadline()), IsOk());

  CHECK(Query("SELECT sum((details->>'count')::bigint)::text AS value FROM audit") == "4000");
  CHECK(BrokenChains() == "none");
}

}  // namespace
}  // namespace shodan::audit
