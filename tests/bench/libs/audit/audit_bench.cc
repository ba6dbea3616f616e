// SPDX-License-Identifier: Apache-2.0
// What a chained audit record costs beside a plain insert of the same row in the same run, and what
// sealing costs. Prints one JSON object.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/audit/audit.h"
#include "libs/audit/chain_schema.h"
#include "libs/audit/read_counter.h"
#include "libs/audit/sealer.h"
#include "libs/base/status.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace shodan::audit {
namespace {

using postgres::Params;
using postgres::Session;
using testing::IsOk;
using Clock = std::chrono::steady_clock;

constexpr int kRecords = 1'000;
constexpr int kRounds = 7;
constexpr int kLinks = 200;
constexpr std::string_view kPlainInsert =
    "INSERT INTO plain (project_id, user_id, link_id, actor, caller, request_id, action, details)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

AuditRecord RecordNumber(int number) {
  AuditRecord record;
  record.project_id = "demo";
  record.user_id = "user-" + std::to_string(number % kLinks);
  record.link_id = "5c5f7d0e-0000-4000-8000-" + std::to_string(100'000'000'000 + number % kLinks);
  record.actor = "user:" + record.user_id;
  record.caller = "spiffe://shodan.local/ns/shodan/sa/gateway";
  record.request_id = "5c5f7d0e-0000-4000-8000-" + std::to_string(200'000'000'000 + number);
  record.action = "grant.activated";
  record.details = {{"generation", int64_t{3}}, {"state", "active"}};
  return record;
}

absl::Status AppendPlain(Session& session, const AuditRecord& record) {
  return session
      .Execute(kPlainInsert, Params()
                                 .Text(record.project_id)
                                 .Text(record.user_id)
                                 .TextOrNull(record.link_id)
                                 .Text(record.actor)
                                 .Text(record.caller)
                                 .Text(record.request_id)
                                 .Text(record.action)
                                 .Text(R"({"generation":3,"state":"active"})"))
      .status();
}

double Microseconds(const std::function<void()>& run, int operations) {
  const auto started = Clock::now();
  run();
  const std::chrono::duration<double, std::micro> elapsed = Clock::now() - started;
  return elapsed.count() / operations;
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

TEST_CASE_METHOD(testing::PostgresFixture, "The cost of a chained audit record") {
  std::string plain(kAuditTableSql);
  plain.replace(plain.find("TABLE audit"), 11, "TABLE plain");
  plain.replace(plain.find("audit_by_user ON audit"), 22, "plain_by_user ON plain");
  Run(plain);
  Run(std::string(kAuditTableSql));
  Run(std::string(kAuditChainSql));
  const auto pool = NewPool(1);
  const Deadline deadline = Deadline::After(std::chrono::minutes(5));
  const auto append_each = [&](absl::Status (*append)(Session&, const AuditRecord&)) {
    for (int i = 0; i < kRecords; ++i) {
      REQUIRE(pool->InTransaction(
                      deadline, [&](Session& session) { return append(session, RecordNumber(i)); })
                  .ok());
    }
  };
  std::vector<double> plain_us;
  std::vector<double> chained_us;
  for (int round = 0; round < kRounds; ++round) {
    plain_us.push_back(Microseconds([&] { append_each(&AppendPlain); }, kRecords));
    chained_us.push_back(Microseconds([&] { append_each(&Append); }, kRecords));
  }
  const Sealer sealer(*pool, Secret(std::string(32, 'k')));
  int64_t sealed = 0;
  const double seal_us = Microseconds(
      [&] {
        const auto seal = sealer.SealOnce(deadline);
        REQUIRE_THAT(seal, IsOk());
        sealed = seal->chains;
      },
      1);
  ReadCounter reads(*pool);
  const double count_us = Microseconds(
      [&] {
        for (int i = 0; i < 100 * kRecords; ++i) {
          reads.Count("demo", "user", "5c5f7d0e-0000-4000-8000-" + std::to_string(i % 5'000),
                      "spiffe://shodan.local/ns/shodan/sa/zoom-api");
        }
      },
      100 * kRecords);
  const double flush_us = Microseconds([&] { REQUIRE_THAT(reads.Flush(deadline), IsOk()); }, 5'000);
  std::printf(
      "{\"plain_us\":%.0f,\"chained_us\":%.0f,\"chained_per_plain\":%.2f,"
      "\"seal_us\":%.0f,\"sealed_chains\":%lld,\"count_read_us\":%.3f,\"flush_per_pair_us\":%.0f}"
      "\n",
      Median(plain_us), Median(chained_us), Median(chained_us) / Median(plain_us), seal_us,
      static_cast<long long>(sealed), count_us, flush_us);
}

}  // namespace shodan::audit
