// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/import_connections.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/limits.h"
#include "services/account-link/domain/validation.h"

namespace shodan::account_link {
namespace {

bool IsScope(const std::string& text) {
  return !text.empty() && text.size() <= kMaxScopeBytes &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
}

absl::Status Check(const ConnectionToImport& connection) {
  RequestCheck check;
  check.Owner(connection.owner);
  check.OptionalExternalId("externalId", connection.external_id);
  if (connection.scopes.size() > kMaxImportedScopes ||
      !std::all_of(connection.scopes.begin(), connection.scopes.end(), IsScope)) {
    check.Add("scopes", "MALFORMED",
              "must be at most 100 scopes of 1 to 128 characters without spaces and quotes");
  }
  if (connection.envelope.empty()) check.Add("envelope", "REQUIRED", "must not be empty");
  check.OptionalText("envelope", connection.envelope, kMaxEnvelopeBytes);
  return check.Finish();
}

struct Meaning {
  std::string_view reason;
  ImportOutcome outcome;
};

// What errors of the vault and of CompleteLink say about a connection.
constexpr std::array kMeanings = {
    Meaning{reason::kImportUndecryptable, ImportOutcome::kUndecryptable},
    Meaning{reason::kImportKeyNotFound, ImportOutcome::kUndecryptable},
    Meaning{reason::kImportContentInvalid, ImportOutcome::kInvalidLine},
    Meaning{reason::kImportTokenRejected, ImportOutcome::kTokenRejected},
    Meaning{reason::kPendingGrantDead, ImportOutcome::kTokenRejected},
    Meaning{reason::kImportAnswerLost, ImportOutcome::kUnknown},
    Meaning{reason::kConnectedElsewhere, ImportOutcome::kRefusedOtherUser},
    Meaning{reason::kOtherAccountConnected, ImportOutcome::kRefusedOtherAccount},
    Meaning{reason::kDifferentAccount, ImportOutcome::kRefusedOtherAccount},
    Meaning{reason::kLinkDisconnecting, ImportOutcome::kRefusedDisconnecting},
};

std::string MetadataValue(const absl::Status& status, std::string_view key) {
  for (auto& [name, value] : MetadataOf(status)) {
    if (name == key) return std::move(value);
  }
  return "";
}

ImportResult ResultOf(const absl::Status& error) {
  ImportResult result{ImportOutcome::kUnavailable, "", ReasonOf(error)};
  for (const Meaning& meaning : kMeanings) {
    if (result.reason == meaning.reason) result.outcome = meaning.outcome;
  }
  if (result.outcome == ImportOutcome::kInvalidLine) result.field = MetadataValue(error, "field");
  if (MetadataValue(error, "answerLost") == "yes") result.reason = reason::kImportAnswerLost;
  return result;
}

}  // namespace

ImportResult ImportConnections::Run(const ConnectionToImport& connection, bool validate_only,
                                    const CallScope& scope) {
  if (const absl::Status bad = Check(connection); !bad.ok()) {
    return {ImportOutcome::kInvalidLine, FieldsOf(bad).front().field, ReasonOf(bad)};
  }
  const absl::StatusOr<ImportOutcome> objection = Objection(connection, scope);
  if (!objection.ok()) return ResultOf(objection.status());
  const bool may_begin = *objection == ImportOutcome::kImported;
  const absl::StatusOr<ImportedGrant> grant = vault_.ImportGrant({.owner = connection.owner,
                                                                  .envelope = connection.envelope,
                                                                  .scopes = connection.scopes,
                                                                  .validate_only = validate_only,
                                                                  .known_only = !may_begin},
                                                                 scope);
  // What stands in the way may be this very import.
  if (HasReason(grant.status(), reason::kImportUnknown)) return {*objection, "", ""};
  if (!grant.ok()) return ResultOf(grant.status());
  CrashPoint("link.import.after_proof");
  if (!validate_only) return Complete(connection, *grant, scope);
  return {grant->known ? ImportOutcome::kAlreadyImported : ImportOutcome::kValid, "", ""};
}

absl::StatusOr<ImportOutcome> ImportConnections::Objection(const ConnectionToImport& connection,
                                                           const CallScope& scope) {
  SHODAN_ASSIGN_OR_RETURN(const std::optional<Link> link,
                          links_.Find(connection.owner, scope.deadline));
  if (link.has_value() && link->state == LinkState::kActive) {
    return ImportOutcome::kRefusedActiveLink;
  }
  if (link.has_value() && link->state == LinkState::kDisconnecting) {
    return ImportOutcome::kRefusedDisconnecting;
  }
  if (connection.external_id.empty()) return ImportOutcome::kImported;
  SHODAN_ASSIGN_OR_RETURN(const bool free,
                          names_.IsFree(connection.owner, connection.external_id, scope.deadline));
  return free ? ImportOutcome::kImported : ImportOutcome::kRefusedExternalId;
}

ImportResult ImportConnections::Complete(const ConnectionToImport& connection,
                                         const ImportedGrant& grant, const CallScope& scope) {
  const absl::StatusOr<Link> link = complete_link_.Run(connection.owner, grant.attempt_id, scope);
  if (!link.ok()) return ResultOf(link.status());
  const bool before = grant.attempt_state == AttemptState::kActivated;
  // Ended since: its user has the last word about the name too.
  if (link->state == LinkState::kActive && !connection.external_id.empty()) {
    const absl::StatusOr<bool> given =
        names_.Give(connection.owner, connection.external_id, scope.deadline);
    if (!given.ok()) return ResultOf(given.status());
    if (!*given) return {ImportOutcome::kImportedWithoutExternalId, "externalId", ""};
  }
  return {before ? ImportOutcome::kAlreadyImported : ImportOutcome::kImported, "", ""};
}

}  // namespace shodan::account_link
