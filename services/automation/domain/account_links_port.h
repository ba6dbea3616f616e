// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "libs/base/deadline.h"
#include "services/automation/domain/deliveries/link_events.h"
#include "services/automation/domain/webhooks/envelope.h"

namespace shodan::automation {

/// What a stream of a project's links tells, one by one.
struct LinkEvent {
  enum class Kind { kSnapshot, kSnapshotEnd, kChange, kHeartbeat };
  Kind kind = Kind::kHeartbeat;
  LinkChange link;           ///< of kSnapshot and kChange
  std::string resume_token;  ///< empty before the end of the snapshot
};

/// A stream that is open. One thread reads; any may cancel.
class LinkStream {
 public:
  virtual ~LinkStream() = default;
  /// Waits for the next; nullopt at the end.
  virtual std::optional<LinkEvent> Read() = 0;
  /// After the end: why. OK when account-link ended it in good order, else its error.
  virtual absl::Status Finish() = 0;
  virtual void Cancel() = 0;
};

/// Port to account-link. Thread-safe.
class AccountLinks {
 public:
  virtual ~AccountLinks() = default;

  /// Ends the link of a Zoom user who removed the app; without effect when there is none, or when
  /// it began later. UNAVAILABLE/ACCOUNT_LINK_UNAVAILABLE; may be repeated.
  virtual absl::Status Deauthorize(const std::string& project_id,
                                   const Deauthorization& deauthorization, Deadline deadline) = 0;
  /// Follows a project's links behind a position; with none it begins with a snapshot.
  /// FAILED_PRECONDITION/RESUME_TOKEN_EXPIRED, NOT_FOUND/PROJECT_NOT_FOUND,
  /// UNAVAILABLE/ACCOUNT_LINK_UNAVAILABLE at its end.
  virtual std::unique_ptr<LinkStream> WatchLinks(const std::string& project_id,
                                                 const std::string& resume_token) = 0;
};

}  // namespace shodan::automation
