// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http/listener.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "absl/strings/numbers.h"
#include "libs/base/deadline.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/net/wait.h"
#include "services/gateway/http/connection.h"

namespace shodan::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds kTlsReloadInterval{5};
constexpr std::chrono::milliseconds kAcceptErrorPause{100};
constexpr std::chrono::milliseconds kDrainPoll{10};
constexpr size_t kSweepEvery = 256;

absl::StatusOr<tcp::endpoint> ParseListen(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  int port = -1;
  error_code error;
  tcp::endpoint endpoint;
  if (colon != std::string::npos && absl::SimpleAtoi(listen.substr(colon + 1), &port) &&
      port >= 0 && port <= 65535) {
    std::string address = listen.substr(0, colon);
    if (address.size() > 2 && address.front() == '[')
      address = address.substr(1, address.size() - 2);
    endpoint = tcp::endpoint(asio::ip::make_address(address, error), static_cast<uint16_t>(port));
    if (!error) return endpoint;
  }
  return InvalidArgument("LISTEN_INVALID", Join("not an address and port: ", listen));
}

}  // namespace

struct Listener::Impl : std::enable_shared_from_this<Listener::Impl> {
  explicit Impl(Parts p)
      : parts(p),
        strand(asio::make_strand(p.io)),
        acceptor(strand),
        caps(std::make_shared<ConnectionCaps>(p.limits.connections_max,
                                              p.limits.connections_per_address_max)) {}

  absl::Status Open(const tcp::endpoint& endpoint) {
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) port = acceptor.local_endpoint(error).port();
    if (error) {
      return Unavailable("LISTEN_FAILED", Join("cannot listen for HTTPS: ", error.message()));
    }
    return absl::OkStatus();
  }

  static asio::awaitable<void> Accept(std::shared_ptr<Impl> self) {
    while (self->acceptor.is_open()) {
      // Each connection lives on a strand of its own.
      auto strand_of_connection = asio::make_strand(self->parts.io);
      auto [error, socket] =
          co_await self->acceptor.async_accept(strand_of_connection, net::kAsTuple);
      if (error == asio::error::operation_aborted) co_return;
      if (error) {  // out of descriptors, most likely: others must end first
        auto pause = net::WaitFor(kAcceptErrorPause);
        co_await std::move(pause);
        continue;
      }
      self->Take(std::move(socket));
    }
  }

  static asio::awaitable<void> ReloadCertificates(std::shared_ptr<Impl> self) {
    while (self->acceptor.is_open()) {
      auto pause = net::WaitFor(kTlsReloadInterval);
      co_await std::move(pause);
      const absl::Status reloaded = self->parts.tls.ReloadIfChanged();
      if (!reloaded.ok()) self->parts.log.Warning("the HTTPS certificate could not be reloaded");
    }
  }

  template <typename Socket>
  void Take(Socket accepted) {
    error_code error;
    tcp::socket socket(std::move(accepted));
    const auto peer = socket.remote_endpoint(error);
    if (error) return;
    socket.set_option(tcp::no_delay(true), error);
    std::string address = peer.address().to_string();
    auto lease = caps->Acquire(address, parts.proxies.Contains(address));
    if (lease == nullptr) {
      parts.metrics.Count("shodan_gateway_connections_refused_total",
                          "Connections closed because there were too many");
      return;  // the socket closes; a TLS answer would cost more than it says
    }
    parts.metrics.Count("shodan_gateway_connections_total", "Connections accepted");
    ConnectionParts connection_parts{std::move(socket), parts.tls.Current(), std::move(lease),
                                     std::move(address), draining};
    auto connection =
        MakeConnection(std::move(connection_parts), parts.application, parts.limits, parts.metrics);
    Remember(connection);
    connection->Start();
  }

  void Remember(const std::shared_ptr<Connection>& connection) {
    const std::lock_guard lock(mutex);
    if (++accepted_since_sweep >= kSweepEvery) {
      std::erase_if(connections, [](const auto& known) { return known.expired(); });
      accepted_since_sweep = 0;
    }
    connections.push_back(connection);
  }

  template <typename Visit>
  void ForEach(Visit visit) {
    std::vector<std::shared_ptr<Connection>> alive;
    {
      const std::lock_guard lock(mutex);
      for (const auto& known : connections) {
        if (auto connection = known.lock()) alive.push_back(std::move(connection));
      }
    }
    for (const auto& connection : alive) visit(*connection);
  }

  void StopAccepting() {
    auto closed = std::make_shared<std::promise<void>>();
    asio::post(strand, [self = shared_from_this(), closed] {
      error_code ignored;
      self->acceptor.close(ignored);
      closed->set_value();
    });
    closed->get_future().wait();
  }

  bool WaitForEnd(Deadline deadline) {
    while (caps->total() > 0 && !deadline.Expired()) {
      std::unique_lock lock(mutex);
      pause.wait_for(lock, kDrainPoll);
    }
    return caps->total() == 0;
  }

  Parts parts;
  asio::strand<asio::io_context::executor_type> strand;
  tcp::acceptor acceptor;
  std::shared_ptr<ConnectionCaps> caps;
  int port = 0;
  const std::shared_ptr<std::atomic<bool>> draining = std::make_shared<std::atomic<bool>>(false);
  std::mutex mutex;
  std::condition_variable pause;
  std::vector<std::weak_ptr<Connection>> connections;
  size_t accepted_since_sweep = 0;
};

Listener::Listener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() {
  error_code ignored;
  impl_->acceptor.close(ignored);
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(const std::string& listen, Parts parts) {
  SHODAN_ASSIGN_OR_RETURN(const tcp::endpoint endpoint, ParseListen(listen));
  auto impl = std::make_shared<Impl>(parts);
  SHODAN_RETURN_IF_ERROR(impl->Open(endpoint));
  asio::co_spawn(impl->strand, Impl::Accept(impl), asio::detached);
  asio::co_spawn(impl->strand, Impl::ReloadCertificates(impl), asio::detached);
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

int Listener::port() const { return impl_->port; }

size_t Listener::connections() const { return impl_->caps->total(); }

void Listener::Drain() {
  const Limits& limits = impl_->parts.limits;
  impl_->draining->store(true);
  {
    std::unique_lock lock(impl_->mutex);
    impl_->pause.wait_for(lock, limits.drain_accept_time);
  }
  impl_->StopAccepting();
  impl_->ForEach([](Connection& connection) { connection.CloseIfIdle(); });
  if (impl_->WaitForEnd(Deadline::After(limits.drain_time_limit))) return;
  Abort();
}

void Listener::Abort() {
  impl_->StopAccepting();
  impl_->ForEach([](Connection& connection) { connection.Abort(); });
  impl_->WaitForEnd(Deadline::After(impl_->parts.limits.close_time_limit));
}

}  // namespace shodan::gateway
