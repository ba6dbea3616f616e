// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/complete_link.h"
#include "services/account-link/domain/external_id_store.h"
#include "services/account-link/domain/import_vault.h"
#include "services/account-link/domain/link_store.h"

namespace shodan::account_link {

/// A connection of another system.
struct ConnectionToImport {
  UserKey owner;
  std::string external_id;  ///< empty for none
  std::vector<std::string> scopes;
  std::string envelope;
};

/// What became of it.
enum class ImportOutcome {
  kImported,
  kAlreadyImported,            ///< the same envelope, earlier
  kValid,                      ///< it was only looked at
  kImportedWithoutExternalId,  ///< another link took the name meanwhile
  kRefusedActiveLink,
  kRefusedDisconnecting,
  kRefusedOtherAccount,  ///< the user waits for a reconnect with another Zoom account
  kRefusedOtherUser,     ///< another user is connected to the Zoom account
  kRefusedExternalId,
  kInvalidLine,
  kUndecryptable,
  kTokenRejected,
  kUnknown,      ///< Zoom may have replaced the token: import again to find out
  kUnavailable,  ///< import again
};

struct ImportResult {
  ImportOutcome outcome = ImportOutcome::kUnavailable;
  std::string field;   ///< kInvalidLine: the first bad one
  std::string reason;  ///< of the error, where there was one
};

/// Imports connections of another system. The vault proves the token and remembers the envelope;
/// what is then decided is CompleteLink's. Nothing is remembered here, so every call may be
/// repeated. Thread-safe.
class ImportConnections {
 public:
  ImportConnections(LinkStore& links, ExternalIdStore& names, ImportVault& vault,
                    CompleteLink& complete_link)
      : links_(links), names_(names), vault_(vault), complete_link_(complete_link) {}

  /// One connection. `validate_only`: looks whether it could be imported, and changes nothing.
  ImportResult Run(const ConnectionToImport& connection, bool validate_only,
                   const CallScope& scope);

 private:
  // What is wrong with beginning the import; kImported when nothing is.
  absl::StatusOr<ImportOutcome> Objection(const ConnectionToImport& connection,
                                          const CallScope& scope);
  ImportResult Complete(const ConnectionToImport& connection, const ImportedGrant& grant,
                        const CallScope& scope);

  LinkStore& links_;
  ExternalIdStore& names_;
  ImportVault& vault_;
  CompleteLink& complete_link_;
};

}  // namespace shodan::account_link
