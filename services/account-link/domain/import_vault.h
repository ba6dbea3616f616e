// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/account-link/domain/attempt.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// A grant of another system. The envelope holds its token and is for the vault alone.
struct GrantToImport {
  UserKey owner;
  std::string envelope;
  std::vector<std::string> scopes;
  bool validate_only = false;
  bool known_only = false;  ///< only tells what the envelope became earlier
};

/// A grant that was imported, or could be.
struct ImportedGrant {
  std::string attempt_id;                             ///< empty when it was only looked at
  AttemptState attempt_state = AttemptState::kEnded;  ///< before anything is decided about it
  bool known = false;                                 ///< an earlier call had stored it
};

/// What an import asks of the token vault besides what Vault has. Thread-safe.
class ImportVault {
 public:
  virtual ~ImportVault() = default;

  /// Proves the token by one refresh, never again once what it brought is stored as a pending
  /// grant. INVALID_ARGUMENT/IMPORT_UNDECRYPTABLE, /IMPORT_CONTENT_INVALID (metadata "field");
  /// NOT_FOUND/IMPORT_KEY_NOT_FOUND, /IMPORT_UNKNOWN; FAILED_PRECONDITION/IMPORT_TOKEN_REJECTED
  /// (metadata "answerLost"); UNAVAILABLE/IMPORT_ANSWER_LOST, /IMPORT_IN_PROGRESS,
  /// /IMPORT_RATE_LIMITED, /ZOOM_UNAVAILABLE, /ZOOM_APP_REJECTED, /REVOCATION_IN_PROGRESS,
  /// /VAULT_UNAVAILABLE.
  virtual absl::StatusOr<ImportedGrant> ImportGrant(const GrantToImport& wish,
                                                    const CallScope& scope) = 0;
};

}  // namespace shodan::account_link
