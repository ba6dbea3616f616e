// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/key_check.h"

#include <optional>
#include <set>
#include <string>

#include "libs/base/status.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

// Any constant of our own; the database holds nothing but the vault.
constexpr int64_t kKeyStateLock = 7'003;

// One epoch that the database knows.
absl::Status CheckKnown(const Row& row, const KeyRing& keys) {
  const auto key_epoch = static_cast<int32_t>(row.Int("key_epoch"));
  const std::string state = row.Text("state");
  if (keys.EpochKey(key_epoch) == nullptr) {
    if (state != "primary" && state != "readable") return absl::OkStatus();
    return FailedPrecondition("KEY_EPOCH_UNKNOWN",
                              "The key ring lacks a key epoch that stored fields need.");
  }
  if (row.Text("fingerprint") != keys.Fingerprint(key_epoch)) {
    return FailedPrecondition(
        "KEY_EPOCH_CHANGED",
        "The key ring holds another key for an epoch than this database knows: "
        "check that it belongs to this installation.");
  }
  if (state == "destroyed") {
    return FailedPrecondition("KEY_EPOCH_DESTROYED",
                              "The key ring holds a key epoch that was destroyed: remove it.");
  }
  return absl::OkStatus();
}

absl::Status MakePrimary(Session& session, int32_t key_epoch) {
  SHODAN_RETURN_IF_ERROR(session
                             .Execute("UPDATE key_epochs SET state = 'primary', promoted_at = "
                                      "now(), replaced_at = NULL WHERE key_epoch = $1",
                                      Params().Int(key_epoch))
                             .status());
  return session
      .Execute("INSERT INTO open_key_epochs (key_epoch) VALUES ($1) ON CONFLICT DO NOTHING",
               Params().Int(key_epoch))
      .status();
}

}  // namespace

absl::Status LockKeyStates(Session& session) {
  return session.Execute("SELECT pg_advisory_xact_lock($1)", Params().Int(kKeyStateLock)).status();
}

absl::StatusOr<int32_t> CheckKeys(Session& session, const KeyRing& keys) {
  SHODAN_ASSIGN_OR_RETURN(const Result known,
                          session.Execute("SELECT key_epoch, fingerprint, state FROM key_epochs"));
  std::optional<int32_t> primary;
  std::set<int32_t> seen;
  for (int i = 0; i < known.size(); ++i) {
    SHODAN_RETURN_IF_ERROR(CheckKnown(known[i], keys));
    const auto key_epoch = static_cast<int32_t>(known[i].Int("key_epoch"));
    seen.insert(key_epoch);
    if (known[i].Text("state") == "primary") primary = key_epoch;
  }
  for (const auto& [key_epoch, key] : keys.epochs()) {
    if (seen.contains(key_epoch)) continue;
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("INSERT INTO key_epochs (key_epoch, fingerprint) VALUES ($1, $2)",
                     Params().Int(key_epoch).Text(keys.Fingerprint(key_epoch)))
            .status());
  }
  if (primary.has_value()) return *primary;
  SHODAN_RETURN_IF_ERROR(MakePrimary(session, keys.primary_epoch()));
  return keys.primary_epoch();
}

}  // namespace shodan::tokenvault
