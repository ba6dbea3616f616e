// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/import_connections.h"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/account-link/domain/errors.h"
#include "tests/unit/services/account-link/world.h"

namespace shodan::account_link::testing {

using Outcome = ImportOutcome;

// Names by user. Thread-safe enough for one thread.
class FakeNames final : public ExternalIdStore {
 public:
  absl::StatusOr<bool> IsFree(const UserKey& owner, const std::string& external_id,
                              Deadline) override {
    for (const auto& [user, name] : names) {
      if ((user == owner) != (name == external_id)) return false;
    }
    return true;
  }
  absl::StatusOr<bool> Give(const UserKey& owner, const std::string& external_id,
                            Deadline deadline) override {
    if (!*IsFree(owner, external_id, deadline)) return false;
    names[owner] = external_id;
    return true;
  }
  std::map<UserKey, std::string> names;
};

// A vault whose envelopes are names of Zoom users, or of errors.
class FakeImportVault final : public ImportVault {
 public:
  explicit FakeImportVault(FakeVault& vault) : vault_(vault) {}

  absl::StatusOr<ImportedGrant> ImportGrant(const GrantToImport& wish,
                                            const CallScope& scope) override {
    last = wish;
    if (const auto known = attempts_.find(wish.envelope); known != attempts_.end()) {
      const auto attempt = vault_.GetAttempt(wish.owner, known->second, scope);
      return ImportedGrant{known->second, attempt->state, true};
    }
    if (wish.known_only) return NotFound(reason::kImportUnknown, "Not known.");
    if (error.has_value()) return *error;
    if (wish.validate_only) return ImportedGrant();
    ++refreshes;
    const std::string attempt =
        vault_.ExchangedAttempt(wish.owner, wish.envelope, Purpose::kImport);
    attempts_[wish.envelope] = attempt;
    return ImportedGrant{attempt, AttemptState::kExchanged, false};
  }

  std::optional<absl::Status> error;
  GrantToImport last;
  int refreshes = 0;

 private:
  FakeVault& vault_;
  std::map<std::string, std::string> attempts_;
};

struct ImportWorld : World {
  ImportResult Import(const UserKey& owner, const std::string& envelope,
                      const std::string& external_id = "", bool validate_only = false) {
    return imports.Run({owner, external_id, {"user:read:user"}, envelope}, validate_only,
                       ScopeOf(owner));
  }
  FakeNames names;
  FakeImportVault import_vault{vault};
  ImportConnections imports{store, names, import_vault, saga.complete_link};
};

TEST_CASE_METHOD(ImportWorld, "a connection is imported once, however often it is asked for",
                 "[account-link][import]") {
  CHECK(Import(kAiko, "zoom-1", "crm-7").outcome == Outcome::kImported);
  const Link link = saga.LinkOf(kAiko);
  CHECK(link.state == LinkState::kActive);
  CHECK(names.names == std::map<UserKey, std::string>{{kAiko, "crm-7"}});
  CHECK(AuditOf(kAiko) == std::vector<std::string>{"link.connected"});

  CHECK(Import(kAiko, "zoom-1", "crm-7").outcome == Outcome::kAlreadyImported);
  CHECK(saga.LinkOf(kAiko).generation == link.generation);
  CHECK(import_vault.refreshes == 1);
}

TEST_CASE_METHOD(ImportWorld, "an import is not repeated for a user who disconnected since",
                 "[account-link][import]") {
  Import(kAiko, "zoom-1");
  REQUIRE(saga.End(kAiko).ok());
  CHECK(Import(kAiko, "zoom-1").outcome == Outcome::kAlreadyImported);
  CHECK(saga.LinkOf(kAiko).state == LinkState::kNone);
  // Another token is another matter.
  CHECK(Import(kAiko, "zoom-2").outcome == Outcome::kImported);
}

TEST_CASE_METHOD(ImportWorld, "an active link is left alone and the token not used",
                 "[account-link][import]") {
  const Link before = Connected(kAiko, "zoom-1");
  CHECK(Import(kAiko, "zoom-2").outcome == Outcome::kRefusedActiveLink);
  CHECK(import_vault.refreshes == 0);
  CHECK(saga.LinkOf(kAiko) == before);
}

TEST_CASE_METHOD(ImportWorld, "a link that is being disconnected takes no import",
                 "[account-link][import]") {
  Connected(kAiko, "zoom-1");
  vault.set_zoom_confirms(false);
  REQUIRE(saga.End(kAiko).ok());
  CHECK(Import(kAiko, "zoom-2").outcome == Outcome::kRefusedDisconnecting);
  CHECK(import_vault.refreshes == 0);
}

TEST_CASE_METHOD(ImportWorld, "an import does not take a Zoom account over from another user",
                 "[account-link][import]") {
  const Link holder = Connected(kBen, "zoom-1");
  CHECK(Import(kAiko, "zoom-1").outcome == Outcome::kRefusedOtherUser);
  CHECK(saga.LinkOf(kBen) == holder);
  CHECK(saga.LinkOf(kAiko).state == LinkState::kNone);
  // The same answer for a repetition, and nothing begins anew.
  CHECK(Import(kAiko, "zoom-1").outcome == Outcome::kRefusedOtherUser);
  CHECK(import_vault.refreshes == 1);
}

TEST_CASE_METHOD(ImportWorld, "nor does it when the other connects while it is decided",
                 "[account-link][import]") {
  bool once = false;
  vault.OnCall([&](VaultCall call) {
    if (call != VaultCall::kActivate || std::exchange(once, true)) return;
    Connected(kBen, "zoom-1");
  });
  CHECK(Import(kAiko, "zoom-1").outcome == Outcome::kRefusedOtherUser);
  CHECK(saga.LinkOf(kBen).state == LinkState::kActive);
}

TEST_CASE_METHOD(ImportWorld, "the reconciler decides an import as the call would have",
                 "[account-link][import]") {
  Connected(kBen, "zoom-1");
  vault.ExchangedAttempt(kAiko, "zoom-1", Purpose::kImport);
  vault.ExchangedAttempt({"demo", "chie"}, "zoom-2", Purpose::kImport);
  saga.Reconcile();
  CHECK(saga.LinkOf(kBen).state == LinkState::kActive);
  CHECK(saga.LinkOf(kAiko).state == LinkState::kNone);
  CHECK(saga.LinkOf({"demo", "chie"}).state == LinkState::kActive);
}

TEST_CASE_METHOD(ImportWorld, "a link that waits for a reconnect is repaired by the same Zoom user",
                 "[account-link][import]") {
  const Link link = Connected(kAiko, "zoom-1");
  vault.RequireReconnect(link.link_id, LinkCause::kRevoked);
  REQUIRE(saga.Pull().ok());
  SECTION("the same") {
    CHECK(Import(kAiko, "zoom-1").outcome == Outcome::kImported);
    CHECK(saga.LinkOf(kAiko).state == LinkState::kActive);
  }
  SECTION("another") {
    CHECK(Import(kAiko, "zoom-2").outcome == Outcome::kRefusedOtherAccount);
    CHECK(saga.LinkOf(kAiko).state == LinkState::kReconnectRequired);
  }
}

TEST_CASE_METHOD(ImportWorld, "an external id that is taken refuses before the token is used",
                 "[account-link][import]") {
  names.names[kBen] = "crm-7";
  CHECK(Import(kAiko, "zoom-1", "crm-7").outcome == Outcome::kRefusedExternalId);
  CHECK(import_vault.refreshes == 0);
  names.names = {{kAiko, "crm-8"}};
  CHECK(Import(kAiko, "zoom-1", "crm-7").outcome == Outcome::kRefusedExternalId);
  CHECK(Import(kAiko, "zoom-1", "crm-8").outcome == Outcome::kImported);
}

TEST_CASE_METHOD(ImportWorld,
                 "an external id that is taken meanwhile is told, not the import undone",
                 "[account-link][import]") {
  vault.OnCall([&](VaultCall) { names.names[kBen] = "crm-7"; });
  const ImportResult result = Import(kAiko, "zoom-1", "crm-7");
  CHECK(result.outcome == Outcome::kImportedWithoutExternalId);
  CHECK(result.field == "externalId");
  CHECK(saga.LinkOf(kAiko).state == LinkState::kActive);
}

TEST_CASE_METHOD(ImportWorld, "looking at a connection changes nothing", "[account-link][import]") {
  CHECK(Import(kAiko, "zoom-1", "crm-7", /*validate_only=*/true).outcome == Outcome::kValid);
  CHECK(import_vault.refreshes == 0);
  CHECK(names.names.empty());
  Import(kAiko, "zoom-1", "crm-7");
  CHECK(Import(kAiko, "zoom-1", "crm-7", /*validate_only=*/true).outcome ==
        Outcome::kAlreadyImported);
}

TEST_CASE_METHOD(ImportWorld, "each error of the vault has its outcome", "[account-link][import]") {
  const auto with = [](std::string_view reason, ErrorMetadata metadata = {}) {
    return MakeError(absl::StatusCode::kUnavailable, reason, "Some text.", std::move(metadata));
  };
  struct Row {
    absl::Status error;
    Outcome outcome;
    std::string field;
    std::string reason;
  };
  const std::vector<Row> rows = {
      {with("IMPORT_UNDECRYPTABLE"), Outcome::kUndecryptable, "", "IMPORT_UNDECRYPTABLE"},
      {with("IMPORT_KEY_NOT_FOUND"), Outcome::kUndecryptable, "", "IMPORT_KEY_NOT_FOUND"},
      {with("IMPORT_CONTENT_INVALID", {{"field", "refreshToken"}}), Outcome::kInvalidLine,
       "refreshToken", "IMPORT_CONTENT_INVALID"},
      {with("IMPORT_TOKEN_REJECTED", {{"answerLost", "no"}}), Outcome::kTokenRejected, "",
       "IMPORT_TOKEN_REJECTED"},
      {with("IMPORT_TOKEN_REJECTED", {{"answerLost", "yes"}}), Outcome::kTokenRejected, "",
       "IMPORT_ANSWER_LOST"},
      {with("IMPORT_ANSWER_LOST"), Outcome::kUnknown, "", "IMPORT_ANSWER_LOST"},
      {with("IMPORT_IN_PROGRESS"), Outcome::kUnavailable, "", "IMPORT_IN_PROGRESS"},
      {with("ZOOM_APP_REJECTED"), Outcome::kUnavailable, "", "ZOOM_APP_REJECTED"},
      {with("VAULT_UNAVAILABLE"), Outcome::kUnavailable, "", "VAULT_UNAVAILABLE"},
  };
  for (const Row& row : rows) {
    import_vault.error = row.error;
    const ImportResult result = Import(kAiko, "zoom-1");
    INFO(row.reason);
    CHECK(result.outcome == row.outcome);
    CHECK(result.field == row.field);
    CHECK(result.reason == row.reason);
  }
}

TEST_CASE_METHOD(ImportWorld, "a bad field is named and nobody asked", "[account-link][import]") {
  const std::string too_long(16'385, 'x');
  const std::vector<std::pair<ConnectionToImport, std::string>> bad = {
      {{{"demo", ""}, "", {}, "zoom-1"}, "userId"},
      {{{"demo", std::string(256, 'u')}, "", {}, "zoom-1"}, "userId"},
      {{kAiko, std::string(256, 'e'), {}, "zoom-1"}, "externalId"},
      {{kAiko, std::string("a\0b", 3), {}, "zoom-1"}, "externalId"},
      {{kAiko, "..", {}, "zoom-1"}, "externalId"},
      {{kAiko, "", {"two scopes"}, "zoom-1"}, "scopes"},
      {{kAiko, "", {""}, "zoom-1"}, "scopes"},
      {{kAiko, "", std::vector<std::string>(101, "s"), "zoom-1"}, "scopes"},
      {{kAiko, "", {}, ""}, "envelope"},
      {{kAiko, "", {}, too_long}, "envelope"},
  };
  for (const auto& [connection, field] : bad) {
    const ImportResult result = imports.Run(connection, false, ScopeOf(kAiko));
    CHECK(result.outcome == Outcome::kInvalidLine);
    CHECK(result.field == field);
  }
  CHECK(import_vault.last.envelope.empty());
}

}  // namespace shodan::account_link::testing
