// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "services/zoom-api/domain/api_request.h"

namespace shodan::zoomapi {

/// Bounds the requests of one user that are under way in this process. Thread-safe.
class UserGate {
 public:
  explicit UserGate(int per_user) : per_user_(per_user) {}

  /// A place, given back when it goes.
  class Pass {
   public:
    Pass() = default;
    Pass(UserGate* gate, std::string key) : gate_(gate), key_(std::move(key)) {}
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() {
      if (gate_ != nullptr) gate_->Leave(key_);
    }
    /// False when the user has as many as there may be.
    explicit operator bool() const { return gate_ != nullptr; }

   private:
    UserGate* const gate_ = nullptr;
    const std::string key_;
  };

  Pass Enter(const Requester& requester) {
    std::string key = requester.project_id + "/" + requester.user_id;
    const std::lock_guard lock(mutex_);
    int& count = counts_[key];
    if (count >= per_user_) return {};
    ++count;
    return {this, std::move(key)};
  }

 private:
  void Leave(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto entry = counts_.find(key);
    if (--entry->second == 0) counts_.erase(entry);
  }

  const int per_user_;
  std::mutex mutex_;
  std::map<std::string, int> counts_;
};

}  // namespace shodan::zoomapi
