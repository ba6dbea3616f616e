// SPDX-License-Identifier: Apache-2.0
#include "libs/audit/sealer.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/crypto/digest.h"
#include "tests/integration/libs/audit/audit_fixture.h"

namespace shodan::audit {
namespace {

using postgres::Session;
using testing::IsOk;
using testing::TestDeadline;

class SealerFixture : public AuditFixture {
 public:
  static Secret Key() { return Secret(std::string(32, 'k')); }

  Seal SealOnce(int max_chains = 100) const {
    const auto seal = Sealer(*pool, Key(), max_chains).SealOnce(TestDeadline());
    REQUIRE_THAT(seal, IsOk());
    return *seal;
  }
  void Grow(const std::string& link_id, int times = 1) const {
    for (int i = 0; i < times; ++i) {
      REQUIRE_THAT(AppendInTransaction(ConnectedAt(link_id)), IsOk());
    }
  }
  std::string Sealed() const {
    return Query(
        "SELECT string_agg(seal_id || ':' || chain_id || ' ' || first_position || '-' ||"
        " last_position, ', ' ORDER BY seal_id, chain_id) AS value FROM audit_sealed_chains");
  }

  const std::unique_ptr<postgres::Pool> pool = NewPool(8);
};

TEST_CASE_METHOD(SealerFixture, "A seal vouches for what has grown since the one before it") {
  Grow("a", 2);
  Grow("b");
  const Seal first = SealOnce();
  Grow("a", 3);
  const Seal second = SealOnce();
  const Seal none = SealOnce();

  CHECK(first.seal_id == 1);
  CHECK(first.chains == 2);
  CHECK(first.rows == 3);
  CHECK(second.seal_id == 2);
  CHECK(second.chains == 1);
  CHECK(second.rows == 3);
  CHECK(none.seal_id == 0);
  CHECK(Sealed() == "1:link:a 1-2, 1:link:b 1-1, 2:link:a 3-5");
  CHECK(Query("SELECT count(*)::text AS value FROM audit_chains WHERE sealed_position < "
              "last_position") == "0");
  CHECK(Query("SELECT bool_and(s.hash = a.hash)::text AS value FROM audit_sealed_chains s JOIN "
              "audit a ON a.chain_id = s.chain_id AND a.chain_position = s.last_position") ==
        "true");
}

TEST_CASE_METHOD(SealerFixture, "Nothing is sealed where nothing was recorded") {
  CHECK(SealOnce().seal_id == 0);
  CHECK(Query("SELECT count(*)::text AS value FROM audit_seals") == "0");
}

TEST_CASE_METHOD(SealerFixture, "A seal is an HMAC over its fields and the seal before it") {
  Grow("a");
  const std::string previous = SealOnce().mac;
  Grow("b", 2);
  const Seal seal = SealOnce();
  const std::string hash = Query(
      "SELECT encode(last_hash, 'base64') AS value FROM audit_chains WHERE chain_id = "
      "'link:b'");
  const std::string sealed_us = Query(
      "SELECT (extract(epoch FROM sealed_at) * 1000000)::bigint::text AS value FROM audit_seals "
      "WHERE seal_id = 2");
  const Sealer sealer(*pool, Key());

  const std::string root = Sha256(LengthPrefixed({"link:b", "1", "2", Base64Decode(hash).value()}));
  CHECK(seal.mac == HmacSha256(Key(), LengthPrefixed({"shodan.audit.seal.1", "2", sealed_us,
                                                      sealer.key_id(), "1", "2", previous, root})));
  CHECK(Query("SELECT encode(mac, 'hex') || ' ' || encode(previous_mac, 'hex') || ' ' || "
              "encode(root, 'hex') || ' ' || key_id AS value FROM audit_seals WHERE seal_id = 2") ==
        HexEncode(seal.mac) + " " + HexEncode(previous) + " " + HexEncode(root) + " " +
            sealer.key_id());
  CHECK(sealer.key_id() != Sealer(*pool, Secret(std::string(32, 'l'))).key_id());
}

TEST_CASE_METHOD(SealerFixture, "A batch has a bound, and says when more is left") {
  for (const char* link : {"a", "b", "c", "d", "e"}) Grow(link);

  const Seal first = SealOnce(2);
  CHECK(first.chains == 2);
  CHECK(first.more);
  CHECK(SealOnce(2).more);
  const Seal last = SealOnce(2);
  CHECK(last.chains == 1);
  CHECK_FALSE(last.more);
}

TEST_CASE_METHOD(SealerFixture, "While one replica seals, another leaves it to it") {
  Grow("a");
  REQUIRE_THAT(
      pool->InTransaction(TestDeadline(),
                          [&](Session& session) -> absl::Status {
                            SHODAN_RETURN_IF_ERROR(
                                session.Execute("SELECT pg_advisory_xact_lock(7002)").status());
                            CHECK(SealOnce().seal_id == 0);
                            return absl::OkStatus();
                          }),
      IsOk());
  CHECK(SealOnce().seal_id == 1);
}

TEST_CASE_METHOD(SealerFixture, "Sealing waits for no change, and seals it when it is committed") {
  Grow("a");
  REQUIRE_THAT(pool->InTransaction(TestDeadline(),
                                   [&](Session& session) -> absl::Status {
                                     SHODAN_RETURN_IF_ERROR(Append(session, ConnectedAt("a")));
                                     CHECK(SealOnce().rows == 1);
                                     return absl::OkStatus();
                                   }),
               IsOk());

  CHECK(SealOnce().seal_id == 2);
  CHECK(Sealed() == "1:link:a 1-1, 2:link:a 1-2");
  CHECK(SealOnce().seal_id == 0);
}

TEST_CASE_METHOD(SealerFixture, "Replicas that seal while others append leave no gap") {
  std::atomic<bool> appending = true;
  std::atomic<int> failures = 0;
  std::vector<std::thread> sealers;
  for (int i = 0; i < 3; ++i) {
    sealers.emplace_back([&] {
      const Sealer sealer(*pool, Key(), 3);
      while (appending) failures += sealer.SealOnce(TestDeadline()).ok() ? 0 : 1;
    });
  }
  std::vector<std::thread> writers;
  for (int thread = 0; thread < 4; ++thread) {
    writers.emplace_back([&, thread] {
      for (int i = 0; i < 50; ++i) {
        const AuditRecord record = ConnectedAt("link" + std::to_string((thread + i) % 7));
        failures += pool->InTransaction(TestDeadline(),
                                        [&](Session& session) { return Append(session, record); })
                            .ok()
                        ? 0
                        : 1;
      }
    });
  }
  for (std::thread& thread : writers) thread.join();
  appending = false;
  for (std::thread& thread : sealers) thread.join();
  while (SealOnce().seal_id != 0) {
  }

  CHECK(failures == 0);
  CHECK(BrokenChains() == "none");
  CHECK(Query("SELECT (max(seal_id) = count(*))::text AS value FROM audit_seals") == "true");
  CHECK(Query("SELECT bool_and(previous_mac = before)::text AS value FROM (SELECT previous_mac, "
              "lag(mac, 1, '') OVER (ORDER BY seal_id) AS before FROM audit_seals) AS seals") ==
        "true");
  CHECK(Query("SELECT bool_and(sealed_position = last_position)::text AS value FROM "
              "audit_chains") == "true");
}

}  // namespace
}  // namespace shodan::audit
