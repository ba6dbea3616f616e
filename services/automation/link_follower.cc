// SPDX-License-Identifier: Apache-2.0
#include "services/automation/link_follower.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/automation/domain/errors.h"
#include "services/automation/limits.h"

namespace shodan::automation {
namespace {

// Links of a snapshot that are applied in one transaction.
constexpr size_t kBatch = 200;

int64_t Milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

/// One stream and the thread that reads it.
class LinkFollower::Follow {
 public:
  Follow(LinkFollower& follower, const HeldWatch& watch)
      : follower_(follower),
        project_id_(watch.project_id),
        snapshot_id_(watch.resume_token.empty() ? RandomUuid() : ""),
        stream_(follower.parts_.account_links.WatchLinks(watch.project_id, watch.resume_token)),
        thread_([this] { Run(); }) {}
  ~Follow() {
    stream_->Cancel();
    thread_.join();
  }
  Follow(const Follow&) = delete;
  Follow& operator=(const Follow&) = delete;

  bool ended() const { return ended_.load(); }
  bool silent(std::chrono::milliseconds limit) const {
    return Milliseconds() - last_event_.load() > limit.count();
  }

 private:
  void Run() {
    absl::Status applied;
    while (applied.ok()) {
      std::optional<LinkEvent> event = stream_->Read();
      if (!event.has_value()) break;
      last_event_.store(Milliseconds());
      applied = Take(*std::move(event));
    }
    if (!applied.ok()) stream_->Cancel();
    // Read to the end: only then does the stream tell why it ended.
    while (!applied.ok() && stream_->Read().has_value()) {
    }
    const absl::Status finished = stream_->Finish();
    const absl::Status& why = applied.ok() ? finished : applied;
    if (HasReason(why, reason::kResumeTokenExpired)) {
      (void)follower_.parts_.store.Restart(project_id_, follower_.holder_,
                                           Deadline::After(kRunLimit));
    }
    follower_.Report(project_id_, why);
    ended_.store(true);
  }

  absl::Status Take(LinkEvent event) {
    const bool end = event.kind == LinkEvent::Kind::kSnapshotEnd;
    if (event.kind == LinkEvent::Kind::kSnapshot || event.kind == LinkEvent::Kind::kChange) {
      event.link.project_id = project_id_;
      news_.changes.push_back(std::move(event.link));
    }
    news_.snapshot_id = snapshot_id_;
    news_.snapshot_end = end;
    news_.resume_token = std::move(event.resume_token);
    if (event.kind == LinkEvent::Kind::kSnapshot && news_.changes.size() < kBatch) {
      return absl::OkStatus();
    }
    if (end) snapshot_id_.clear();
    const LinkNews news = std::exchange(news_, {});
    SHODAN_ASSIGN_OR_RETURN(const bool ours,
                            follower_.parts_.store.Apply(project_id_, follower_.holder_, news,
                                                         Deadline::After(kRunLimit)));
    if (!ours) return absl::CancelledError();
    if (!news.changes.empty() || end) follower_.parts_.on_delivery();
    return absl::OkStatus();
  }

  LinkFollower& follower_;
  const std::string project_id_;
  std::string snapshot_id_;  // empty once the snapshot is behind
  LinkNews news_;            // what is not applied yet
  std::atomic<int64_t> last_event_{Milliseconds()};
  std::atomic<bool> ended_{false};
  std::unique_ptr<LinkStream> stream_;
  std::thread thread_;  // last: it uses all of the above
};

LinkFollower::LinkFollower(Parts parts, const Settings& settings)
    : parts_(std::move(parts)), settings_(settings), holder_(RandomUuid()) {
  looking_ = std::make_unique<PeriodicTask>(settings_.interval, [this] { Look(); });
}

LinkFollower::~LinkFollower() {
  looking_.reset();
  follows_.clear();
}

void LinkFollower::Wake() { looking_->Wake(); }

void LinkFollower::Look() {
  // What ended has kept its position by then: whoever follows next goes on behind it.
  std::erase_if(follows_, [&](const auto& entry) {
    return entry.second->ended() || entry.second->silent(settings_.silence);
  });
  const absl::StatusOr<std::vector<HeldWatch>> held = parts_.store.Hold(
      holder_, settings_.projects_max, settings_.lease, Deadline::After(settings_.lease));
  if (!held.ok()) {
    Report("", held.status());
    return;
  }
  Report("", absl::OkStatus());
  std::set<std::string> ours;
  for (const HeldWatch& watch : *held) ours.insert(watch.project_id);
  std::erase_if(follows_, [&](const auto& entry) { return !ours.contains(entry.first); });
  for (const HeldWatch& watch : *held) {
    if (follows_.contains(watch.project_id)) continue;
    follows_.emplace(watch.project_id, std::make_unique<Follow>(*this, watch));
  }
}

void LinkFollower::Report(const std::string& project_id, const absl::Status& status) {
  const bool good = status.ok() || absl::IsCancelled(status);
  const std::string why = good ? "" : ReasonOf(status);
  {
    const std::scoped_lock lock(reported_mutex_);
    std::string& before = reported_[project_id];
    if (before == why) return;
    before = why;
  }
  if (good) {
    parts_.log.Info("links are followed again", {{"project_id", project_id}});
  } else {
    parts_.log.Warning("links cannot be followed", {{"project_id", project_id}, {"reason", why}});
  }
}

}  // namespace shodan::automation
