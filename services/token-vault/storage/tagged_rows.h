// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "libs/postgres/pool.h"
#include "services/token-vault/domain/keys/tag_rotation_store.h"

namespace shodan::tokenvault {

/// Rows under `current` that lack a next tag and count: of the revocations that are over, only
/// those that somebody who is connecting now must still be compared with.
absl::StatusOr<int64_t> CountWithoutNext(postgres::Session& session, int32_t current);
/// The other ones forget whose they were.
absl::Status ForgetOldRevocations(postgres::Session& session, int32_t current);
/// Rows that have a tag under a version, revocations included.
absl::StatusOr<int64_t> CountTagged(postgres::Session& session, int32_t tag_version);

/// See TagRotationStore.
absl::StatusOr<std::vector<TaggedRow>> ListRowsWithoutNext(postgres::Pool& pool, TaggedTable table,
                                                           int32_t current,
                                                           const std::string& after, int limit,
                                                           Deadline deadline);
absl::StatusOr<int> StoreNextTags(postgres::Pool& pool, TaggedTable table,
                                  const std::vector<TaggedRow>& rows,
                                  const std::vector<IdentityTags>& tags, Deadline deadline);
absl::StatusOr<int> SettleTags(postgres::Pool& pool, int limit, Deadline deadline);

}  // namespace shodan::tokenvault
