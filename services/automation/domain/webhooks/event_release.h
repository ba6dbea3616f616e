// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "services/automation/domain/vault_port.h"
#include "services/automation/domain/webhooks/webhook_store.h"

namespace shodan::automation {

/// Tells the events of links that are due, in order. How many. `store` and each run are safe beside
/// others.
absl::StatusOr<int> ReleaseDueEvents(WebhookStore& store, Deadline deadline);

/// Follows the vault's events: what lives that ended have left is deleted. How many webhooks went.
absl::StatusOr<int> EraseEndedLives(Vault& vault, WebhookStore& store, Deadline deadline);

}  // namespace shodan::automation
