// SPDX-License-Identifier: Apache-2.0
#include "libs/audit/read_counter.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"

namespace shodan::audit {
namespace {

// "spiffe://shodan.local/ns/shodan/sa/zoom-api" is the service "zoom-api".
std::string ActorOf(const std::string& caller) {
  return Join("service:", caller.substr(caller.rfind('/') + 1));
}

int64_t Milliseconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

ReadCounter::ReadCounter(postgres::Pool& pool, Options options)
    : pool_(pool), options_(std::move(options)) {}

size_t ReadCounter::KeyHash::operator()(const Key& key) const {
  const std::hash<std::string> hash;
  return hash(std::get<1>(key)) * 31 + hash(std::get<2>(key)) + hash(std::get<0>(key)) +
         hash(std::get<3>(key));
}

void ReadCounter::Count(const std::string& project_id, const std::string& user_id,
                        const std::string& link_id, const std::string& caller,
                        const std::string& actor) {
  const int64_t now = Milliseconds(options_.now());
  Add({project_id, link_id, caller, actor}, {user_id, 1, now, now});
}

void ReadCounter::Add(const Key& key, const Reads& reads) {
  const std::lock_guard lock(mutex_);
  auto found = counts_.find(key);
  if (found == counts_.end()) {
    const bool full = counts_.size() >= options_.max_pairs;
    found =
        full ? counts_.try_emplace({std::get<0>(key), "", std::get<2>(key), std::get<3>(key)}).first
             : counts_.try_emplace(key).first;
    if (!std::get<1>(found->first).empty()) found->second.user_id = reads.user_id;
  }
  Reads& sum = found->second;
  sum.first_ms = sum.count == 0 ? reads.first_ms : std::min(sum.first_ms, reads.first_ms);
  sum.last_ms = std::max(sum.last_ms, reads.last_ms);
  sum.count += reads.count;
}

std::optional<ReadCounter::Batch> ReadCounter::TakeBatch() {
  const std::lock_guard lock(mutex_);
  if (counts_.empty()) return std::nullopt;
  Batch batch;
  batch.id = "reads-" + RandomUuid();
  while (!counts_.empty() && batch.reads.size() < options_.batch) {
    auto taken = counts_.extract(counts_.begin());
    batch.reads.emplace(std::move(taken.key()), std::move(taken.mapped()));
  }
  return batch;
}

absl::Status ReadCounter::Flush(Deadline deadline) {
  const std::lock_guard flushing(flushing_);
  // Reads that come in meanwhile wait for the next flush, or this one might never end.
  size_t batches_left = pending() / options_.batch + 1;
  while (in_doubt_.has_value() || batches_left > 0) {
    const bool repeated = in_doubt_.has_value();
    std::optional<Batch> batch = repeated ? std::exchange(in_doubt_, std::nullopt) : TakeBatch();
    if (!batch.has_value()) return absl::OkStatus();
    if (!repeated) --batches_left;
    const absl::Status written = Write(*batch, repeated, deadline);
    if (written.ok()) continue;
    if (repeated || HasReason(written, "COMMIT_UNKNOWN")) {
      in_doubt_ = std::move(batch);
    } else {
      for (const auto& [key, reads] : batch->reads) Add(key, reads);
    }
    return written;
  }
  return absl::OkStatus();
}

absl::Status ReadCounter::Write(const Batch& batch, bool repeated, Deadline deadline) {
  const std::vector<AuditRecord> records = RecordsOf(batch);
  return pool_.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
    if (!repeated) return AppendAll(session, records);
    // A batch is written as a whole: one of its records stands for all.
    SHODAN_ASSIGN_OR_RETURN(
        const postgres::Result before,
        session.Execute("SELECT 1 FROM audit WHERE project_id = $1 AND user_id = $2 AND "
                        "request_id = $3 LIMIT 1",
                        postgres::Params()
                            .Text(records[0].project_id)
                            .Text(records[0].user_id)
                            .Text(batch.id)));
    if (!before.empty()) return absl::OkStatus();
    return AppendAll(session, records);
  });
}

std::vector<AuditRecord> ReadCounter::RecordsOf(const Batch& batch) const {
  std::vector<AuditRecord> records;
  for (const auto& [key, reads] : batch.reads) {
    const auto& [project_id, link_id, caller, actor] = key;
    AuditRecord record;
    record.project_id = project_id;
    record.user_id = reads.user_id;
    if (!link_id.empty()) record.link_id = link_id;
    record.actor = actor.empty() ? ActorOf(caller) : actor;
    record.caller = caller;
    record.request_id = batch.id;
    record.action = options_.action;
    record.details = {
        {"count", reads.count}, {"firstAtMs", reads.first_ms}, {"lastAtMs", reads.last_ms}};
    records.push_back(std::move(record));
  }
  return records;
}

size_t ReadCounter::pending() const {
  const std::lock_guard lock(mutex_);
  return counts_.size();
}

}  // namespace shodan::audit
