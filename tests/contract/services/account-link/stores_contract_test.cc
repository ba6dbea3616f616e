// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/contract/services/account-link/fakes/in_memory_link_store.h"
#include "tests/contract/services/account-link/fakes/in_memory_record_stores.h"
#include "tests/contract/services/account-link/link_store_suite.h"
#include "tests/contract/services/account-link/postgres_account_link.h"
#include "tests/contract/services/account-link/record_store_suites.h"

namespace shodan::account_link::testing {

TEST_CASE("the in-memory LinkStore keeps the contract", "[account-link][contract]") {
  InMemoryDatabase database;
  InMemoryLinkStore links(database);
  LinkStoreSuite(links).Run();
}

TEST_CASE("the LinkStore on PostgreSQL keeps the contract", "[account-link][contract]") {
  PostgresAccountLink database;
  LinkStoreSuite(*database.links).Run();
}

TEST_CASE("the in-memory CallStore keeps the contract", "[account-link][contract]") {
  InMemoryDatabase database;
  InMemoryCallStore calls(database);
  CallStoreSuite(calls).Run();
}

TEST_CASE("the CallStore on PostgreSQL keeps the contract", "[account-link][contract]") {
  PostgresAccountLink database;
  CallStoreSuite(*database.calls).Run();
}

TEST_CASE("the in-memory NoteStore keeps the contract", "[account-link][contract]") {
  InMemoryDatabase database;
  InMemoryCallStore calls(database);
  InMemoryNoteStore notes(database);
  NoteStoreSuite(notes, calls).Run();
}

TEST_CASE("the NoteStore on PostgreSQL keeps the contract", "[account-link][contract]") {
  PostgresAccountLink database;
  NoteStoreSuite(*database.notes, *database.calls).Run();
}

}  // namespace shodan::account_link::testing
