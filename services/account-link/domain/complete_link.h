// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/grant_events.h"
#include "services/account-link/domain/link_store.h"
#include "services/account-link/domain/vault_port.h"

namespace shodan::account_link {

/// Decides what becomes of an exchanged code, and carries the decision out.
///
/// Two databases, one commit point: the decision is committed here, the activation in the vault,
/// its result here again. Whatever is lost in between, running it again finishes it. Safe to run
/// for one attempt from several threads and replicas. Thread-safe.
class CompleteLink {
 public:
  CompleteLink(LinkStore& links, Vault& vault, GrantEventFeed& feed)
      : links_(links), vault_(vault), feed_(feed) {}

  /// The link after the decision. Errors: NOT_FOUND/ATTEMPT_NOT_FOUND; FAILED_PRECONDITION/
  /// OTHER_ACCOUNT_CONNECTED, /DIFFERENT_ACCOUNT, /LINK_DISCONNECTING, /ATTEMPT_NOT_EXCHANGED,
  /// /PENDING_GRANT_DEAD; UNAVAILABLE/ZOOM_UNAVAILABLE, /VAULT_UNAVAILABLE: it is still under way
  /// and the reconciler goes on; ABORTED/LINK_CHANGING.
  absl::StatusOr<Link> Run(const UserKey& owner, const std::string& attempt_id,
                           const CallScope& scope);

 private:
  // nullopt: the link moved on, decide again.
  absl::StatusOr<std::optional<Link>> Round(const UserKey& owner, const std::string& attempt_id,
                                            const CallScope& scope);
  absl::StatusOr<std::optional<Link>> CompleteExchanged(const Attempt& attempt,
                                                        int64_t seen_generation,
                                                        const CallScope& scope);
  absl::StatusOr<std::optional<Link>> FollowActivated(const Attempt& attempt,
                                                      const CallScope& scope);
  absl::StatusOr<std::optional<Decision>> Decide(const Attempt& attempt, int64_t seen_generation,
                                                 const CallScope& scope);
  absl::StatusOr<std::optional<Link>> CarryOutActivation(const Decision& decision,
                                                         const CallScope& scope);
  absl::Status CarryOutDiscard(const Decision& decision, const CallScope& scope);
  absl::StatusOr<Link> RecordActivation(const Decision& decision, const ActivatedGrant& grant,
                                        const CallScope& scope);
  absl::Status Finish(const Decision& decision, std::string_view failure, const CallScope& scope);
  absl::StatusOr<std::optional<Decision>> FindUndone(const UserKey& owner,
                                                     const std::string& attempt_id,
                                                     const CallScope& scope);
  absl::Status EndUndone(const UserKey& owner, const std::string& attempt_id,
                         const CallScope& scope);

  LinkStore& links_;
  Vault& vault_;
  GrantEventFeed& feed_;
};

}  // namespace shodan::account_link
