// SPDX-License-Identifier: Apache-2.0
#include "libs/https_client/public_address.h"

#include <string>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

namespace shodan {
namespace {

bool IsPublicSocketAddress(const std::string& text) {
  sockaddr_storage storage{};
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  auto* ip4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* ip6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (inet_pton(AF_INET, text.c_str(), &ip4->sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else {
    REQUIRE(inet_pton(AF_INET6, text.c_str(), &ip6->sin6_addr) == 1);
    storage.ss_family = AF_INET6;
  }
  return IsPublicAddress(*address);
}

TEST_CASE("Addresses of the open Internet are public") {
  for (const char* text :
       {"1.1.1.1",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0",       "169.253.255.255", "169.255.0.0",    "172.15.255.255",
        "172.32.0.0",      "192.0.1.0",       "192.167.255.255", "192.169.0.0",    "198.17.255.255",
        "198.20.0.0",      "223.255.255.255", "2606:4700::1111", "2001:200::1",    "2001:dc0::1",
        "2a00::1",         "3ffe:ffff::1",    "64:ff9b::1.1.1.1"}) {
    CAPTURE(text);
    CHECK(IsPublicAddress(std::string(text)));
    CHECK(IsPublicSocketAddress(text));
  }
}

TEST_CASE("Private, local, shared, special and embedded addresses are not public") {
  for (const char* text : {"0.0.0.0",
                           "0.255.255.255",
                           "10.0.0.0",
                           "10.255.255.255",
                           "100.64.0.0",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.0.0",
                           "169.254.169.254",
                           "172.16.0.0",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.0",
                           "192.168.255.255",
                           "198.18.0.0",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::127.0.0.1",
                           "::1.1.1.1",
                           "::ffff:127.0.0.1",
                           "::ffff:1.1.1.1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b::169.254.169.254",
                           "64:ff9b:1::1.1.1.1",
                           "100::1",
                           "2001::1",
                           "2001:2::1",
                           "2001:10::1",
                           "2001:db8::1",
                           "2002:a00:1::1",
                           "2002:101:101::1",
                           "3fff::1",
                           "4000::1",
                           "5f00::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1"}) {
    CAPTURE(text);
    CHECK_FALSE(IsPublicAddress(std::string(text)));
    CHECK_FALSE(IsPublicSocketAddress(text));
  }
}

TEST_CASE("What is no address is not public") {
  for (const char* text :
       {"", "localhost", "1.1.1", "1.1.1.1 ", "2606:4700::1111%eth0", "/run/x"}) {
    CAPTURE(text);
    CHECK_FALSE(IsPublicAddress(std::string(text)));
  }
  sockaddr address{};
  address.sa_family = AF_UNIX;
  CHECK_FALSE(IsPublicAddress(address));
}

}  // namespace
}  // namespace shodan
