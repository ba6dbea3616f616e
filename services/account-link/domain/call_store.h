// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/account-link/domain/call.h"
#include "services/account-link/domain/idempotency.h"
#include "services/account-link/domain/page.h"

namespace shodan::account_link {

/// Records of calls. Every operation sees the records of one owner only; those of others answer
/// NOT_FOUND/CALL_NOT_FOUND. Errors of the database pass through. Thread-safe.
class CallStore {
 public:
  virtual ~CallStore() = default;

  /// A repetition returns the record that the first request made, NOT_FOUND/CALL_NOT_FOUND when
  /// that was deleted since. ALREADY_EXISTS/REQUEST_ID_REUSED when the content differs.
  virtual absl::StatusOr<Call> Create(const CallContent& content, const IdempotentRequest& request,
                                      Deadline deadline) = 0;
  virtual absl::StatusOr<Call> Get(const UserKey& owner, const std::string& call_id,
                                   Deadline deadline) = 0;
  /// Newest first, up to query.size + 1 records: one more than asked for tells that more follow.
  virtual absl::StatusOr<std::vector<Call>> List(const UserKey& owner, const CallFilter& filter,
                                                 const PageQuery& query, Deadline deadline) = 0;
  /// ABORTED/ETAG_MISMATCH when `etag` is neither empty nor the present one.
  virtual absl::StatusOr<Call> Update(const UserKey& owner, const std::string& call_id,
                                      const CallChange& change, const std::string& etag,
                                      Deadline deadline) = 0;
  virtual absl::Status Delete(const UserKey& owner, const std::string& call_id,
                              Deadline deadline) = 0;
};

}  // namespace shodan::account_link
