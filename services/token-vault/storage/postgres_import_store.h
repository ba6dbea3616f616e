// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/token-vault/domain/imports/import_store.h"

namespace shodan::tokenvault {

/// ImportStore on PostgreSQL.
class PostgresImportStore : public ImportStore {
 public:
  explicit PostgresImportStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::optional<ImportKey>> InsertKey(const NewImportKey& key, int max,
                                                     const Actor& actor,
                                                     Deadline deadline) override;
  absl::StatusOr<std::vector<ImportKey>> ListKeys(const std::string& project_id,
                                                  Deadline deadline) override;
  absl::StatusOr<std::optional<std::string>> FindKey(const std::string& import_key_id,
                                                     const std::string& project_id,
                                                     Deadline deadline) override;
  absl::StatusOr<bool> DestroyKey(const std::string& import_key_id, const Actor& actor,
                                  Deadline deadline) override;
  absl::Status DestroyExpiredKeys(Deadline deadline) override;
  absl::StatusOr<std::optional<ImportLine>> FindLine(const std::string& digest,
                                                     Deadline deadline) override;
  absl::StatusOr<std::optional<BegunImport>> Begin(const NewImport& import, const Actor& actor,
                                                   Deadline deadline) override;
  absl::Status Reject(const std::string& digest, Deadline deadline) override;
  absl::Status NoteUnused(const std::string& digest, bool unresolved, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::tokenvault
