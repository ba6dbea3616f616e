// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace shodan::gateway {

/// Networks whose X-Forwarded-For is believed. Immutable.
class TrustedProxies {
 public:
  /// Addresses or CIDR blocks, IPv4 or IPv6. INVALID_ARGUMENT/NETWORK_INVALID names the wrong one.
  static absl::StatusOr<TrustedProxies> Parse(const std::vector<std::string>& networks);

  TrustedProxies();
  bool Contains(std::string_view address) const;
  /// Who sent a request: the peer, or, when that is a trusted proxy, the last address of
  /// X-Forwarded-For that is none. Whatever stands before was written by the client.
  std::string ClientAddress(std::string_view peer, std::string_view forwarded_for) const;

 private:
  struct Networks;
  std::shared_ptr<const Networks> networks_;
};

}  // namespace shodan::gateway
