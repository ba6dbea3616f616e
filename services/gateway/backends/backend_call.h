// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "libs/base/deadline.h"

namespace shodan::gateway {

/// What accompanies every call to a backend. Has constructors, so that it may be a temporary in a
/// co_await expression (rule CORO-1).
class BackendCall {
 public:
  BackendCall(Deadline deadline, std::string request_id)
      : deadline_(deadline), request_id_(std::move(request_id)) {}

  Deadline deadline() const { return deadline_; }
  const std::string& request_id() const& { return request_id_; }
  std::string request_id() && { return std::move(request_id_); }

 private:
  Deadline deadline_;
  std::string request_id_;
};

/// An API key that a program showed.
struct ApiKeyIdentity {
  std::string project_id;
  std::string api_key_id;
  std::vector<std::string> scopes;
};

/// On whose behalf a call in mode user, admin or api_key is made.
class Person {
 public:
  Person(std::string project_id, std::string user_id, bool admin = false)
      : project_id_(std::move(project_id)), user_id_(std::move(user_id)), admin_(admin) {}
  /// A user for whom an API key of the project acts; none where the call concerns no user.
  Person(const ApiKeyIdentity& api_key, std::string user_id)
      : project_id_(api_key.project_id),
        user_id_(std::move(user_id)),
        admin_(false),
        api_key_id_(api_key.api_key_id),
        scopes_(api_key.scopes) {}

  const std::string& project_id() const { return project_id_; }
  const std::string& user_id() const { return user_id_; }
  bool admin() const { return admin_; }  ///< the session carries the project's admin role
  /// Empty for a session.
  const std::string& api_key_id() const { return api_key_id_; }
  const std::vector<std::string>& scopes() const { return scopes_; }

 private:
  std::string project_id_;
  std::string user_id_;
  bool admin_;
  std::string api_key_id_;
  std::vector<std::string> scopes_;
};

}  // namespace shodan::gateway
