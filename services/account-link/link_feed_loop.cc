// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/link_feed_loop.h"

#include "libs/base/status.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {
namespace {

constexpr std::chrono::milliseconds kFollowLimit = std::chrono::seconds(5);
constexpr std::chrono::milliseconds kRemoveLimit = std::chrono::seconds(10);
constexpr std::chrono::milliseconds kRemoveInterval = std::chrono::minutes(1);

}  // namespace

LinkFeedLoop::LinkFeedLoop(LinkFeed& feed, LinkChangeStore& changes, rpc::StreamSet& watchers,
                           const WatchConfig& config, Logger& log, Metrics& metrics)
    : feed_(feed),
      changes_(changes),
      watchers_(watchers),
      retention_(config.retention),
      log_(log),
      metrics_(metrics),
      follower_(config.poll_interval, [this] { Follow(); }),
      remover_(kRemoveInterval, [this] { RemoveOld(); }) {}

void LinkFeedLoop::Follow() {
  if (watchers_.size() == 0) {
    feed_.Rest();
    return;
  }
  const absl::StatusOr<bool> news = feed_.Poll(Deadline::After(kFollowLimit));
  Report("follow", news.status(), follow_status_);
  if (news.ok() && *news) watchers_.WakeAll();
}

void LinkFeedLoop::RemoveOld() {
  const Deadline deadline = Deadline::After(kRemoveLimit);
  absl::Status status;
  while (!deadline.Expired()) {
    const absl::StatusOr<int> removed = changes_.RemoveOld(retention_, kMaxPurgedRows, deadline);
    status = removed.status();
    if (!removed.ok() || *removed < kMaxPurgedRows) break;
  }
  Report("remove", status, remove_status_);
}

void LinkFeedLoop::Report(std::string_view what, const absl::Status& status, absl::Status& last) {
  metrics_.Count("shodan_account_link_feed_runs_total", "Runs of the feed of link changes.",
                 {{"what", what}, {"result", status.ok() ? "ok" : "failed"}});
  if (ReasonOf(status) == ReasonOf(last)) return;
  if (status.ok()) {
    log_.Info("The feed of link changes works again.", {{"what", what}});
  } else {
    log_.Warning("The feed of link changes cannot work.",
                 {{"what", what},
                  {"code", absl::StatusCodeToString(status.code())},
                  {"reason", ReasonOf(status)}});
  }
  last = status;
}

}  // namespace shodan::account_link
