// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/key_check.h"

#include "libs/base/status.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Session;

absl::Status CheckEpoch(Session& session, int32_t key_epoch, const std::string& fingerprint) {
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("INSERT INTO key_epochs (key_epoch, fingerprint) VALUES ($1, $2) ON CONFLICT DO "
                   "NOTHING",
                   Params().Int(key_epoch).Text(fingerprint))
          .status());
  SHODAN_ASSIGN_OR_RETURN(
      const Result same,
      session.Execute("SELECT 1 FROM key_epochs WHERE key_epoch = $1 AND fingerprint = $2",
                      Params().Int(key_epoch).Text(fingerprint)));
  if (!same.empty()) return absl::OkStatus();
  return FailedPrecondition("KEY_EPOCH_CHANGED",
                            "The key ring holds another key for an epoch than this database knows: "
                            "check that it belongs to this installation.");
}

}  // namespace

absl::Status CheckKeys(postgres::Pool& pool, const KeyRing& keys, Deadline deadline) {
  return pool.InTransaction(deadline, [&](Session& session) -> absl::Status {
    for (const auto& [key_epoch, key] : keys.epochs()) {
      SHODAN_RETURN_IF_ERROR(CheckEpoch(session, key_epoch, keys.Fingerprint(key_epoch)));
    }
    SHODAN_ASSIGN_OR_RETURN(
        const Result used,
        session.Execute("SELECT DISTINCT key_epoch FROM (SELECT key_epoch FROM grants UNION ALL "
                        "SELECT key_epoch FROM pending_grants UNION ALL SELECT key_epoch FROM "
                        "grant_profiles) used WHERE key_epoch IS NOT NULL"));
    for (int i = 0; i < used.size(); ++i) {
      if (keys.EpochKey(static_cast<int32_t>(used[i].Int("key_epoch"))) == nullptr) {
        return FailedPrecondition("KEY_EPOCH_UNKNOWN",
                                  "The key ring lacks a key epoch that stored fields need.");
      }
    }
    return absl::OkStatus();
  });
}

}  // namespace shodan::tokenvault
