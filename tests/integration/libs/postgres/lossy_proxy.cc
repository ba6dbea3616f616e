// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/libs/postgres/lossy_proxy.h"

#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace shodan::testing {
namespace {

sockaddr_in AddressOf(const std::string& host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

int Connect(const std::string& host, int port) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = AddressOf(host, port);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(server);
    return -1;
  }
  return server;
}

bool SendAll(int to, std::string_view data) {
  while (!data.empty()) {
    const ssize_t count = send(to, data.data(), data.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    data.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

}  // namespace

LossyProxy::LossyProxy(std::string host, int port, std::string trigger)
    : host_(std::move(host)), server_port_(port), trigger_(std::move(trigger)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = AddressOf("127.0.0.1", 0);
  socklen_t size = sizeof(address);
  REQUIRE(bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  REQUIRE(listen(listener_, 8) == 0);
  REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  REQUIRE(pipe(stop_) == 0);
  thread_ = std::thread([this] { Serve(); });
}

LossyProxy::~LossyProxy() {
  close(stop_[1]);
  thread_.join();
  close(stop_[0]);
  close(listener_);
}

void LossyProxy::Serve() {
  while (true) {
    pollfd entries[] = {{stop_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    if (poll(entries, 2, -1) < 0 || entries[0].revents != 0) return;
    const int client = accept(listener_, nullptr, nullptr);
    const int server = Connect(host_, server_port_);
    if (client >= 0 && server >= 0) Relay(client, server);
    close(client);
    close(server);
  }
}

void LossyProxy::Relay(int client, int server) {
  char buffer[65536];
  bool losing = false;
  while (true) {
    pollfd entries[] = {{stop_[0], POLLIN, 0}, {client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(entries, 3, -1) < 0 || entries[0].revents != 0) return;
    const bool from_client = entries[1].revents != 0;
    const ssize_t count = recv(from_client ? client : server, buffer, sizeof(buffer), 0);
    if (count <= 0) return;
    const std::string_view data(buffer, static_cast<size_t>(count));
    if (from_client) {
      if (!has_lost_ && data.find(trigger_) != std::string_view::npos) losing = true;
      if (!SendAll(server, data)) return;
    } else if (losing) {
      has_lost_ = true;
      return;
    } else if (!SendAll(client, data)) {
      return;
    }
  }
}

}  // namespace shodan::testing
