// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/grant_events.h"
#include "services/account-link/domain/link_store.h"
#include "services/account-link/domain/vault_port.h"

namespace shodan::account_link {

/// The link after a disconnect, and what was done so far.
struct Disconnected {
  Link link;
  DisconnectReceipt receipt;
};

/// Ends links: first marked here together with the wish, then erased in the vault, then recorded
/// here. A link whose wish was committed stays in kDisconnecting until the vault has wiped it,
/// whatever crashes. Thread-safe.
class Disconnect {
 public:
  Disconnect(LinkStore& links, Vault& vault, GrantEventFeed& feed)
      : links_(links), vault_(vault), feed_(feed) {}

  /// `cause` is kDisconnected or kDisconnectedByAdmin. A repetition of `request_id` has no further
  /// effect, even when the user connected again meanwhile. A link that is not connected answers as
  /// it is, with its last receipt.
  /// Errors: NOT_FOUND/LINK_NOT_FOUND when the user never connected; ALREADY_EXISTS/
  /// REQUEST_ID_REUSED; UNAVAILABLE/VAULT_UNAVAILABLE: the link stays kDisconnecting and the
  /// reconciler goes on; ABORTED/LINK_CHANGING likewise.
  absl::StatusOr<Disconnected> Run(const UserKey& owner, LinkCause cause,
                                   const std::string& request_id, const CallScope& scope);

  /// Ends the link of a Zoom user who removed the app at Zoom at `event_time`. nullopt, and no
  /// effect, when no link is connected to that user, or the link's present life began later. Errors
  /// as in Run(), without REQUEST_ID_REUSED.
  absl::StatusOr<std::optional<Link>> Deauthorize(const ZoomIdentity& identity, Time event_time,
                                                  const CallScope& scope);

  /// Goes on with an undone decision of kind kErase.
  absl::StatusOr<Disconnected> Resume(const Decision& decision, const CallScope& scope);

 private:
  // What a transaction found: the wish to carry out, or the answer when nothing is left to do.
  struct Next {
    std::optional<Decision> wish;
    Disconnected answer;
  };
  using Prepare = std::function<absl::Status(LinkTransaction&, Next&)>;

  absl::StatusOr<Disconnected> CarryOut(const Prepare& first, const CallScope& scope);
  absl::StatusOr<Next> Decide(const Prepare& prepare, const CallScope& scope);
  absl::StatusOr<Erasure> Erase(const Decision& wish, const CallScope& scope);
  absl::StatusOr<Disconnected> Record(const Decision& wish, const Erasure& erasure,
                                      const CallScope& scope);

  LinkStore& links_;
  Vault& vault_;
  GrantEventFeed& feed_;
};

}  // namespace shodan::account_link
