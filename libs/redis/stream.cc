// SPDX-License-Identifier: Apache-2.0
#include "libs/redis/stream.h"

#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "libs/base/status.h"
#include "libs/net/wait.h"

namespace shodan::redis {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;
using net::kAsTuple;

absl::Status Unreachable() { return Unavailable("REDIS_UNREACHABLE", "Redis cannot be reached."); }

asio::awaitable<absl::Status> ConnectSocket(tcp::socket& socket, const std::string& host,
                                            const std::string& port) {
  tcp::resolver resolver(socket.get_executor());
  auto [resolve_error, endpoints] = co_await resolver.async_resolve(host, port, kAsTuple);
  if (resolve_error) co_return Unreachable();
  auto [connect_error, endpoint] = co_await asio::async_connect(socket, endpoints, kAsTuple);
  if (connect_error) co_return Unreachable();
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  co_return absl::OkStatus();
}

class PlainStream final : public Stream {
 public:
  explicit PlainStream(const asio::any_io_executor& executor) : socket_(executor) {}

  asio::awaitable<absl::Status> Connect(std::string host, std::string port) override {
    co_return co_await ConnectSocket(socket_, host, port);
  }
  asio::awaitable<size_t> Read(asio::mutable_buffer buffer) override {
    const auto [error, size] = co_await socket_.async_read_some(buffer, kAsTuple);
    co_return error ? 0 : size;
  }
  asio::awaitable<bool> Write(asio::const_buffer buffer) override {
    const auto [error, size] = co_await asio::async_write(socket_, buffer, kAsTuple);
    co_return !error && size == buffer.size();
  }
  void Close() override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  tcp::socket socket_;
};

class TlsStream final : public Stream {
 public:
  TlsStream(const asio::any_io_executor& executor, ssl::context context)
      : context_(std::move(context)), stream_(executor, context_) {}

  asio::awaitable<absl::Status> Connect(std::string host, std::string port) override {
    absl::Status status = co_await ConnectSocket(stream_.next_layer(), host, port);
    if (!status.ok()) co_return status;
    stream_.set_verify_callback(ssl::host_name_verification(host));
    if (SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str()) != 1) {
      co_return Unreachable();
    }
    const auto [error] = co_await stream_.async_handshake(ssl::stream_base::client, kAsTuple);
    if (error) co_return Unreachable();
    co_return absl::OkStatus();
  }
  asio::awaitable<size_t> Read(asio::mutable_buffer buffer) override {
    const auto [error, size] = co_await stream_.async_read_some(buffer, kAsTuple);
    co_return error ? 0 : size;
  }
  asio::awaitable<bool> Write(asio::const_buffer buffer) override {
    const auto [error, size] = co_await asio::async_write(stream_, buffer, kAsTuple);
    co_return !error && size == buffer.size();
  }
  void Close() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

 private:
  ssl::context context_;
  ssl::stream<tcp::socket> stream_;
};

}  // namespace

absl::Status MakeStream(const asio::any_io_executor& executor,
                        const std::optional<std::string>& ca_file,
                        std::unique_ptr<Stream>& stream) {
  if (!ca_file.has_value()) {
    stream = std::make_unique<PlainStream>(executor);
    return absl::OkStatus();
  }
  ssl::context context(ssl::context::tls_client);
  error_code error;
  context.load_verify_file(*ca_file, error);
  if (error) {
    return InvalidArgument("CA_UNREADABLE", "The authority file for Redis cannot be read.");
  }
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(ssl::verify_peer, error);
  stream = std::make_unique<TlsStream>(executor, std::move(context));
  return absl::OkStatus();
}

}  // namespace shodan::redis
