// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http/connection_caps.h"

namespace shodan::gateway {

std::unique_ptr<ConnectionCaps::Lease> ConnectionCaps::Acquire(const std::string& address,
                                                               bool shared_address) {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  const size_t of_address = found == by_address_.end() ? 0 : found->second;
  if (total_ >= total_max_) return nullptr;
  if (!shared_address && of_address >= per_address_max_) return nullptr;
  ++total_;
  ++by_address_[address];
  return std::make_unique<Lease>(shared_from_this(), address);
}

void ConnectionCaps::Release(const std::string& address) {
  const std::lock_guard lock(mutex_);
  --total_;
  const auto found = by_address_.find(address);
  if (--found->second == 0) by_address_.erase(found);
}

size_t ConnectionCaps::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

}  // namespace shodan::gateway
