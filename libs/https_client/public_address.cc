// SPDX-License-Identifier: Apache-2.0
#include "libs/https_client/public_address.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace shodan {
namespace {

struct Range4 {
  uint32_t first;
  int bits;
};

constexpr std::array<Range4, 15> kSpecial4 = {{
    {0x00000000, 8},   // this network
    {0x0A000000, 8},   // private
    {0x64400000, 10},  // shared by carriers
    {0x7F000000, 8},   // loopback
    {0xA9FE0000, 16},  // link-local, where clouds keep credentials
    {0xAC100000, 12},  // private
    {0xC0000000, 24},  // protocol assignments
    {0xC0000200, 24},  // documentation
    {0xC0586300, 24},  // 6to4 relays
    {0xC0A80000, 16},  // private
    {0xC6120000, 15},  // benchmarks
    {0xC6336400, 24},  // documentation
    {0xCB007100, 24},  // documentation
    {0xE0000000, 4},   // multicast
    {0xF0000000, 4},   // reserved, broadcast
}};

bool IsPublic4(uint32_t address) {
  return std::none_of(kSpecial4.begin(), kSpecial4.end(), [address](const Range4& range) {
    return (address ^ range.first) >> (32 - range.bits) == 0;
  });
}

struct Range6 {
  std::array<uint8_t, 4> first;
  int bits;
};

// Inside 2000::/3, outside of which nothing is public.
constexpr std::array<Range6, 4> kSpecial6 = {{
    {{0x20, 0x01, 0x00, 0x00}, 23},  // protocol assignments, Teredo, ORCHID
    {{0x20, 0x01, 0x0D, 0xB8}, 32},  // documentation
    {{0x20, 0x02, 0x00, 0x00}, 16},  // 6to4: an IPv4 address inside
    {{0x3F, 0xFF, 0x00, 0x00}, 20},  // documentation
}};

using Bytes16 = std::array<uint8_t, 16>;

uint32_t Word(const uint8_t* bytes) {
  return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
         static_cast<uint32_t>(bytes[2]) << 8 | static_cast<uint32_t>(bytes[3]);
}

bool IsPublic6(const Bytes16& address) {
  constexpr std::array<uint8_t, 12> kNat64 = {0x00, 0x64, 0xFF, 0x9B};
  if (std::equal(kNat64.begin(), kNat64.end(), address.begin()))
    return IsPublic4(Word(&address[12]));
  if ((address[0] & 0xE0) != 0x20) return false;
  const uint32_t head = Word(address.data());
  return std::none_of(kSpecial6.begin(), kSpecial6.end(), [head](const Range6& range) {
    return (head ^ Word(range.first.data())) >> (32 - range.bits) == 0;
  });
}

}  // namespace

bool IsPublicAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in ip4{};
    std::memcpy(&ip4, &address, sizeof(ip4));
    return IsPublic4(ntohl(ip4.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 ip6{};
  std::memcpy(&ip6, &address, sizeof(ip6));
  Bytes16 bytes{};
  std::memcpy(bytes.data(), &ip6.sin6_addr, bytes.size());
  return IsPublic6(bytes);
}

bool IsPublicAddress(const std::string& text) {
  in_addr ip4{};
  if (inet_pton(AF_INET, text.c_str(), &ip4) == 1) return IsPublic4(ntohl(ip4.s_addr));
  Bytes16 bytes{};
  return inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1 && IsPublic6(bytes);
}

}  // namespace shodan
