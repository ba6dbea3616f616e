// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/token-vault/domain/authorization/attempt_store.h"
#include "services/token-vault/domain/authorization/grant_intake.h"
#include "services/token-vault/domain/imports/import_keys.h"
#include "services/token-vault/domain/imports/import_store.h"
#include "services/token-vault/domain/imports/pacer.h"
#include "services/token-vault/domain/zoom/oauth_server.h"
#include "services/token-vault/domain/zoom/zoom_gate.h"

namespace shodan::tokenvault {

/// What is asked to be imported.
struct GrantToImport {
  std::string project_id;
  std::string user_id;
  std::string envelope;
  std::vector<std::string> scopes;
  bool validate_only = false;
  bool known_only = false;
};

/// What became of it.
struct ImportedGrant {
  std::optional<Attempt> attempt;  ///< absent when an envelope was only looked at
  bool known = false;              ///< an earlier call had stored the grant
};

/// Imports grants of other systems: a token that comes encrypted is proved by one refresh, and what
/// the refresh brought becomes a pending grant. The token that came is stored nowhere: until the
/// refresh it is in the importer's file, afterwards Zoom has replaced it.
///
/// The intent, an attempt that is exchanging, is committed before Zoom is asked; the database marks
/// the envelope as stored in the transaction that stores the pending grant, and then never again
/// asks Zoom with it. Thread-safe.
class GrantImport {
 public:
  struct Parts {
    ImportStore& imports;
    AttemptStore& attempts;
    ImportKeys& keys;
    const ZoomApps& apps;
    OAuthServer& zoom;
    ZoomGate& gate;
    GrantIntake& intake;
    Pacer& pacer;
    const Lifetimes& lifetimes;
    Pause pause;
    Logger& log;
    Metrics& metrics;
  };
  explicit GrantImport(Parts parts) : parts_(std::move(parts)) {}

  /// What was begun at Zoom is finished, whatever the caller's deadline. Errors as ImportGrant of
  /// the proto lists them.
  absl::StatusOr<ImportedGrant> Import(const GrantToImport& wanted, const Actor& actor,
                                       Deadline deadline);

  /// Destroys the keys whose time is over.
  absl::Status Sweep(Deadline deadline) { return parts_.imports.DestroyExpiredKeys(deadline); }

 private:
  absl::Status Prove(const GrantToImport& wanted, const std::string& digest,
                     const std::string& import_key_id, const Secret& refresh_token,
                     const Actor& actor, Deadline deadline);
  absl::Status AskZoom(const GrantToImport& wanted, const std::string& digest,
                       const BegunImport& begun, const ZoomApp& app, ZoomGate::Pass pass,
                       const Secret& refresh_token, const Actor& actor);
  absl::Status EndRejected(const std::string& digest, const BegunImport& begun, bool answer_lost,
                           const Actor& actor);
  absl::Status EndLost(const BegunImport& begun, const Actor& actor);
  absl::Status EndUnused(const std::string& digest, const BegunImport& begun,
                         const TokenAnswer& answer, const Actor& actor);

  Parts parts_;
};

}  // namespace shodan::tokenvault
