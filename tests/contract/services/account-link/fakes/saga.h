// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "libs/crypto/random.h"
#include "services/account-link/domain/complete_link.h"
#include "services/account-link/domain/disconnect.h"
#include "services/account-link/domain/grant_events.h"
#include "services/account-link/domain/reconciler.h"
#include "tests/contract/services/account-link/fakes/fake_vault.h"

namespace shodan::account_link::testing {

/// The scope of a call made by the gateway for this user, with ample time.
inline CallScope ScopeOf(const UserKey& owner) {
  return {.actor = {.name = "user:" + owner.user_id,
                    .caller = "spiffe://shodan.local/ns/shodan/sa/gateway",
                    .request_id = "request-1"},
          .deadline = Deadline::After(std::chrono::seconds(30))};
}

/// Connecting and disconnecting on a store and a vault, wired as in the program.
struct Saga {
  Saga(LinkStore& store, Vault& vault_port, std::chrono::milliseconds grace)
      : links(store),
        feed(store, vault_port),
        complete_link(store, vault_port, feed),
        disconnect(store, vault_port, feed),
        reconciler(store, vault_port, feed, complete_link, disconnect, grace) {}

  absl::StatusOr<Link> Complete(const UserKey& owner, const std::string& attempt_id) {
    return complete_link.Run(owner, attempt_id, ScopeOf(owner));
  }
  absl::StatusOr<Disconnected> End(const UserKey& owner,
                                   const std::string& request_id = RandomUuid(),
                                   LinkCause cause = LinkCause::kDisconnected) {
    return disconnect.Run(owner, cause, request_id, ScopeOf(owner));
  }
  /// Zoom says that this Zoom user removed the app.
  absl::StatusOr<std::optional<Link>> Deauthorize(const std::string& zoom_user, Time event_time) {
    return disconnect.Deauthorize({"demo", "", zoom_user}, event_time, ScopeOf({"demo", "zoom"}));
  }
  absl::StatusOr<GrantEventFeed::Progress> Pull() {
    return feed.Pull(GrantEventFeed::Busy::kWait, ScopeOf({"demo", "nobody"}));
  }
  Reconciler::Report Reconcile() {
    return reconciler.RunOnce(Deadline::After(std::chrono::seconds(30)));
  }
  Link LinkOf(const UserKey& owner) {
    return links.Find(owner, Deadline::After(std::chrono::seconds(30)))->value_or(Link());
  }

  LinkStore& links;
  GrantEventFeed feed;
  CompleteLink complete_link;
  Disconnect disconnect;
  Reconciler reconciler;
};

}  // namespace shodan::account_link::testing
