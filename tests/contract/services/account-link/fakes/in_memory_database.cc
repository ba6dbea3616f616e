// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/services/account-link/fakes/in_memory_database.h"

#include "libs/base/status.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link::testing {

absl::Status InMemoryDatabase::Transact(const std::function<absl::Status(Tables&)>& body) {
  const std::lock_guard lock(mutex_);
  tables_.now += std::chrono::microseconds(1);
  Tables changed = tables_;
  SHODAN_RETURN_IF_ERROR(body(changed));
  tables_ = std::move(changed);
  return absl::OkStatus();
}

InMemoryDatabase::Tables InMemoryDatabase::Committed() const {
  const std::lock_guard lock(mutex_);
  return tables_;
}

void InMemoryDatabase::Advance(std::chrono::milliseconds time) {
  const std::lock_guard lock(mutex_);
  tables_.now += time;
}

absl::StatusOr<std::string> InMemoryDatabase::ClaimRequest(Tables& tables,
                                                           const IdempotentRequest& request,
                                                           const std::string& resource_id) {
  const RequestKey key(request.owner, request.caller, request.request_id);
  const auto found = tables.requests.find(key);
  if (found == tables.requests.end() || found->second.expire_time <= tables.now) {
    tables.requests[key] = {std::string(request.method), request.fingerprint, resource_id,
                            tables.now + kRequestLifetime};
    return resource_id;
  }
  const StoredRequest& earlier = found->second;
  if (earlier.method != request.method || earlier.fingerprint != request.fingerprint) {
    return RequestIdReused();
  }
  return earlier.resource_id;
}

}  // namespace shodan::account_link::testing
