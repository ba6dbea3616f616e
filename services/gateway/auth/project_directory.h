// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "libs/jwt/jws.h"
#include "services/gateway/backends/account_link_client.h"

namespace shodan::gateway {

/// A project with the keys that its issuers gave inline. Immutable.
struct KnownProject {
  Project project;
  /// One for each issuer; nullopt where the keys are published by URL or do not parse.
  std::vector<std::optional<jwt::KeySet>> inline_keys;

  bool AllowsOrigin(std::string_view origin) const;
};

using KnownProjectPtr = std::shared_ptr<const KnownProject>;

/// Projects as account-link knows them, kept for a while, so that a short outage of account-link
/// signs nobody out. Thread-safe.
class ProjectDirectory {
 public:
  struct Options {
    std::chrono::seconds fresh_for{30};
    std::chrono::seconds stale_for{300};  ///< at most, while account-link does not answer
    std::chrono::seconds unknown_for{5};  ///< how long a project stays unknown
    size_t projects_max = 1024;
  };
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  ProjectDirectory(
      AccountLinkClient& accounts, Options options,
      Clock clock = [] { return std::chrono::steady_clock::now(); });

  /// NOT_FOUND/PROJECT_NOT_FOUND, or what the way to account-link brings.
  boost::asio::awaitable<absl::StatusOr<KnownProjectPtr>> Get(std::string project_id,
                                                              BackendCall call);

 private:
  struct Entry {
    KnownProjectPtr project;  ///< null for an unknown project
    std::chrono::steady_clock::time_point read;
    bool reading = false;
  };

  std::optional<absl::StatusOr<KnownProjectPtr>> FromMemory(const std::string& project_id);
  absl::StatusOr<KnownProjectPtr> Remember(const std::string& project_id,
                                           const absl::StatusOr<Project>& answer);

  AccountLinkClient& accounts_;
  const Options options_;
  const Clock clock_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace shodan::gateway
