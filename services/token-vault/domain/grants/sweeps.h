// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/observability/log.h"
#include "services/token-vault/domain/authorization/attempt_store.h"
#include "services/token-vault/domain/authorization/identification.h"
#include "services/token-vault/domain/authorization/pending_grant_store.h"
#include "services/token-vault/domain/erasure/erasure.h"
#include "services/token-vault/domain/grants/access_tokens.h"
#include "services/token-vault/domain/imports/grant_import.h"
#include "services/token-vault/domain/webhooks/webhooks.h"
#include "services/token-vault/domain/zoom/zoom_app_administration.h"

namespace shodan::tokenvault {

/// The work that no call does: it finishes what crashes, closed browsers and an unreachable Zoom
/// left. Every replica runs it; the stores see to it that each thing is done once.
class Sweeps {
 public:
  struct Parts {
    AttemptStore& attempts;
    PendingGrantStore& pending;
    GrantStore& grants;
    ErasureStore& erasures;
    Identification& identification;
    AccessTokens& access_tokens;
    Spool& spool;
    Erasure& erasure;
    ZoomAppAdministration& zoom_apps;
    GrantImport& grant_import;
    Webhooks& webhooks;
    const Lifetimes& lifetimes;
    Logger& log;
  };
  explicit Sweeps(Parts parts) : parts_(parts) {}

  /// One round of everything but the erasures; a part that fails does not keep the others.
  void Run();
  /// One round of the erasures. Apart, on a thread of their own: they must end within a minute,
  /// however long the rest waits for Zoom.
  void RunErasures();
  /// One round of the keep-alive: at most `limit` refreshes. Apart: how often it runs is its rate.
  void RunKeepAlive(int limit);

 private:
  void Report(const char* part, const absl::Status& status);

  Parts parts_;
};

}  // namespace shodan::tokenvault
