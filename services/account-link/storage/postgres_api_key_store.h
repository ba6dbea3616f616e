// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/postgres/pool.h"
#include "services/account-link/domain/api_keys.h"

namespace shodan::account_link {

/// API keys in PostgreSQL. The pool outlives it.
class PostgresApiKeyStore final : public ApiKeyStore {
 public:
  explicit PostgresApiKeyStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<ApiKey> Insert(const ApiKeyContent& content, const std::string& api_key_id,
                                const std::string& hash, size_t keys_max,
                                std::chrono::seconds lifetime_max, const Actor& actor,
                                Deadline deadline) override;
  absl::StatusOr<std::vector<ApiKey>> List(const std::string& project_id, const PageQuery& query,
                                           Deadline deadline) override;
  absl::StatusOr<ApiKey> Rotate(const std::string& project_id, const std::string& api_key_id,
                                const std::string& hash, std::chrono::seconds overlap,
                                const Actor& actor, Deadline deadline) override;
  absl::Status Delete(const std::string& project_id, const std::string& api_key_id,
                      const Actor& actor, Deadline deadline) override;
  absl::StatusOr<std::optional<StoredApiKey>> Find(const std::string& api_key_id,
                                                   Deadline deadline) override;
  absl::Status Touch(const std::string& api_key_id, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::account_link
