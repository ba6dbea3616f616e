// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/token-vault/domain/erasure/erasure_store.h"
#include "services/token-vault/domain/erasure/ledger.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/settings.h"
#include "services/token-vault/domain/zoom/oauth_server.h"

namespace shodan::tokenvault {

/// Erases grants: unusable at once, revoked at Zoom where that harms no other grant, wiped within a
/// minute whatever happens. Thread-safe.
class Erasure {
 public:
  struct Parts {
    ErasureStore& erasures;
    Ledger& ledger;
    const ZoomApps& apps;
    const Sealing& sealing;
    OAuthServer& zoom;
    const Lifetimes& lifetimes;
    Logger& log;
    Metrics& metrics;
  };
  explicit Erasure(Parts parts) : parts_(std::move(parts)) {}

  /// Gives Zoom a few seconds to confirm; what is left then is the sweep's. NOT_FOUND/
  /// GRANT_NOT_FOUND, ABORTED/GENERATION_MISMATCH.
  absl::StatusOr<ErasureProgress> Erase(const ErasureRequest& request, const Actor& actor,
                                        Deadline deadline);

  /// Goes on with what a crash or an unreachable Zoom left. Every replica calls it often.
  absl::Status Sweep(Deadline deadline);

 private:
  enum class Result { kConfirmed, kGone, kOpen };
  enum class Sent { kConfirmed, kRefused, kUnknown, kNotPermitted };
  /// How long a revocation belongs to the request that began its erasure.
  std::chrono::milliseconds YoungTime() const;
  /// How long a revocation belongs to who leased it.
  std::chrono::milliseconds LeaseTime() const;
  absl::Status Finish(const Revocation& revocation, Deadline deadline);
  /// What is wiped goes into the erasure ledger; only then it is over. Left for the sweep when it
  /// cannot be written.
  void File(const std::string& link_id);
  /// One request to revoke, if it is still permitted at this moment.
  Sent Send(const ZoomApp& app, const Revocation& revocation, const Secret& token,
            Deadline deadline);
  /// Learns whose tokens these are; a result when they can or need not be revoked now.
  std::optional<Result> Identify(const ZoomApp& app, const Revocation& revocation,
                                 Deadline deadline);
  Result RevokeAtZoom(const Revocation& revocation, Deadline deadline);
  Result RevokeFresh(const ZoomApp& app, const Revocation& revocation, const Secret& refresh_token,
                     Deadline deadline);

  Parts parts_;
};

}  // namespace shodan::tokenvault
