// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/stream_set.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"

namespace shodan::rpc {
namespace {

constexpr std::chrono::seconds kRetryAfter{1};

// Often enough that heartbeats and ends of age come about when they are due.
std::chrono::milliseconds WakeInterval(const StreamLimits& limits) {
  return std::clamp<std::chrono::milliseconds>(limits.heartbeat / 4, std::chrono::milliseconds(10),
                                               std::chrono::seconds(1));
}

absl::Status Draining() {
  return WithRetryAfter(Unavailable("SERVER_DRAINING",
                                    "The server is about to stop; open the stream again, from the "
                                    "last resume token, with another replica."),
                        kRetryAfter);
}

}  // namespace

StreamSet::StreamSet(const StreamLimits& limits)
    : limits_(limits), waker_(WakeInterval(limits), [this] { WakeAll(); }) {}

absl::Status StreamSet::Add(std::shared_ptr<OpenStream> stream) {
  const std::scoped_lock lock(mutex_);
  if (draining_) return Draining();
  if (static_cast<int>(streams_.size()) >= limits_.max_streams) {
    return WithRetryAfter(
        ResourceExhausted("TOO_MANY_STREAMS",
                          "This replica keeps as many streams open as it may; open the stream "
                          "later or with another replica."),
        kRetryAfter);
  }
  streams_.insert(std::move(stream));
  return absl::OkStatus();
}

void StreamSet::Remove(const std::shared_ptr<OpenStream>& stream) {
  const std::scoped_lock lock(mutex_);
  streams_.erase(stream);
}

int StreamSet::size() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<int>(streams_.size());
}

std::vector<std::shared_ptr<OpenStream>> StreamSet::Streams() const {
  const std::scoped_lock lock(mutex_);
  return {streams_.begin(), streams_.end()};
}

void StreamSet::WakeAll() {
  for (const std::shared_ptr<OpenStream>& stream : Streams()) stream->Wake();
}

void StreamSet::Drain() {
  {
    const std::scoped_lock lock(mutex_);
    draining_ = true;
  }
  for (const std::shared_ptr<OpenStream>& stream : Streams()) stream->End(Draining());
}

}  // namespace shodan::rpc
