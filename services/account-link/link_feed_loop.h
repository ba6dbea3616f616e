// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "libs/concurrency/periodic_task.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "libs/rpc/stream_set.h"
#include "services/account-link/config.h"
#include "services/account-link/domain/link_feed.h"

namespace shodan::account_link {

/// Keeps a feed up to date while somebody watches and wakes the watchers, and removes changes that
/// are no longer kept; each on a thread of its own until it is destroyed.
class LinkFeedLoop {
 public:
  LinkFeedLoop(LinkFeed& feed, LinkChangeStore& changes, rpc::StreamSet& watchers,
               const WatchConfig& config, Logger& log, Metrics& metrics);

 private:
  void Follow();
  void RemoveOld();
  /// Logs when a run begins to fail and when it works again.
  void Report(std::string_view what, const absl::Status& status, absl::Status& last);

  LinkFeed& feed_;
  LinkChangeStore& changes_;
  rpc::StreamSet& watchers_;
  const std::chrono::milliseconds retention_;
  Logger& log_;
  Metrics& metrics_;
  absl::Status follow_status_;
  absl::Status remove_status_;
  // Last: they are stopped before the members that their runs use go.
  PeriodicTask follower_;
  PeriodicTask remover_;
};

}  // namespace shodan::account_link
