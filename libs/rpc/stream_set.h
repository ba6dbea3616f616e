// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "libs/concurrency/periodic_task.h"

namespace shodan::rpc {

/// Bounds of the streams that one server keeps open.
struct StreamLimits {
  int max_streams = 64;
  std::chrono::milliseconds max_age = std::chrono::hours(1);
  /// After so long without a message, a stream sends one that says that it is alive.
  std::chrono::milliseconds heartbeat = std::chrono::seconds(15);
};

/// An open stream. Both functions may be called from any thread and never block.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  /// Looks whether there is something to send, or whether its time is over.
  virtual void Wake() = 0;
  /// Ends once its own work on a worker has returned; the first reason counts.
  virtual void End(const absl::Status& status) = 0;
};

/// The open streams of a server: bounded in number, looked after by one thread, ended together when
/// the server drains. Outlives them. Thread-safe.
class StreamSet {
 public:
  explicit StreamSet(const StreamLimits& limits);
  StreamSet(const StreamSet&) = delete;
  StreamSet& operator=(const StreamSet&) = delete;

  const StreamLimits& limits() const { return limits_; }
  /// RESOURCE_EXHAUSTED/TOO_MANY_STREAMS; UNAVAILABLE/SERVER_DRAINING.
  absl::Status Add(std::shared_ptr<OpenStream> stream);
  void Remove(const std::shared_ptr<OpenStream>& stream);
  int size() const;
  void WakeAll();
  /// Ends every stream with UNAVAILABLE/SERVER_DRAINING and takes no new one.
  void Drain();

 private:
  std::vector<std::shared_ptr<OpenStream>> Streams() const;

  const StreamLimits limits_;
  mutable std::mutex mutex_;  // guards the two below; never held while a stream is called
  std::set<std::shared_ptr<OpenStream>> streams_;
  bool draining_ = false;
  PeriodicTask waker_;  // last: it is stopped before the members that it uses go
};

}  // namespace shodan::rpc
