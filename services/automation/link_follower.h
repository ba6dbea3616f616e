// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "libs/concurrency/periodic_task.h"
#include "libs/observability/log.h"
#include "services/automation/domain/account_links_port.h"
#include "services/automation/domain/deliveries/link_watch_store.h"

namespace shodan::automation {

/// Follows the links of projects with endpoints and makes deliveries of what becomes of them, on
/// threads of its own, one for each project, until it is destroyed. Every replica has one; each
/// project is followed by one of them, and by another soon after that one is gone.
class LinkFollower {
 public:
  struct Settings {
    std::chrono::milliseconds interval{1'000};  ///< between looks for projects to follow
    std::chrono::milliseconds lease{10'000};    ///< of a project, prolonged at each look
    std::chrono::milliseconds silence{60'000};  ///< a stream that tells nothing for so long is dead
    int projects_max = 64;                      ///< of this replica
  };
  /// Everything outlives it.
  struct Parts {
    LinkWatchStore& store;
    AccountLinks& account_links;
    Logger& log;
    std::function<void()> on_delivery;  ///< called when there may be something to send
  };
  LinkFollower(Parts parts, const Settings& settings);
  ~LinkFollower();
  LinkFollower(const LinkFollower&) = delete;
  LinkFollower& operator=(const LinkFollower&) = delete;

  /// There may be a project that nobody follows. Thread-safe.
  void Wake();

 private:
  class Follow;

  void Look();
  void Report(const std::string& project_id, const absl::Status& status);

  const Parts parts_;
  const Settings settings_;
  const std::string holder_;
  std::mutex reported_mutex_;
  std::map<std::string, std::string> reported_;             // by project: why it cannot be followed
  std::map<std::string, std::unique_ptr<Follow>> follows_;  // the thread of `looking_` alone
  // Last: it is stopped before what its runs use goes.
  std::unique_ptr<PeriodicTask> looking_;
};

}  // namespace shodan::automation
