// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "absl/status/status.h"
#include "libs/base/deadline.h"
#include "services/zoom-api/domain/rate_category.h"

namespace shodan::zoomapi {

/// Whose budget a request is taken from. Zoom limits an account; users of it share fairly.
struct BudgetKey {
  BudgetKey() = default;
  std::string project_id;
  std::string account_tag;  ///< the vault's tag of the Zoom account, opaque bytes
  std::string user_id;
  RateCategory category = RateCategory::kLight;
};

/// The requests that Zoom's limits leave to an account, shared by all replicas. Thread-safe.
class RateBudget {
 public:
  virtual ~RateBudget() = default;
  /// Completes when the request may be sent. RESOURCE_EXHAUSTED/ZOOM_RATE_LIMITED with
  /// retry_after_ms at once when its turn would come after the deadline or too many wait already.
  virtual boost::asio::awaitable<absl::Status> Take(BudgetKey key, Deadline deadline) = 0;
  /// Zoom answered 429: nobody sends in this category of the account for `pause`.
  virtual void Pause(const BudgetKey& key, std::chrono::milliseconds pause) = 0;
};

}  // namespace shodan::zoomapi
