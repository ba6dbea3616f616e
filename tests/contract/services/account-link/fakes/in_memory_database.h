// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "services/account-link/domain/audit_entry.h"
#include "services/account-link/domain/call.h"
#include "services/account-link/domain/idempotency.h"
#include "services/account-link/domain/link.h"
#include "services/account-link/domain/link_decision.h"
#include "services/account-link/domain/note.h"

namespace shodan::account_link::testing {

/// What the in-memory stores share, as the tables of one database do: transactions run one after
/// the other and leave no trace when they fail. The clock moves by a microsecond with each of them
/// and otherwise only when told. Thread-safe.
class InMemoryDatabase {
 public:
  struct StoredDecision {
    Decision decision;
    Time create_time;
    Time next_attempt_time;
    int attempts = 0;
    Time done_time;
    std::string failure;
  };
  struct StoredRequest {
    std::string method;
    std::string fingerprint;
    std::string resource_id;
    Time expire_time;
  };
  using RequestKey = std::tuple<UserKey, std::string, std::string>;

  struct Tables {
    Time now = Time(std::chrono::hours(24 * 365 * 56));
    std::map<UserKey, Link> links;
    std::map<std::string, StoredDecision> decisions;
    int64_t cursor = 0;
    std::map<RequestKey, StoredRequest> requests;
    std::vector<AuditEntry> audit;
    std::map<std::string, Call> calls;
    std::map<std::string, Note> notes;
  };

  /// Runs `body` on a copy of the tables, which replaces them when it returns OK.
  absl::Status Transact(const std::function<absl::Status(Tables&)>& body);
  /// What is committed now.
  Tables Committed() const;
  void Advance(std::chrono::milliseconds time);

  /// As storage/request_ledger.h.
  static absl::StatusOr<std::string> ClaimRequest(Tables& tables, const IdempotentRequest& request,
                                                  const std::string& resource_id);

 private:
  mutable std::mutex mutex_;
  Tables tables_;
};

}  // namespace shodan::account_link::testing
