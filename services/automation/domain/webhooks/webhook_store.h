// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/automation/domain/vault_port.h"
#include "services/automation/domain/webhooks/webhook.h"

namespace shodan::automation {

/// The durable inbox and what became of what is in it. Every time is the database's. Thread-safe;
/// errors of the database pass through. Whatever is done with a claim whose lease ran out, and that
/// somebody else took on, has no effect.
class WebhookStore {
 public:
  virtual ~WebhookStore() = default;

  /// False when the same tag came within `duplicates_for`: then nothing is stored. Of several that
  /// come at once one is stored, and the others return once it is.
  virtual absl::StatusOr<bool> Insert(const NewWebhook& webhook,
                                      std::chrono::milliseconds duplicates_for,
                                      Deadline deadline) = 0;

  /// Takes on received webhooks that are due, the oldest first.
  virtual absl::StatusOr<std::vector<ClaimedWebhook>> Claim(int limit,
                                                            std::chrono::milliseconds lease,
                                                            Deadline deadline) = 0;
  /// It is an event of this link; told after `hold` at the earliest. When that life of the link is
  /// over by now it is settled as NOT_CONNECTED.
  virtual absl::Status Hold(const ClaimedWebhook& claimed, const ReadWebhook& read,
                            std::chrono::milliseconds hold, Deadline deadline) = 0;
  /// Nothing is left to do: the body goes.
  virtual absl::Status Settle(const ClaimedWebhook& claimed, std::string_view event,
                              std::string_view reason, Deadline deadline) = 0;
  virtual absl::Status Park(const ClaimedWebhook& claimed, std::string_view event,
                            std::string_view reason, Deadline deadline) = 0;
  /// Tried again after `delay`; when it does not count the attempt is taken back.
  virtual absl::Status Retry(const ClaimedWebhook& claimed, std::chrono::milliseconds delay,
                             bool counts, Deadline deadline) = 0;

  /// Links with events that were held for long enough, the longest waiting first.
  virtual absl::StatusOr<std::vector<std::string>> ListDueLinks(int limit, Deadline deadline) = 0;
  /// Tells what of a link's held events is due, in order (OrderEvents()); how many. 0 also when
  /// another process is at it.
  virtual absl::StatusOr<int> Release(const std::string& link_id, int limit, Deadline deadline) = 0;
  /// A user's told events with a sequence above `after`, in that order.
  virtual absl::StatusOr<std::vector<ReleasedEvent>> ListReleased(const std::string& project_id,
                                                                  const std::string& user_id,
                                                                  int64_t after, int limit,
                                                                  Deadline deadline) = 0;

  /// The last of the vault's events that was applied.
  virtual absl::StatusOr<int64_t> GrantPosition(Deadline deadline) = 0;
  /// Deletes what lives that ended have left, and moves the position. How many webhooks went.
  virtual absl::StatusOr<int> ApplyGrantEvents(const std::vector<GrantEvent>& events,
                                               Deadline deadline) = 0;

  /// Deletes webhooks that came `retention` ago, and tags that are older than `duplicates_for`; how
  /// many rows.
  virtual absl::StatusOr<int> RemoveOld(std::chrono::milliseconds retention,
                                        std::chrono::milliseconds duplicates_for, int limit,
                                        Deadline deadline) = 0;

  /// In the order of receipt.
  virtual absl::StatusOr<std::vector<WebhookRecord>> List(const WebhookQuery& query,
                                                          Deadline deadline) = 0;
  /// At most `limit`, the oldest first; audited.
  virtual absl::StatusOr<ReplayResult> Replay(const ReplayRequest& request, int limit,
                                              const Actor& actor, Deadline deadline) = 0;
};

}  // namespace shodan::automation
