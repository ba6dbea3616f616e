// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "shodan/tokenvault/v1/token_vault_service.pb.h"

#include "absl/status/statusor.h"
#include "services/account-link/domain/import_vault.h"
#include "services/account-link/domain/vault_port.h"

namespace shodan::account_link {

/// Messages of the vault as values of the domain. INTERNAL/VAULT_ANSWER_UNKNOWN when one holds a
/// name or an id that this program does not understand: guessing could revive a dead link.
absl::StatusOr<Attempt> ReadAttempt(const tokenvault::v1::GetAttemptResponse& answer);
absl::StatusOr<ImportedGrant> ReadImport(const tokenvault::v1::ImportGrantResponse& answer);
absl::StatusOr<ActivatedGrant> ReadActivation(const tokenvault::v1::ActivateGrantResponse& answer);
absl::StatusOr<Erasure> ReadErasure(const tokenvault::v1::EraseGrantResponse& answer);
absl::StatusOr<GrantEvent> ReadGrantEvent(const tokenvault::v1::GrantEvent& event);

tokenvault::v1::AttemptResult ToVault(AttemptResult result);
tokenvault::v1::GrantCause ToVault(LinkCause cause);

}  // namespace shodan::account_link
