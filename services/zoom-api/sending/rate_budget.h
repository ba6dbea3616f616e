// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
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

/// The slot of one request, from before it is sent until Zoom has answered: until then Zoom may
/// count it at any moment. Ends with Release() or its destructor, on any thread.
class HeldSlot {
 public:
  HeldSlot() = default;
  explicit HeldSlot(std::function<void()> released) : released_(std::move(released)) {}
  HeldSlot(HeldSlot&& other) noexcept : released_(std::exchange(other.released_, nullptr)) {}
  HeldSlot& operator=(HeldSlot&& other) noexcept {
    if (this != &other) {
      Release();
      released_ = std::exchange(other.released_, nullptr);
    }
    return *this;
  }
  HeldSlot(const HeldSlot&) = delete;
  HeldSlot& operator=(const HeldSlot&) = delete;
  ~HeldSlot() { Release(); }

  /// The request was answered, or nothing is awaited any more. Once; later calls do nothing.
  void Release() {
    if (released_) std::exchange(released_, nullptr)();
  }

 private:
  std::function<void()> released_;
};

/// The requests that Zoom's limits leave to an account, shared by all replicas. Thread-safe.
class RateBudget {
 public:
  virtual ~RateBudget() = default;
  /// Completes when the request may be sent; the slot is released at its answer, before the
  /// answer's body is read. RESOURCE_EXHAUSTED/ZOOM_RATE_LIMITED with retry_after_ms at once when
  /// its turn would come after the deadline or too many wait already.
  virtual boost::asio::awaitable<absl::StatusOr<HeldSlot>> Take(BudgetKey key,
                                                                Deadline deadline) = 0;
  /// Zoom answered 429: nobody sends in this category of the account for `pause`.
  virtual void Pause(const BudgetKey& key, std::chrono::milliseconds pause) = 0;
};

}  // namespace shodan::zoomapi
