// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace shodan::gateway {

/// Counts open connections, in all and by address, and refuses too many. Thread-safe.
class ConnectionCaps : public std::enable_shared_from_this<ConnectionCaps> {
 public:
  ConnectionCaps(size_t total_max, size_t per_address_max)
      : total_max_(total_max), per_address_max_(per_address_max) {}

  /// Gives the place back when destroyed.
  class Lease {
   public:
    Lease(std::shared_ptr<ConnectionCaps> caps, std::string address)
        : caps_(std::move(caps)), address_(std::move(address)) {}
    ~Lease() { caps_->Release(address_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

   private:
    std::shared_ptr<ConnectionCaps> caps_;
    std::string address_;
  };

  /// Null when there is no place. `shared_address`: a proxy's, which only the total bounds.
  std::unique_ptr<Lease> Acquire(const std::string& address, bool shared_address);
  size_t total() const;

 private:
  void Release(const std::string& address);

  const size_t total_max_;
  const size_t per_address_max_;
  mutable std::mutex mutex_;
  size_t total_ = 0;
  std::map<std::string, size_t> by_address_;
};

}  // namespace shodan::gateway
