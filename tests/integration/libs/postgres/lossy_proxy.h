// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace shodan::testing {

/// Passes connections on to a PostgreSQL server, and loses the answer to one message: when the
/// client sends bytes that contain `trigger`, they reach the server, the server answers, and both
/// sides are closed without the client hearing of it. Loses once; one connection at a time.
class LossyProxy {
 public:
  LossyProxy(std::string host, int port, std::string trigger);
  ~LossyProxy();
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;

  int port() const { return port_; }
  bool has_lost() const { return has_lost_; }

 private:
  void Serve();
  void Relay(int client, int server);

  const std::string host_;
  const int server_port_;
  const std::string trigger_;
  int listener_ = -1;
  int port_ = 0;
  int stop_[2] = {-1, -1};
  std::atomic<bool> has_lost_{false};
  std::thread thread_;
};

}  // namespace shodan::testing
