// SPDX-License-Identifier: Apache-2.0
// The only file that instantiates Beast's and OpenSSL's stream operations: they take longer to
// compile than all handlers together.
#include "services/gateway/http/connection.h"

#include <array>
#include <chrono>
#include <exception>
#include <sstream>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "libs/base/status.h"
#include "libs/http/body_decoder.h"
#include "libs/http/head_scanner.h"
#include "libs/http/problem_details.h"
#include "libs/http/strict_gate.h"
#include "libs/net/wait.h"

namespace shodan::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using namespace asio::experimental::awaitable_operators;  // for ||
using beast::error_code;
using net::kAsTuple;
using Stream = beast::ssl_stream<beast::tcp_stream>;
using Clock = std::chrono::steady_clock;

constexpr size_t kReadBytes = size_t{16} * 1024;
constexpr size_t kLingerBytesMax = size_t{256} * 1024;
constexpr std::chrono::milliseconds kClientCheckInterval{250};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// The head as Beast's parser reads it. INVALID_ARGUMENT/HEAD_MALFORMED.
absl::StatusOr<http::ParsedHead> ParseHead(std::string_view bytes) {
  beast::http::request_parser<beast::http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(bytes.size()));
  parser.body_limit(boost::none);
  error_code error;
  const size_t used = parser.put(asio::buffer(bytes.data(), bytes.size()), error);
  if (error || !parser.is_header_done() || used != bytes.size()) {
    return InvalidArgument("HEAD_MALFORMED", "The request's head is not HTTP/1.1.");
  }
  const auto& message = parser.get();
  http::ParsedHead head;
  head.method = std::string(message.method_string());
  head.target = std::string(message.target());
  head.version = message.version();
  for (const auto& field : message) head.fields.Add(field.name_string(), field.value());
  return head;
}

bool MayHaveBody(int status) { return status >= 200 && status != 204 && status != 304; }

// One chunk as RFC 9112 section 7.1 frames it; an empty one is the last.
std::string ChunkOf(std::string_view bytes) {
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  std::string chunk(size.data());
  chunk.append(bytes).append("\r\n");
  return chunk;
}

class TlsConnection final : public Connection, public std::enable_shared_from_this<TlsConnection> {
 public:
  TlsConnection(ConnectionParts parts, Application& application, const Limits& limits,
                Metrics& metrics)
      : application_(application),
        limits_(limits),
        metrics_(metrics),
        tls_(std::move(parts.tls)),
        lease_(std::move(parts.lease)),
        peer_address_(std::move(parts.peer_address)),
        draining_(std::move(parts.draining)),
        stream_(std::move(parts.socket), *tls_),
        buffer_(kReadBytes) {}

  void Start() override {
    asio::co_spawn(stream_.get_executor(), Run(shared_from_this()), asio::detached);
  }

  void CloseIfIdle() override {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
      if (self->idle_) self->tcp().close();
    });
  }

  void Abort() override {
    asio::post(stream_.get_executor(), [self = shared_from_this()] { self->tcp().close(); });
  }

 private:
  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }
  std::string_view Buffered() const {
    const auto bytes = buffer_.data();
    return {static_cast<const char*>(bytes.data()), bytes.size()};
  }

  // The root of the coroutine: the only place where exceptions of Asio, Beast or the standard
  // library end.
  static asio::awaitable<void> Run(std::shared_ptr<TlsConnection> self) {
    try {
      co_await self->Serve();
    } catch (const std::exception&) {
      self->metrics_.Count("shodan_gateway_connection_exceptions_total",
                           "Connections that ended by an exception");
    }
    self->tcp().close();
  }

  asio::awaitable<void> Serve() {
    tcp().expires_after(limits_.handshake_time_limit);
    const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAsTuple);
    if (error) co_return;
    bool open = true;
    while (open) open = co_await ServeRequest();
    co_await Close();
  }

  // True while the connection may be used again.
  asio::awaitable<bool> ServeRequest() {
    const bool begun = co_await AwaitFirstByte();
    if (!begun) co_return false;
    absl::StatusOr<http::RequestHead> head = co_await ReadHead();
    if (!head.ok()) co_return co_await Refuse(head.status());
    http::RouteMatch match = application_.Match(*head);
    if (match.status.ok() && application_.RouteOf(match).streamed()) {
      co_return co_await ServeStreamed(*std::move(head), std::move(match));
    }
    http::Request request;
    request.peer_address = peer_address_;
    const bool body_unread = !match.status.ok() && head->has_body();
    if (match.status.ok()) {
      const size_t bytes_max = application_.RouteOf(match).body_bytes_max;
      absl::StatusOr<std::string> body = co_await ReadBody(*head, bytes_max);
      if (!body.ok()) co_return co_await Refuse(body.status());
      request.body = *std::move(body);
    }
    const bool head_only = head->method == http::Method::kHead;
    const bool keep_alive = head->keep_alive && !body_unread;
    request.head = *std::move(head);
    tcp().expires_never();
    auto handling = application_.Handle(std::move(request), std::move(match));
    const http::Response response = co_await std::move(handling);
    const bool stay = keep_alive && !draining_->load();
    const bool written = co_await Write(response, head_only, stay);
    co_return written&& stay;
  }

  // The body of a streamed request. It ends with ServeStreamed().
  class Body final : public http::RequestStream {
   public:
    Body(TlsConnection& connection, const http::RequestHead& head, size_t bytes_max)
        : connection_(connection), decoder_(head, bytes_max), promised_(!head.expects_continue) {}

    // BODY_TOO_LARGE when the head announces more than is allowed.
    absl::Status Begin() {
      size_t used = 0;
      return decoder_.Feed({}, used);
    }
    bool done() const { return decoder_.done(); }

    asio::awaitable<absl::StatusOr<std::string>> Next() override {
      connection_.tcp().expires_at(Clock::now() + connection_.limits_.stall_time_limit);
      absl::Status decoded = connection_.Decode(decoder_);
      while (decoded.ok() && !decoder_.done() && !decoder_.has_bytes()) {
        const bool more = co_await connection_.ReadMoreOfBody(promised_);
        if (!more) co_return absl::CancelledError();
        decoded = connection_.Decode(decoder_);
      }
      if (!decoded.ok()) co_return decoded;
      co_return decoder_.TakeBody();
    }
    asio::awaitable<void> ClientLeft() override {
      return connection_.WatchClient(Clock::time_point::max());
    }

   private:
    TlsConnection& connection_;
    http::BodyDecoder decoder_;
    bool promised_;
  };

  asio::awaitable<bool> ServeStreamed(http::RequestHead head, http::RouteMatch match) {
    const http::Route& route = application_.RouteOf(match);
    const size_t answer_bytes_max = route.answer_bytes_max;
    Body body(*this, head, route.body_bytes_max);
    absl::Status begun = body.Begin();
    if (!begun.ok()) co_return co_await Refuse(begun);
    const bool head_only = head.method == http::Method::kHead;
    const bool keep_alive = head.keep_alive;
    const bool chunks = head.version == 11;
    http::Request request;
    request.head = std::move(head);
    request.stream = &body;
    request.peer_address = peer_address_;
    tcp().expires_never();
    auto handling = application_.Handle(std::move(request), std::move(match));
    const http::Response response = co_await std::move(handling);
    const bool framed = response.stream == nullptr || response.stream_bytes.has_value() || chunks;
    const bool stay = keep_alive && body.done() && framed && !draining_->load();
    if (response.stream == nullptr) {
      const bool written = co_await Write(response, head_only, stay);
      co_return written&& stay;
    }
    const bool written = co_await WriteStream(response, head_only, stay, chunks, answer_bytes_max);
    if (!written) {
      metrics_.Count("shodan_gateway_streams_broken_total",
                     "Streamed answers that did not reach their end");
      tcp().close();
    }
    co_return written&& stay;
  }

  absl::Status Decode(http::BodyDecoder& decoder) {
    size_t used = 0;
    absl::Status fed = decoder.Feed(Buffered(), used);
    buffer_.consume(used);
    return fed;
  }

  // False when the client left or was too slow. `promised`: 100 Continue was sent or not asked for.
  asio::awaitable<bool> ReadMoreOfBody(bool& promised) {
    if (!promised) {
      promised = true;
      const auto [error, written] =
          co_await asio::async_write(stream_, asio::buffer(kContinue), kAsTuple);
      if (error) co_return false;
    }
    const size_t size = co_await ReadSome();
    co_return size > 0;
  }

  // Completes when the client has ended its side of the connection, at the latest at `end`. Asks
  // the kernel instead of reading: what a client sends ahead must stay where it is.
  asio::awaitable<void> WatchClient(Clock::time_point end) {
    asio::steady_timer timer(stream_.get_executor());
    while (Clock::now() < end) {
      tcp_info info{};
      socklen_t size = sizeof info;
      const int asked =
          getsockopt(tcp().socket().native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size);
      if (asked != 0 || info.tcpi_state != TCP_ESTABLISHED) co_return;
      timer.expires_at(std::min(end, Clock::now() + kClientCheckInterval));
      const auto [error] = co_await timer.async_wait(kAsTuple);
      if (error) co_return;
    }
  }

  asio::awaitable<bool> AwaitFirstByte() {
    if (buffer_.size() > 0) co_return true;
    tcp().expires_after(limits_.idle_time_limit);
    idle_ = true;
    const size_t size = co_await ReadSome();
    idle_ = false;
    co_return size > 0;
  }

  // 0 at the end, after an error, at the time limit, and when the buffer is full.
  asio::awaitable<size_t> ReadSome() {
    const size_t room = buffer_.max_size() - buffer_.size();
    if (room == 0) co_return 0;
    const auto space = buffer_.prepare(room);
    const auto [error, size] = co_await stream_.async_read_some(space, kAsTuple);
    if (error) co_return 0;
    buffer_.commit(size);
    co_return size;
  }

  // CANCELLED when the peer left or was too slow: then there is nobody to answer.
  asio::awaitable<absl::StatusOr<http::RequestHead>> ReadHead() {
    tcp().expires_at(Clock::now() + limits_.head_time_limit);
    http::HeadScanner scanner(limits_.head_bytes_max, limits_.head_fields_max);
    while (true) {
      absl::Status scanned = scanner.Scan(Buffered());
      if (!scanned.ok()) co_return scanned;
      if (scanner.size() > 0) break;
      if (buffer_.size() == buffer_.max_size()) {
        co_return ResourceExhausted("HEAD_TOO_LARGE", "The request's head is too large.");
      }
      const size_t size = co_await ReadSome();
      if (size == 0) co_return absl::CancelledError();
    }
    const absl::StatusOr<http::ParsedHead> parsed = ParseHead(Buffered().substr(0, scanner.size()));
    if (!parsed.ok()) co_return parsed.status();
    buffer_.consume(scanner.size());
    co_return http::CheckHead(*parsed);
  }

  asio::awaitable<absl::StatusOr<std::string>> ReadBody(const http::RequestHead& head,
                                                        size_t bytes_max) {
    tcp().expires_at(Clock::now() + limits_.body_time_limit);
    http::BodyDecoder decoder(head, bytes_max);
    bool promised = !head.expects_continue;
    absl::Status decoded = Decode(decoder);
    while (decoded.ok() && !decoder.done()) {
      const bool more = co_await ReadMoreOfBody(promised);
      if (!more) co_return absl::CancelledError();
      decoded = Decode(decoder);
    }
    if (!decoded.ok()) co_return decoded;
    co_return decoder.TakeBody();
  }

  // Always false: after a refusal nothing of the connection is trusted any more.
  asio::awaitable<bool> Refuse(absl::Status status) {
    if (status.code() == absl::StatusCode::kCancelled) co_return false;
    const http::Response response = application_.Refuse(status);
    co_await Write(response, false, false);
    co_return false;
  }

  asio::awaitable<bool> Write(const http::Response& response, bool head_only, bool keep_alive) {
    using Body = beast::http::span_body<const char>;
    beast::http::response<Body> message;
    message.version(11);
    message.result(static_cast<unsigned>(response.status));
    for (const http::Field& field : response.fields) message.insert(field.name, field.value);
    message.keep_alive(keep_alive);
    const std::string& payload = response.payload();
    if (MayHaveBody(response.status)) {
      message.content_length(payload.size());
      if (!head_only) message.body() = {payload.data(), payload.size()};
    }
    tcp().expires_at(Clock::now() + limits_.write_time_limit);
    const auto [error, size] = co_await beast::http::async_write(stream_, message, kAsTuple);
    co_return !error;
  }

  // False when not all of it was sent; what the client got then does not look like a whole answer.
  // `chunks`: the client knows chunked coding.
  asio::awaitable<bool> WriteStream(const http::Response& response, bool head_only, bool keep_alive,
                                    bool chunks, size_t bytes_max) {
    const bool has_body = MayHaveBody(response.status) && !head_only;
    const bool chunked = has_body && chunks && !response.stream_bytes.has_value();
    bool sent = co_await WriteStreamHead(response, keep_alive, chunked);
    uint64_t total = 0;
    while (sent) {
      const absl::StatusOr<std::string> piece = co_await NextOfAnswer(*response.stream);
      if (!piece.ok()) co_return false;
      total += piece->size();
      if (total > response.stream_bytes.value_or(bytes_max)) co_return false;
      if (piece->empty()) break;
      if (has_body) sent = co_await WriteText(chunked ? ChunkOf(*piece) : *piece);
    }
    if (!sent || (has_body && response.stream_bytes.value_or(total) != total)) co_return false;
    if (chunked) sent = co_await WriteText(ChunkOf({}));
    co_return sent;
  }

  asio::awaitable<bool> WriteStreamHead(const http::Response& response, bool keep_alive,
                                        bool chunked) {
    beast::http::response<beast::http::empty_body> message;
    message.version(11);
    message.result(static_cast<unsigned>(response.status));
    for (const http::Field& field : response.fields) message.insert(field.name, field.value);
    message.keep_alive(keep_alive);
    if (chunked) {
      message.chunked(true);
    } else if (MayHaveBody(response.status) && response.stream_bytes.has_value()) {
      message.content_length(*response.stream_bytes);
    }
    std::ostringstream head;
    head << message.base();
    return WriteText(head.str());
  }

  // The next piece, or an error when none came in time or the client left.
  asio::awaitable<absl::StatusOr<std::string>> NextOfAnswer(http::BodyStream& stream) {
    auto first = stream.Next() || WatchClient(Clock::now() + limits_.stall_time_limit);
    auto outcome = co_await std::move(first);
    if (outcome.index() != 0) co_return absl::CancelledError();
    co_return std::get<0>(std::move(outcome));
  }

  asio::awaitable<bool> WriteText(std::string text) {
    tcp().expires_at(Clock::now() + limits_.stall_time_limit);
    const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(text), kAsTuple);
    co_return !error;
  }

  // Says goodbye in TLS and TCP, then reads away what the peer still sends: closing a socket with
  // unread bytes would reset the connection and could destroy the answer on its way.
  asio::awaitable<void> Close() {
    tcp().expires_at(Clock::now() + limits_.close_time_limit);
    co_await stream_.async_shutdown(kAsTuple);
    error_code error;
    tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    size_t total = 0;
    std::array<char, 4096> discarded{};
    while (!error && total < kLingerBytesMax) {
      const auto [read_error, size] =
          co_await tcp().async_read_some(asio::buffer(discarded), kAsTuple);
      error = read_error;
      total += size;
    }
  }

  Application& application_;
  const Limits& limits_;
  Metrics& metrics_;
  const std::shared_ptr<asio::ssl::context> tls_;
  const std::unique_ptr<ConnectionCaps::Lease> lease_;
  const std::string peer_address_;
  const std::shared_ptr<const std::atomic<bool>> draining_;
  Stream stream_;
  beast::flat_buffer buffer_;
  bool idle_ = false;
};

}  // namespace

std::shared_ptr<Connection> MakeConnection(ConnectionParts parts, Application& application,
                                           const Limits& limits, Metrics& metrics) {
  return std::make_shared<TlsConnection>(std::move(parts), application, limits, metrics);
}

}  // namespace shodan::gateway
