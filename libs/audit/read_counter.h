// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "libs/audit/audit.h"
#include "libs/base/deadline.h"
#include "libs/postgres/pool.h"

namespace shodan::audit {

/// Counts reads of a secret per link and calling service, and records them in batches, so that a
/// read costs no write.
///
/// Counts live in this process until Flush(): a process that is killed takes those since the last
/// flush with it. Memory is bounded: past `max_pairs` distinct pairs further ones are counted per
/// project, caller and actor, without the link, until the next flush. Thread-safe.
class ReadCounter {
 public:
  using Now = std::function<std::chrono::system_clock::time_point()>;
  struct Options {
    std::string action = "token.read";  ///< of the records
    size_t max_pairs = 10'000;          ///< distinct (link, caller), about 300 bytes each
    size_t batch = 256;                 ///< records a transaction
    Now now = &std::chrono::system_clock::now;
  };

  explicit ReadCounter(postgres::Pool& pool) : ReadCounter(pool, Options()) {}
  ReadCounter(postgres::Pool& pool, Options options);

  /// One read by `caller` (a SPIFFE id) of this link's secret, on behalf of `actor`
  /// ("api_key:<id>"); empty: on its own. Takes constant time and no I/O.
  void Count(const std::string& project_id, const std::string& user_id, const std::string& link_id,
             const std::string& caller, const std::string& actor = "");

  /// Writes what was counted: one record for each link, caller and actor, with details count,
  /// firstAtMs and lastAtMs (milliseconds since 1970 by this machine's clock). What cannot be
  /// written is kept for the next flush; a batch whose COMMIT had no answer is looked for before it
  /// is repeated, so that nothing is recorded twice.
  absl::Status Flush(Deadline deadline);

  /// Pairs counted and not written yet.
  size_t pending() const;

 private:
  // Project, link, caller, actor; the link is empty for what is counted without one.
  using Key = std::tuple<std::string, std::string, std::string, std::string>;
  struct Reads {
    std::string user_id;
    int64_t count = 0;
    int64_t first_ms = 0;
    int64_t last_ms = 0;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };
  using Counts = std::unordered_map<Key, Reads, KeyHash>;
  struct Batch {
    std::string id;
    std::map<Key, Reads> reads;  // in the order in which their chains are locked
  };

  void Add(const Key& key, const Reads& reads);
  std::optional<Batch> TakeBatch();
  absl::Status Write(const Batch& batch, bool repeated, Deadline deadline);
  std::vector<AuditRecord> RecordsOf(const Batch& batch) const;

  postgres::Pool& pool_;
  const Options options_;
  std::mutex flushing_;
  std::optional<Batch> in_doubt_;  // under flushing_
  mutable std::mutex mutex_;
  Counts counts_;  // under mutex_
};

}  // namespace shodan::audit
