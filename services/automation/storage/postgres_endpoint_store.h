// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/automation/domain/deliveries/endpoint_store.h"

namespace shodan::automation {

/// EndpointStore in PostgreSQL. The pool outlives it.
class PostgresEndpointStore final : public EndpointStore {
 public:
  explicit PostgresEndpointStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Endpoint> Insert(const NewEndpoint& endpoint, int endpoints_max,
                                  const Actor& actor, Deadline deadline) override;
  absl::StatusOr<Endpoint> Find(const std::string& project_id, const std::string& endpoint_id,
                                Deadline deadline) override;
  absl::StatusOr<std::vector<Endpoint>> List(const std::string& project_id, int64_t after_number,
                                             int limit, Deadline deadline) override;
  absl::StatusOr<Endpoint> Update(const EndpointChange& change, const Actor& actor,
                                  Deadline deadline) override;
  absl::Status Delete(const std::string& project_id, const std::string& endpoint_id,
                      const Actor& actor, Deadline deadline) override;
  absl::StatusOr<Endpoint> Rotate(const std::string& project_id, const std::string& endpoint_id,
                                  const SealedSecret& secret, std::chrono::seconds overlap,
                                  const Actor& actor, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::automation
