// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "libs/observability/metrics.h"
#include "libs/redis/client.h"
#include "services/zoom-api/domain/rate_limits.h"
#include "services/zoom-api/sending/rate_budget.h"

namespace shodan::zoomapi {

/// Budgets that all replicas share in Redis: one schedule of slots for each account and category,
/// in which each replica reserves a tenth of a second ahead, in proportion to the users who wait
/// there. No window of Zoom's holds more than its limit, whatever held requests up (SlotHolds).
/// While Redis cannot be asked, each replica lets go its part of the limit, never more; what
/// Redis loses is not needed. Thread-safe.
class RedisRateBudget final : public RateBudget {
 public:
  /// Redis (null: every replica on its own) and metrics outlive the executor's last handler.
  RedisRateBudget(const boost::asio::any_io_executor& executor, redis::Commands* redis,
                  RateLimitsConfig config, Metrics& metrics);
  /// Stops.
  ~RedisRateBudget() override;
  RedisRateBudget(const RedisRateBudget&) = delete;
  RedisRateBudget& operator=(const RedisRateBudget&) = delete;

  /// Cancelling the awaiting coroutine gives the place away; Take() then answers
  /// CANCELLED/CALL_CANCELLED.
  boost::asio::awaitable<absl::StatusOr<HeldSlot>> Take(BudgetKey key, Deadline deadline) override;
  void Pause(const BudgetKey& key, std::chrono::milliseconds pause) override;
  /// All that wait, and all that come later, get UNAVAILABLE/ZOOM_UNAVAILABLE.
  void Stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace shodan::zoomapi
