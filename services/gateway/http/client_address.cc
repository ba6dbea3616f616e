// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http/client_address.h"

#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/http/fields.h"

namespace shodan::gateway {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

bool Covers(const ip::network_v4& network, const ip::address_v4& address) {
  return ip::network_v4(address, network.prefix_length()).canonical() == network;
}

bool Covers(const ip::network_v6& network, const ip::address_v6& address) {
  return ip::network_v6(address, network.prefix_length()).canonical() == network;
}

}  // namespace

struct TrustedProxies::Networks {
  std::vector<ip::network_v4> v4;
  std::vector<ip::network_v6> v6;
};

TrustedProxies::TrustedProxies() : networks_(std::make_shared<Networks>()) {}

absl::StatusOr<TrustedProxies> TrustedProxies::Parse(const std::vector<std::string>& networks) {
  auto parsed = std::make_shared<Networks>();
  for (const std::string& text : networks) {
    const bool v6 = text.find(':') != std::string::npos;
    const std::string block =
        text.find('/') == std::string::npos ? Join(text, v6 ? "/128" : "/32") : text;
    error_code error;
    if (v6) {
      parsed->v6.push_back(ip::make_network_v6(block, error).canonical());
    } else {
      parsed->v4.push_back(ip::make_network_v4(block, error).canonical());
    }
    if (error) {
      return InvalidArgument("NETWORK_INVALID", Join("not an address or CIDR block: ", text));
    }
  }
  TrustedProxies proxies;
  proxies.networks_ = std::move(parsed);
  return proxies;
}

bool TrustedProxies::Contains(std::string_view text) const {
  error_code error;
  ip::address address = ip::make_address(std::string(text), error);
  if (error) return false;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  if (address.is_v4()) {
    for (const auto& network : networks_->v4) {
      if (Covers(network, address.to_v4())) return true;
    }
    return false;
  }
  for (const auto& network : networks_->v6) {
    if (Covers(network, address.to_v6())) return true;
  }
  return false;
}

std::string TrustedProxies::ClientAddress(std::string_view peer,
                                          std::string_view forwarded_for) const {
  std::string_view client = peer;
  while (Contains(client) && !forwarded_for.empty()) {
    const size_t comma = forwarded_for.rfind(',');
    const std::string_view last = http::TrimOws(
        comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
    forwarded_for = comma == std::string_view::npos ? "" : forwarded_for.substr(0, comma);
    error_code error;
    ip::make_address(std::string(last), error);
    if (error) break;
    client = last;
  }
  return std::string(client);
}

}  // namespace shodan::gateway
