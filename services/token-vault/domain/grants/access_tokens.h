// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/token-vault/domain/erasure/erasure_store.h"
#include "services/token-vault/domain/grants/grant_store.h"
#include "services/token-vault/domain/grants/refresh_decision.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/grants/spool.h"
#include "services/token-vault/domain/settings.h"
#include "services/token-vault/domain/zoom/oauth_server.h"
#include "services/token-vault/domain/zoom/zoom_gate.h"

namespace shodan::tokenvault {

/// A token for one request to Zoom.
struct AccessToken {
  Secret token;
  std::string link_id;
  Time expires_at;
  int64_t token_version = 0;
  int64_t generation = 0;
  std::string api_base_url;
  std::string account_tag;          ///< empty when the account is not known
  std::vector<std::string> scopes;  ///< granted, sorted; empty when the server named none
};

/// Hands out access tokens and keeps them working.
///
/// Calls for one link share one refresh in this process; the lease in the grant's row does the same
/// between replicas. Zoom is called only after the intent is committed, and a token is handed out
/// only after it is stored. Thread-safe.
class AccessTokens {
 public:
  struct Parts {
    GrantStore& grants;
    ErasureStore& erasures;
    const ZoomApps& apps;
    const Sealing& sealing;
    OAuthServer& zoom;
    ZoomGate& gate;
    Spool& spool;
    const Lifetimes& lifetimes;
    std::string replica;  ///< lease owner
    Pause pause;
    Logger& log;
    Metrics& metrics;
  };
  explicit AccessTokens(Parts parts) : parts_(std::move(parts)) {}

  /// NOT_FOUND/GRANT_NOT_FOUND, FAILED_PRECONDITION/RECONNECT_REQUIRED, UNAVAILABLE/
  /// ZOOM_UNAVAILABLE, /REFRESH_IN_PROGRESS, /ZOOM_APP_REJECTED.
  absl::StatusOr<AccessToken> Get(const std::string& project_id, const std::string& user_id,
                                  int64_t rejected_token_version, Deadline deadline);

  /// Refreshes what is in doubt: links whose token may be dead, and refreshes a crash left open.
  absl::Status SweepDoubtful(Deadline deadline);

  /// Refreshes up to `limit` of the links nobody has used for so long that their refresh tokens
  /// would end. How many were refreshed.
  absl::StatusOr<int> KeepAlive(int limit, Deadline deadline);

 private:
  struct Flight;

  absl::StatusOr<AccessToken> HandOut(const Grant& grant) const;
  /// Shares one refresh of the link's present token among all callers of this process.
  absl::StatusOr<RefreshOutcome> RefreshShared(const Grant& grant, Deadline deadline);
  /// nullopt when another replica refreshes, or the next attempt lies ahead.
  absl::StatusOr<std::optional<RefreshOutcome>> Refresh(const Grant& grant);
  absl::StatusOr<RefreshOutcome> AskZoom(const Grant& grant, const RefreshIntent& intent,
                                         ZoomGate::Pass pass, Deadline lease_end);
  absl::StatusOr<RefreshOutcome> Store(const Grant& grant, const RefreshIntent& intent,
                                       const Secret& used, const TokenSet& tokens);
  absl::Status HandOverLate(const Grant& grant, const Secret& used, const TokenSet& tokens);
  absl::StatusOr<RefreshOutcome> Conclude(const Grant& grant, const RefreshIntent& intent,
                                          const RefreshDecision& decision);

  Parts parts_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace shodan::tokenvault
