// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "libs/postgres/pool.h"
#include "services/token-vault/domain/keys/tag_rotation_store.h"

namespace shodan::tokenvault {

/// TagRotationStore over PostgreSQL.
class PostgresTagStore : public TagRotationStore {
 public:
  explicit PostgresTagStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::vector<TagVersionStatus>> Status(std::chrono::milliseconds stale,
                                                       Deadline deadline) override;
  absl::Status Begin(int32_t tag_version, std::chrono::milliseconds stale, const Actor& actor,
                     Deadline deadline) override;
  absl::Status Switch(int32_t tag_version, std::chrono::milliseconds stale, const Actor& actor,
                      Deadline deadline) override;
  absl::Status Retire(int32_t tag_version, std::chrono::milliseconds stale, const Actor& actor,
                      Deadline deadline) override;
  absl::StatusOr<std::vector<TagWork>> Work(Deadline deadline) override;
  absl::StatusOr<std::vector<TaggedRow>> ListWithoutNext(TaggedTable table, int32_t current,
                                                         const std::string& after, int limit,
                                                         Deadline deadline) override;
  absl::StatusOr<int> StoreNext(TaggedTable table, const std::vector<TaggedRow>& rows,
                                const std::vector<IdentityTags>& tags, Deadline deadline) override;
  absl::StatusOr<int> Settle(int limit, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::tokenvault
