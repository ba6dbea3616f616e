// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "libs/concurrency/worker_pool.h"
#include "services/zoom-api/domain/intent_store.h"

namespace shodan::zoomapi {

/// The intent store for coroutines: its work is done on the pool. Thread-safe.
class IntentBook {
 public:
  /// Both outlive it.
  IntentBook(IntentStore& store, WorkerPool& workers) : store_(store), workers_(workers) {}

  /// As IntentStore::Begin(). When it is not known whether the intent was committed, it is taken
  /// back as far as that is possible. RESOURCE_EXHAUSTED/SERVER_BUSY; UNAVAILABLE/
  /// DATABASE_UNAVAILABLE for everything that says no more than that.
  boost::asio::awaitable<absl::StatusOr<std::optional<EarlierIntent>>> Begin(Intent intent,
                                                                             Deadline deadline);
  /// As IntentStore::End(), tried a few times.
  boost::asio::awaitable<absl::Status> End(Intent intent, IntentEnding ending, Deadline deadline);

 private:
  IntentStore& store_;
  WorkerPool& workers_;
};

}  // namespace shodan::zoomapi
