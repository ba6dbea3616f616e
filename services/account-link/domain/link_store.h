// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/account-link/domain/audit_entry.h"
#include "services/account-link/domain/idempotency.h"
#include "services/account-link/domain/link.h"
#include "services/account-link/domain/link_decision.h"

namespace shodan::account_link {

/// A link's row, locked until the transaction ends.
struct LockedLink {
  Link link;
  Time now;  ///< start of the transaction by the store's clock
};

/// What one transaction on links can do. Lock several links in the order of their keys.
class LinkTransaction {
 public:
  virtual ~LinkTransaction() = default;

  virtual absl::StatusOr<std::optional<LockedLink>> LockLink(const UserKey& owner) = 0;
  /// A missing row is made: state none, generation 0, with `link_id`, or a fresh UUID when that is
  /// empty.
  virtual absl::StatusOr<LockedLink> LockOrCreateLink(const UserKey& owner,
                                                      const std::string& link_id) = 0;
  /// Writes a locked link; owner and link_id stay as they are.
  virtual absl::Status SaveLink(const Link& link) = 0;

  virtual absl::StatusOr<std::optional<Decision>> FindDecision(const std::string& decision_id) = 0;
  /// At most one exists of each.
  virtual absl::StatusOr<std::optional<Decision>> FindUndoneDecision(
      const UserKey& owner, const std::string& attempt_id) = 0;
  virtual absl::StatusOr<std::optional<Decision>> FindUndoneErasure(const UserKey& owner) = 0;
  virtual absl::Status InsertDecision(const Decision& decision) = 0;
  /// A decision that was not carried out may be made again for the link's present generation.
  virtual absl::Status SetExpectedGeneration(const std::string& decision_id,
                                             int64_t generation) = 0;
  /// Ends a decision; `failure` is empty when it was carried out, else the reason why not. No
  /// effect on one that has ended.
  virtual absl::Status FinishDecision(const std::string& decision_id, std::string_view failure) = 0;

  /// Records the request with what it led to, and returns `resource_id`; or, for a repetition, what
  /// it led to the first time. ALREADY_EXISTS/REQUEST_ID_REUSED when the content differs.
  virtual absl::StatusOr<std::string> ClaimRequest(const IdempotentRequest& request,
                                                   const std::string& resource_id) = 0;

  virtual absl::Status AppendAudit(const AuditEntry& entry) = 0;

  /// Locks the position in the vault's event feed. nullopt when another transaction holds it and
  /// `wait` is false.
  virtual absl::StatusOr<std::optional<int64_t>> LockCursor(bool wait) = 0;
  virtual absl::Status AdvanceCursor(int64_t event_id) = 0;
};

/// How undone decisions are taken up.
struct LeasePolicy {
  std::chrono::milliseconds grace;    ///< younger ones are still being worked on by their caller
  std::chrono::milliseconds backoff;  ///< pause after the first try; doubled after each
  std::chrono::milliseconds max_backoff;
};

/// Links, the outbox of decisions about them, and the position in the vault's event feed.
///
/// Errors of the database pass through: UNAVAILABLE/DATABASE_UNAVAILABLE, DEADLINE_EXCEEDED/
/// DATABASE_TIMEOUT and the like. Thread-safe.
class LinkStore {
 public:
  virtual ~LinkStore() = default;

  /// nullopt when the user never connected.
  virtual absl::StatusOr<std::optional<Link>> Find(const UserKey& owner, Deadline deadline) = 0;

  /// Runs `body` and commits when it returns OK; leaves no trace otherwise. The body may run more
  /// than once and must start afresh each time.
  virtual absl::Status Transact(Deadline deadline,
                                const std::function<absl::Status(LinkTransaction&)>& body) = 0;

  virtual absl::StatusOr<int64_t> Cursor(Deadline deadline) = 0;

  /// Up to `limit` decisions that are due, each for one caller only until its next try.
  virtual absl::StatusOr<std::vector<Decision>> LeaseUndoneDecisions(const LeasePolicy& policy,
                                                                     int limit,
                                                                     Deadline deadline) = 0;

  /// Removes up to `limit` each of request ids older than 24 hours and of decisions that ended long
  /// ago.
  virtual absl::Status PurgeExpired(int limit, Deadline deadline) = 0;
};

}  // namespace shodan::account_link
