// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "libs/postgres/pool.h"
#include "services/token-vault/domain/keys/key_rotation_store.h"

namespace shodan::tokenvault {

/// Rows with a field under the epoch: all of them, and those that a re-wrap moves.
absl::StatusOr<int64_t> CountSealed(postgres::Session& session, int32_t key_epoch);
absl::StatusOr<int64_t> CountRewrappable(postgres::Session& session, int32_t key_epoch);

/// See KeyRotationStore.
absl::StatusOr<std::vector<SealedRow>> ListSealedRows(postgres::Pool& pool, SealedTable table,
                                                      int32_t key_epoch, const std::string& after,
                                                      int limit, Deadline deadline);
absl::StatusOr<int> ReplaceSealedRows(postgres::Pool& pool, SealedTable table, int32_t key_epoch,
                                      const std::vector<SealedRow>& before,
                                      const std::vector<SealedRow>& after, Deadline deadline);

}  // namespace shodan::tokenvault
