// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

struct sockaddr;

namespace shodan {

/// Whether an address belongs to the open Internet: not private, loopback, link-local, shared
/// (RFC 6598), documentation, multicast or otherwise special (the registries of RFC 6890). An IPv6
/// address that stands for an IPv4 one through NAT64 (RFC 6052) is judged by that one; the other
/// embeddings, mapped addresses among them, are refused.
bool IsPublicAddress(const sockaddr& address);
/// The same of "203.0.113.7" or "2001:db8::7". False for anything else.
bool IsPublicAddress(const std::string& text);

}  // namespace shodan
