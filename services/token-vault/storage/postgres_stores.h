// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/token-vault/storage/postgres_activation_store.h"
#include "services/token-vault/storage/postgres_attempt_store.h"
#include "services/token-vault/storage/postgres_erasure_store.h"
#include "services/token-vault/storage/postgres_grant_store.h"
#include "services/token-vault/storage/postgres_import_store.h"
#include "services/token-vault/storage/postgres_inbox_key_store.h"
#include "services/token-vault/storage/postgres_ledger_store.h"
#include "services/token-vault/storage/postgres_pending_grant_store.h"

namespace shodan::tokenvault {

/// All stores of the vault on one pool.
struct PostgresStores {
  explicit PostgresStores(postgres::Pool& pool, const KeySchedule& schedule = {})
      : attempts(pool),
        pending(pool),
        activations(pool),
        grants(pool),
        erasures(pool, schedule),
        ledger(pool),
        imports(pool),
        inbox_keys(pool) {}

  PostgresAttemptStore attempts;
  PostgresPendingGrantStore pending;
  PostgresActivationStore activations;
  PostgresGrantStore grants;
  PostgresErasureStore erasures;
  PostgresLedgerStore ledger;
  PostgresImportStore imports;
  PostgresInboxKeyStore inbox_keys;
};

}  // namespace shodan::tokenvault
