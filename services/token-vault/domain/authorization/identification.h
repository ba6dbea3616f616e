// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/token-vault/domain/authorization/pending_grant_store.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/zoom/oauth_server.h"
#include "services/token-vault/domain/zoom/zoom_app.h"

namespace shodan::tokenvault {

/// Learns whose grant a pending grant is: reads the profile and stores it with the identity tags.
/// Thread-safe.
class Identification {
 public:
  Identification(PendingGrantStore& pending, const ZoomApps& apps, const Sealing& sealing,
                 OAuthServer& zoom)
      : pending_(pending), apps_(apps), sealing_(sealing), zoom_(zoom) {}

  /// UNAVAILABLE/ZOOM_UNAVAILABLE or FAILED_PRECONDITION/ZOOM_ANSWER_INVALID when Zoom does not
  /// tell; the sweep tries again.
  absl::Status Identify(const PendingGrant& grant, Deadline deadline);

  /// Tries again for grants that are due.
  absl::Status Sweep(Deadline deadline);

 private:
  PendingGrantStore& pending_;
  const ZoomApps& apps_;
  const Sealing& sealing_;
  OAuthServer& zoom_;
};

}  // namespace shodan::tokenvault
