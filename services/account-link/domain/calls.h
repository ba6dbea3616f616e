// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/account-link/domain/call.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/call_store.h"
#include "services/account-link/domain/page.h"
#include "services/account-link/domain/validation.h"

namespace shodan::account_link {

/// Call activity of users: works in every state of their links. Every request is checked whole
/// before anything happens: INVALID_ARGUMENT/INVALID_FIELD names each bad field. Thread-safe.
class Calls {
 public:
  explicit Calls(CallStore& store) : store_(store) {}

  absl::StatusOr<Call> Create(const UserKey& owner, const std::string& request_id,
                              const CallContent& content, const CallScope& scope);
  absl::StatusOr<Call> Get(const UserKey& owner, const std::string& call_id,
                           const CallScope& scope);
  absl::StatusOr<Page<Call>> List(const UserKey& owner, const CallFilter& filter,
                                  const PageRequest& page, const CallScope& scope);
  /// `check` brings what was wrong already when `change` was read from the request.
  absl::StatusOr<Call> Update(const UserKey& owner, const std::string& call_id,
                              const CallChange& change, const std::string& etag, RequestCheck check,
                              const CallScope& scope);
  absl::Status Delete(const UserKey& owner, const std::string& call_id, const CallScope& scope);

 private:
  CallStore& store_;
};

}  // namespace shodan::account_link
