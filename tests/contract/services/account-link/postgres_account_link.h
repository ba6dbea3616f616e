// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "services/account-link/storage/migrations.h"
#include "services/account-link/storage/postgres_call_store.h"
#include "services/account-link/storage/postgres_link_store.h"
#include "services/account-link/storage/postgres_note_store.h"
#include "services/account-link/storage/postgres_project_store.h"
#include "tests/support/postgres_fixture.h"

namespace shodan::account_link::testing {

/// The service's own schema in a fresh database, and its stores on it.
class PostgresAccountLink : public shodan::testing::PostgresFixture {
 public:
  explicit PostgresAccountLink(int max_connections = 16) : PostgresFixture(Migrations()) {
    pool = NewPool(max_connections);
    links = std::make_unique<PostgresLinkStore>(*pool);
    calls = std::make_unique<PostgresCallStore>(*pool);
    notes = std::make_unique<PostgresNoteStore>(*pool);
    projects = std::make_unique<PostgresProjectStore>(*pool);
  }

  std::unique_ptr<postgres::Pool> pool;
  std::unique_ptr<PostgresLinkStore> links;
  std::unique_ptr<PostgresCallStore> calls;
  std::unique_ptr<PostgresNoteStore> notes;
  std::unique_ptr<PostgresProjectStore> projects;
};

}  // namespace shodan::account_link::testing
