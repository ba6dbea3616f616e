// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/services/account-link/fakes/fake_vault.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/errors.h"

namespace shodan::account_link::testing {
namespace {

constexpr size_t kPendingGrantPage = 2;

Time Now() { return std::chrono::system_clock::now(); }

absl::Status Down() { return Unavailable(reason::kVaultUnavailable, "The vault is away."); }
absl::Status NoPendingGrant() {
  return NotFound(reason::kPendingGrantNotFound, "There is no such pending grant.");
}
absl::Status Mismatch() {
  return Aborted(reason::kGenerationMismatch, "The link changed; decide again.");
}

}  // namespace

std::string FakeVault::AddAttempt(const UserKey& owner, Purpose purpose, AttemptState state,
                                  const std::string& zoom_user) {
  const std::lock_guard lock(mutex_);
  StoredAttempt stored;
  stored.attempt.attempt_id = RandomUuid();
  stored.attempt.owner = owner;
  stored.attempt.purpose = purpose;
  stored.attempt.state = state;
  stored.zoom_user = zoom_user;
  stored.pending = state == AttemptState::kExchanged;
  stored.store_time = Now();
  const std::string id = stored.attempt.attempt_id;
  attempts_[id] = stored;
  attempt_order_.push_back(id);
  return id;
}

std::string FakeVault::PendingAttempt(const UserKey& owner, Purpose purpose) {
  return AddAttempt(owner, purpose, AttemptState::kPending, "");
}

std::string FakeVault::ExchangedAttempt(const UserKey& owner, const std::string& zoom_user,
                                        Purpose purpose) {
  return AddAttempt(owner, purpose, AttemptState::kExchanged, zoom_user);
}

void FakeVault::IdentifyAttempt(const std::string& attempt_id, const std::string& zoom_user) {
  const std::lock_guard lock(mutex_);
  attempts_.at(attempt_id).zoom_user = zoom_user;
}

void FakeVault::EndAttempt(const std::string& attempt_id, AttemptResult result) {
  const std::lock_guard lock(mutex_);
  Drop(attempts_.at(attempt_id), result);
}

void FakeVault::KillPendingGrant(const std::string& attempt_id) {
  const std::lock_guard lock(mutex_);
  attempts_.at(attempt_id).dead = true;
}

void FakeVault::RequireProof(const std::string& attempt_id, bool required) {
  const std::lock_guard lock(mutex_);
  attempts_.at(attempt_id).needs_proof = required;
}

void FakeVault::RequireReconnect(const std::string& link_id, LinkCause cause) {
  const std::lock_guard lock(mutex_);
  grants_.at(link_id).state = LinkState::kReconnectRequired;
  grants_.at(link_id).cause = cause;
  Emit(link_id);
}

void FakeVault::Recover(const std::string& link_id) {
  const std::lock_guard lock(mutex_);
  grants_.at(link_id).state = LinkState::kActive;
  grants_.at(link_id).cause = LinkCause::kUnspecified;
  Emit(link_id);
}

void FakeVault::set_zoom_confirms(bool confirms) {
  const std::lock_guard lock(mutex_);
  zoom_confirms_ = confirms;
}

void FakeVault::FinishErasures(bool revoked_at_zoom) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, stored] : erasures_) {
    if (stored.erasure.state == LinkState::kDisconnecting) Finish(stored, revoked_at_zoom);
  }
}

void FakeVault::set_down(bool down) {
  const std::lock_guard lock(mutex_);
  down_ = down;
}

void FakeVault::FailNext(VaultCall call, bool after_effect) {
  const std::lock_guard lock(mutex_);
  faults_[call] = after_effect ? Fault::kAfter : Fault::kBefore;
}

void FakeVault::OnCall(std::function<void(VaultCall)> hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

FakeVault::Grant FakeVault::GrantOf(const std::string& link_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = grants_.find(link_id);
  return found == grants_.end() ? Grant() : found->second;
}

std::set<std::string> FakeVault::HoldersOf(const std::string& zoom_user) const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> holders;
  for (const auto& [link_id, grant] : grants_) {
    if (grant.zoom_user == zoom_user && grant.state == LinkState::kActive) holders.insert(link_id);
  }
  return holders;
}

std::vector<GrantEvent> FakeVault::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

int FakeVault::calls(VaultCall call) const {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

FakeVault::Fault FakeVault::Enter(VaultCall call) {
  std::function<void(VaultCall)> hook;
  Fault fault = Fault::kNone;
  {
    const std::lock_guard lock(mutex_);
    ++calls_[call];
    hook = hook_;
    fault = down_ ? Fault::kBefore : std::exchange(faults_[call], Fault::kNone);
  }
  if (hook) hook(call);
  return fault;
}

void FakeVault::Emit(const std::string& link_id) {
  const Grant& grant = grants_.at(link_id);
  GrantEvent event;
  // With gaps, as sequences have them.
  event.event_id = events_.empty() ? 3 : events_.back().event_id + 2;
  event.link_id = link_id;
  event.owner = grant.owner;
  event.generation = grant.generation;
  event.state = grant.state;
  event.cause = grant.cause;
  event.create_time = Now();
  events_.push_back(event);
}

void FakeVault::Drop(StoredAttempt& attempt, AttemptResult result) {
  attempt.pending = false;
  attempt.attempt.state = AttemptState::kEnded;
  attempt.attempt.result = result;
}

IdentityMatch FakeVault::MatchOf(const StoredAttempt& stored) const {
  if (stored.attempt.state != AttemptState::kExchanged || stored.zoom_user.empty()) {
    return IdentityMatch::kUnknown;
  }
  for (const auto& [link_id, grant] : grants_) {
    if (grant.owner != stored.attempt.owner || grant.zoom_user.empty()) continue;
    return grant.zoom_user == stored.zoom_user ? IdentityMatch::kSame : IdentityMatch::kDifferent;
  }
  return IdentityMatch::kNoLinkIdentity;
}

bool FakeVault::HeldElsewhere(const StoredAttempt& stored) const {
  return std::any_of(grants_.begin(), grants_.end(), [&](const auto& entry) {
    const Grant& grant = entry.second;
    return !stored.zoom_user.empty() && grant.zoom_user == stored.zoom_user &&
           grant.owner != stored.attempt.owner;
  });
}

absl::StatusOr<Attempt> FakeVault::GetAttempt(const UserKey& owner, const std::string& attempt_id,
                                              const CallScope&) {
  if (Enter(VaultCall::kGetAttempt) != Fault::kNone) return Down();
  const std::lock_guard lock(mutex_);
  const auto found = attempts_.find(attempt_id);
  if (found == attempts_.end() || found->second.attempt.owner != owner) {
    return NotFound(reason::kAttemptNotFound, "There is no such attempt.");
  }
  Attempt attempt = found->second.attempt;
  attempt.identity_match = MatchOf(found->second);
  attempt.held_elsewhere =
      attempt.state == AttemptState::kExchanged && HeldElsewhere(found->second);
  return attempt;
}

absl::StatusOr<ActivatedGrant> FakeVault::ActivateGrant(const Activation& wish, const CallScope&) {
  const Fault fault = Enter(VaultCall::kActivate);
  if (fault == Fault::kBefore) return Down();
  const std::lock_guard lock(mutex_);
  absl::StatusOr<ActivatedGrant> grant = Activate(wish);
  if (fault == Fault::kAfter) return Down();
  return grant;
}

absl::StatusOr<ActivatedGrant> FakeVault::Activate(const Activation& wish) {
  if (const auto known = activations_.find(wish.decision_id); known != activations_.end()) {
    return known->second;
  }
  const auto found = attempts_.find(wish.attempt_id);
  if (found == attempts_.end() || !found->second.pending ||
      found->second.attempt.owner != wish.owner) {
    return NoPendingGrant();
  }
  StoredAttempt& stored = found->second;
  if (stored.zoom_user.empty()) return ZoomUnavailable();
  const auto own = grants_.find(wish.link_id);
  const int64_t generation = own == grants_.end() ? 0 : own->second.generation;
  if (own != grants_.end() && own->second.state == LinkState::kDisconnecting) {
    return FailedPrecondition(reason::kLinkDisconnecting, "The link is being disconnected.");
  }
  if (generation != wish.expected_generation) return Mismatch();
  if (stored.attempt.purpose == Purpose::kImport && HeldElsewhere(stored)) {
    return FailedPrecondition(reason::kConnectedElsewhere, "Another user holds the Zoom user.");
  }
  if (stored.dead) {
    Drop(stored, AttemptResult::kSystemError);
    return PendingGrantDead();
  }
  if (stored.needs_proof) return Unavailable(reason::kPendingGrantNotProved, "Not known yet.");
  ActivatedGrant activated;
  for (auto& [link_id, other] : grants_) {
    if (link_id == wish.link_id || other.zoom_user != stored.zoom_user) continue;
    other.state = LinkState::kNone;
    other.cause = LinkCause::kTakenOver;
    other.zoom_user.clear();
    ++other.generation;
    activated.superseded = SupersededLink{link_id, other.owner, other.generation};
    Emit(link_id);
  }
  grants_[wish.link_id] = {wish.owner, generation + 1, LinkState::kActive, LinkCause::kUnspecified,
                           stored.zoom_user};
  Emit(wish.link_id);
  stored.pending = false;
  stored.attempt.state = AttemptState::kActivated;
  stored.attempt.result = AttemptResult::kConnected;
  activated.generation = generation + 1;
  activations_[wish.decision_id] = activated;
  return activated;
}

absl::Status FakeVault::DiscardPendingGrant(const Discarding& wish, const CallScope&) {
  const Fault fault = Enter(VaultCall::kDiscard);
  if (fault == Fault::kBefore) return Down();
  const std::lock_guard lock(mutex_);
  if (!discards_.contains(wish.decision_id)) {
    const auto found = attempts_.find(wish.attempt_id);
    if (found == attempts_.end() || !found->second.pending) return NoPendingGrant();
    Drop(found->second, wish.result);
    discards_.insert(wish.decision_id);
  }
  if (fault == Fault::kAfter) return Down();
  return absl::OkStatus();
}

absl::StatusOr<IdentifiedLink> FakeVault::ResolveIdentity(const ZoomIdentity& identity,
                                                          const CallScope&) {
  if (Enter(VaultCall::kResolve) != Fault::kNone) return Down();
  const std::lock_guard lock(mutex_);
  for (const auto& [link_id, grant] : grants_) {
    if (grant.zoom_user == identity.zoom_user_id && !grant.zoom_user.empty() &&
        grant.owner.project_id == identity.project_id) {
      return IdentifiedLink{grant.owner, link_id, grant.generation};
    }
  }
  return NotFound(reason::kGrantNotFound, "This Zoom user is not connected.");
}

absl::StatusOr<Erasure> FakeVault::EraseGrant(const Erasing& wish, const CallScope&) {
  const Fault fault = Enter(VaultCall::kErase);
  if (fault == Fault::kBefore) return Down();
  const std::lock_guard lock(mutex_);
  absl::StatusOr<Erasure> erasure = Erase(wish);
  if (fault == Fault::kAfter) return Down();
  return erasure;
}

absl::StatusOr<Erasure> FakeVault::Erase(const Erasing& wish) {
  if (const auto known = erasures_.find(wish.decision_id); known != erasures_.end()) {
    return known->second.erasure;
  }
  const auto found = grants_.find(wish.link_id);
  if (found == grants_.end() || found->second.owner != wish.owner) {
    return NotFound(reason::kGrantNotFound, "The link has no grant.");
  }
  Grant& grant = found->second;
  if (grant.generation != wish.expected_generation) return Mismatch();
  ++grant.generation;
  grant.state = LinkState::kDisconnecting;
  grant.cause = wish.cause;
  grant.zoom_user.clear();
  Emit(wish.link_id);
  for (auto& [id, attempt] : attempts_) {
    const bool open = attempt.attempt.state == AttemptState::kPending ||
                      attempt.attempt.state == AttemptState::kExchanged;
    if (attempt.attempt.owner == wish.owner && open) Drop(attempt, AttemptResult::kSuperseded);
  }
  StoredErasure& stored = erasures_[wish.decision_id];
  stored.link_id = wish.link_id;
  stored.cause = wish.cause;
  stored.erasure.state = LinkState::kDisconnecting;
  stored.erasure.generation = grant.generation;
  stored.erasure.start_time = Now();
  if (zoom_confirms_) Finish(stored, true);
  return stored.erasure;
}

void FakeVault::Finish(StoredErasure& stored, bool revoked_at_zoom) {
  stored.erasure.state = LinkState::kNone;
  stored.erasure.end_time = Now();
  stored.erasure.revoked_at_zoom = revoked_at_zoom;
  stored.erasure.backups_unreadable_time = *stored.erasure.end_time + std::chrono::hours(14 * 24);
  grants_.at(stored.link_id).state = LinkState::kNone;
  Emit(stored.link_id);
}

absl::StatusOr<PendingGrantPage> FakeVault::ListPendingGrants(std::chrono::milliseconds min_age,
                                                              const std::string& page,
                                                              const CallScope&) {
  if (Enter(VaultCall::kListPending) != Fault::kNone) return Down();
  const std::lock_guard lock(mutex_);
  size_t first = 0;
  if (!page.empty() && !absl::SimpleAtoi(page, &first)) {
    return InvalidField("pageToken", "MALFORMED", "must be from the previous page");
  }
  PendingGrantPage found;
  const Time now = Now();
  for (size_t i = first; i < attempt_order_.size(); ++i) {
    const StoredAttempt& stored = attempts_.at(attempt_order_[i]);
    if (!stored.pending || stored.store_time + min_age > now) continue;
    if (found.grants.size() == kPendingGrantPage) {
      found.next_page = std::to_string(i);
      break;
    }
    found.grants.push_back({stored.attempt.attempt_id, stored.attempt.owner});
  }
  return found;
}

absl::StatusOr<std::vector<GrantEvent>> FakeVault::ListGrantEvents(int64_t after_event_id,
                                                                   int limit, const CallScope&) {
  if (Enter(VaultCall::kListEvents) != Fault::kNone) return Down();
  const std::lock_guard lock(mutex_);
  std::vector<GrantEvent> page;
  for (const GrantEvent& event : events_) {
    if (event.event_id > after_event_id && page.size() < static_cast<size_t>(limit)) {
      page.push_back(event);
    }
  }
  return page;
}

}  // namespace shodan::account_link::testing
