// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/account-link/domain/vault_port.h"

namespace shodan::account_link::testing {

/// The vault's calls, as the fake counts them and as its faults name them.
enum class VaultCall {
  kGetAttempt,
  kActivate,
  kDiscard,
  kErase,
  kResolve,
  kListPending,
  kListEvents
};

/// A token vault without tokens: attempts, pending grants, grants by link, events, and the rules of
/// who may hold a Zoom user. Held to the contract that the real vault is held to. Thread-safe.
class FakeVault final : public Vault {
 public:
  /// A grant as the vault knows it.
  struct Grant {
    UserKey owner;
    int64_t generation = 0;
    LinkState state = LinkState::kNone;
    LinkCause cause = LinkCause::kUnspecified;
    std::string zoom_user;  ///< empty when it holds none
  };

  // What happened at Zoom.
  std::string PendingAttempt(const UserKey& owner, Purpose purpose = Purpose::kConnect);
  /// An empty `zoom_user` cannot be read yet.
  std::string ExchangedAttempt(const UserKey& owner, const std::string& zoom_user,
                               Purpose purpose = Purpose::kConnect);
  void IdentifyAttempt(const std::string& attempt_id, const std::string& zoom_user);
  void EndAttempt(const std::string& attempt_id, AttemptResult result);
  void KillPendingGrant(const std::string& attempt_id);
  void RequireProof(const std::string& attempt_id, bool required);
  /// Zoom refused a refresh.
  void RequireReconnect(const std::string& link_id, LinkCause cause);
  /// An answer came late after all.
  void Recover(const std::string& link_id);
  /// False: erasures stay in kDisconnecting until FinishErasures().
  void set_zoom_confirms(bool confirms);
  void FinishErasures(bool revoked_at_zoom);

  // Faults.
  void set_down(bool down);
  /// The next such call fails with VAULT_UNAVAILABLE, before or after it had its effect.
  void FailNext(VaultCall call, bool after_effect);
  /// Called on entry to each call, without any lock.
  void OnCall(std::function<void(VaultCall)> hook);

  // What it holds.
  Grant GrantOf(const std::string& link_id) const;
  /// The links whose grants hold this Zoom user and are active.
  std::set<std::string> HoldersOf(const std::string& zoom_user) const;
  std::vector<GrantEvent> events() const;
  int calls(VaultCall call) const;

  absl::StatusOr<Attempt> GetAttempt(const UserKey& owner, const std::string& attempt_id,
                                     const CallScope& scope) override;
  absl::StatusOr<ActivatedGrant> ActivateGrant(const Activation& wish,
                                               const CallScope& scope) override;
  absl::Status DiscardPendingGrant(const Discarding& wish, const CallScope& scope) override;
  absl::StatusOr<Erasure> EraseGrant(const Erasing& wish, const CallScope& scope) override;
  /// Its Zoom users have no accounts.
  absl::StatusOr<IdentifiedLink> ResolveIdentity(const ZoomIdentity& identity,
                                                 const CallScope& scope) override;
  absl::StatusOr<PendingGrantPage> ListPendingGrants(std::chrono::milliseconds min_age,
                                                     const std::string& page,
                                                     const CallScope& scope) override;
  absl::StatusOr<std::vector<GrantEvent>> ListGrantEvents(int64_t after_event_id, int limit,
                                                          const CallScope& scope) override;

 private:
  struct StoredAttempt {
    Attempt attempt;
    std::string zoom_user;
    bool pending = false;  ///< a pending grant is held
    bool dead = false;
    bool needs_proof = false;
    Time store_time;
  };
  struct StoredErasure {
    std::string link_id;
    Erasure erasure;
    LinkCause cause = LinkCause::kUnspecified;
  };
  enum class Fault { kNone, kBefore, kAfter };

  std::string AddAttempt(const UserKey& owner, Purpose purpose, AttemptState state,
                         const std::string& zoom_user);
  Fault Enter(VaultCall call);
  void Emit(const std::string& link_id);
  void Drop(StoredAttempt& attempt, AttemptResult result);
  void Finish(StoredErasure& stored, bool revoked_at_zoom);
  absl::StatusOr<ActivatedGrant> Activate(const Activation& wish);
  absl::StatusOr<Erasure> Erase(const Erasing& wish);
  bool HeldElsewhere(const StoredAttempt& stored) const;
  IdentityMatch MatchOf(const StoredAttempt& attempt) const;

  mutable std::mutex mutex_;
  std::map<std::string, StoredAttempt> attempts_;
  std::vector<std::string> attempt_order_;
  std::map<std::string, Grant> grants_;
  std::map<std::string, ActivatedGrant> activations_;
  std::set<std::string> discards_;
  std::map<std::string, StoredErasure> erasures_;
  std::vector<GrantEvent> events_;
  std::map<VaultCall, int> calls_;
  std::map<VaultCall, Fault> faults_;
  std::function<void(VaultCall)> hook_;
  bool down_ = false;
  bool zoom_confirms_ = true;
};

}  // namespace shodan::account_link::testing
