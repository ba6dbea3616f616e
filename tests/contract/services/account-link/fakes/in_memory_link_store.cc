// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/services/account-link/fakes/in_memory_link_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link::testing {
namespace {

using Tables = InMemoryDatabase::Tables;
using StoredDecision = InMemoryDatabase::StoredDecision;

class Transaction final : public LinkTransaction {
 public:
  explicit Transaction(Tables& tables) : tables_(tables) {}

  absl::StatusOr<std::optional<LockedLink>> LockLink(const UserKey& owner) override {
    const auto found = tables_.links.find(owner);
    if (found == tables_.links.end()) return std::optional<LockedLink>();
    return std::optional<LockedLink>(LockedLink{found->second, tables_.now});
  }

  absl::StatusOr<LockedLink> LockOrCreateLink(const UserKey& owner,
                                              const std::string& link_id) override {
    const auto [row, created] = tables_.links.try_emplace(owner);
    if (created) {
      row->second.owner = owner;
      row->second.link_id = link_id.empty() ? RandomUuid() : link_id;
      row->second.update_time = tables_.now;
    }
    return LockedLink{row->second, tables_.now};
  }

  absl::Status SaveLink(const Link& link) override {
    tables_.links[link.owner] = link;
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<Decision>> FindDecision(const std::string& decision_id) override {
    return FindIf([&](const Decision& d) { return d.decision_id == decision_id; });
  }

  absl::StatusOr<std::optional<Decision>> FindUndoneDecision(
      const UserKey& owner, const std::string& attempt_id) override {
    return FindIf([&](const Decision& d) {
      return !d.done && d.owner == owner && d.attempt_id == attempt_id &&
             d.kind != DecisionKind::kErase;
    });
  }

  absl::StatusOr<std::optional<Decision>> FindUndoneErasure(const UserKey& owner) override {
    return FindIf([&](const Decision& d) {
      return !d.done && d.owner == owner && d.kind == DecisionKind::kErase;
    });
  }

  absl::Status InsertDecision(const Decision& decision) override {
    const bool doubled =
        std::any_of(tables_.decisions.begin(), tables_.decisions.end(), [&](const auto& entry) {
          const Decision& other = entry.second.decision;
          if (other.decision_id == decision.decision_id) return true;
          if (other.done) return false;
          if (decision.kind != DecisionKind::kErase) {
            return other.attempt_id == decision.attempt_id;
          }
          return other.kind == DecisionKind::kErase && other.owner == decision.owner;
        });
    if (doubled) return AlreadyExists("DATABASE_CONFLICT", "There is such a decision already.");
    tables_.decisions[decision.decision_id] = {.decision = decision,
                                               .create_time = tables_.now,
                                               .next_attempt_time = tables_.now,
                                               .attempts = 0,
                                               .done_time = {},
                                               .failure = {}};
    return absl::OkStatus();
  }

  absl::Status SetExpectedGeneration(const std::string& decision_id, int64_t generation) override {
    const auto found = tables_.decisions.find(decision_id);
    if (found != tables_.decisions.end() && !found->second.decision.done) {
      found->second.decision.expected_generation = generation;
    }
    return absl::OkStatus();
  }

  absl::Status FinishDecision(const std::string& decision_id, std::string_view failure) override {
    const auto found = tables_.decisions.find(decision_id);
    if (found == tables_.decisions.end() || found->second.decision.done) return absl::OkStatus();
    found->second.decision.done = true;
    found->second.done_time = tables_.now;
    found->second.failure = std::string(failure);
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> ClaimRequest(const IdempotentRequest& request,
                                           const std::string& resource_id) override {
    return InMemoryDatabase::ClaimRequest(tables_, request, resource_id);
  }

  absl::Status AppendAudit(const AuditEntry& entry) override {
    tables_.audit.push_back(entry);
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<int64_t>> LockCursor(bool) override {
    return std::optional<int64_t>(tables_.cursor);
  }

  absl::Status AdvanceCursor(int64_t event_id) override {
    tables_.cursor = std::max(tables_.cursor, event_id);
    return absl::OkStatus();
  }

 private:
  template <typename Predicate>
  absl::StatusOr<std::optional<Decision>> FindIf(Predicate predicate) {
    for (const auto& [id, stored] : tables_.decisions) {
      if (predicate(stored.decision)) return std::optional<Decision>(stored.decision);
    }
    return std::optional<Decision>();
  }

  Tables& tables_;
};

bool IsDue(const StoredDecision& stored, const LeasePolicy& policy, Time now) {
  return !stored.decision.done && stored.next_attempt_time <= now &&
         stored.create_time + policy.grace <= now;
}

}  // namespace

absl::StatusOr<std::optional<Link>> InMemoryLinkStore::Find(const UserKey& owner, Deadline) {
  const Tables tables = database_.Committed();
  const auto found = tables.links.find(owner);
  if (found == tables.links.end()) return std::optional<Link>();
  return std::optional<Link>(found->second);
}

absl::Status InMemoryLinkStore::Transact(
    Deadline, const std::function<absl::Status(LinkTransaction&)>& body) {
  return database_.Transact([&](Tables& tables) {
    Transaction transaction(tables);
    return body(transaction);
  });
}

absl::StatusOr<int64_t> InMemoryLinkStore::Cursor(Deadline) { return database_.Committed().cursor; }

absl::StatusOr<std::vector<Decision>> InMemoryLinkStore::LeaseUndoneDecisions(
    const LeasePolicy& policy, int limit, Deadline) {
  std::vector<Decision> leased;
  SHODAN_RETURN_IF_ERROR(database_.Transact([&](Tables& tables) {
    leased.clear();
    for (auto& [id, stored] : tables.decisions) {
      if (leased.size() == static_cast<size_t>(limit)) break;
      if (!IsDue(stored, policy, tables.now)) continue;
      const auto pause = std::min(policy.max_backoff, policy.backoff * (1 << stored.attempts));
      stored.next_attempt_time = tables.now + pause;
      stored.attempts = std::min(stored.attempts + 1, 16);
      leased.push_back(stored.decision);
    }
    return absl::OkStatus();
  }));
  return leased;
}

absl::Status InMemoryLinkStore::PurgeExpired(int, Deadline) {
  return database_.Transact([&](Tables& tables) {
    std::erase_if(tables.requests,
                  [&](const auto& entry) { return entry.second.expire_time <= tables.now; });
    std::erase_if(tables.decisions, [&](const auto& entry) {
      return entry.second.decision.done &&
             entry.second.done_time + kDoneDecisionLifetime <= tables.now;
    });
    return absl::OkStatus();
  });
}

}  // namespace shodan::account_link::testing
