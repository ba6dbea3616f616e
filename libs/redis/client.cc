// SPDX-License-Identifier: Apache-2.0
#include "libs/redis/client.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <random>
#include <utility>
#include <variant>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "libs/base/status.h"
#include "libs/net/wait.h"
#include "libs/redis/resp_codec.h"
#include "libs/redis/stream.h"

namespace shodan::redis {
namespace {

namespace asio = boost::asio;
using boost::asio::experimental::awaitable_operators::operator||;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr size_t kInFlightMax = 4096;
constexpr size_t kReadBytes = size_t{16} * 1024;

absl::Status NotConnected() { return Unavailable("REDIS_UNAVAILABLE", "Redis is not available."); }

using Handler = asio::any_completion_handler<void(absl::StatusOr<Reply>)>;

// One command that waits for its reply. After its time limit the handler is gone and the reply,
// when it comes, is thrown away: replies are matched by their order alone.
struct Operation {
  Operation(Handler h, const asio::any_io_executor& executor)
      : handler(std::make_unique<Handler>(std::move(h))), timer(executor) {}

  void Complete(absl::StatusOr<Reply> result) {
    if (handler == nullptr) return;
    timer.cancel();
    auto executor = asio::get_associated_executor(*handler);
    // Not post(): a completion executor cannot promise it. Nothing here is re-entered.
    asio::dispatch(executor, [h = std::move(handler), r = std::move(result)]() mutable {
      std::move (*h)(std::move(r));
    });
  }

  // Held by pointer: the move assignment of Boost 1.81's any_completion_handler wraps its source.
  std::unique_ptr<Handler> handler;
  asio::steady_timer timer;
};

}  // namespace

class Client::Impl : public std::enable_shared_from_this<Client::Impl> {
 public:
  Impl(const asio::any_io_executor& executor, ClientOptions options)
      : strand_(asio::make_strand(executor)),
        options_(std::move(options)),
        output_ready_(strand_),
        pause_(strand_) {}

  void Start() { asio::co_spawn(strand_, Run(shared_from_this()), asio::detached); }

  void Stop() {
    asio::post(strand_, [self = shared_from_this()] {
      self->stopped_ = true;
      self->pause_.cancel();
      self->Disconnect();
    });
  }

  void Begin(Handler handler, std::string command, milliseconds limit) {
    asio::post(strand_, [self = shared_from_this(), h = std::move(handler), c = std::move(command),
                         limit]() mutable { self->Enqueue(std::move(h), std::move(c), limit); });
  }

  bool connected() const { return connected_.load(); }

 private:
  void Enqueue(Handler handler, std::string command, milliseconds limit) {
    auto operation = std::make_shared<Operation>(std::move(handler), strand_);
    if (!connected_.load() || in_flight_.size() >= kInFlightMax) {
      operation->Complete(NotConnected());
      return;
    }
    output_ += command;
    in_flight_.push_back(operation);
    output_ready_.cancel();
    operation->timer.expires_after(limit);
    operation->timer.async_wait([self = shared_from_this(), operation](error_code error) {
      if (error || operation->handler == nullptr) return;
      operation->Complete(DeadlineExceeded("REDIS_TIMEOUT", "Redis did not answer in time."));
      if (++self->timeouts_ >= self->options_.timeouts_to_disconnect) self->Disconnect();
    });
  }

  void Disconnect() {
    connected_.store(false);
    if (stream_ != nullptr) stream_->Close();
    output_ready_.cancel();
    for (const auto& operation : in_flight_) operation->Complete(NotConnected());
    in_flight_.clear();
    output_.clear();
  }

  // Keeps the connection up until Stop(). A coroutine with `self` as argument keeps the object.
  static asio::awaitable<void> Run(std::shared_ptr<Impl> self) {
    milliseconds delay = self->options_.reconnect_delay_min;
    while (!self->stopped_) {
      const bool opened = co_await self->Open();
      if (opened) {
        delay = self->options_.reconnect_delay_min;
        co_await (self->ReadReplies() || self->WriteCommands());
      }
      self->Disconnect();
      if (self->stopped_) break;
      co_await self->Pause(delay);
      delay = std::min(delay * 2, self->options_.reconnect_delay_max);
    }
  }

  asio::awaitable<void> Pause(milliseconds delay) {
    std::uniform_real_distribution<double> jitter(0.5, 1.0);
    pause_.expires_after(std::chrono::duration_cast<milliseconds>(delay * jitter(random_)));
    co_await pause_.async_wait(net::kAsTuple);
  }

  asio::awaitable<bool> Open() {
    timeouts_ = 0;
    decoder_.emplace();
    if (!MakeStream(strand_, options_.ca_file, stream_).ok()) co_return false;
    std::variant<bool, std::monostate> result =
        co_await (Greet() || net::WaitFor(options_.connect_time_limit));
    const bool* greeted = std::get_if<bool>(&result);
    if (greeted == nullptr || !*greeted || stopped_) co_return false;
    connected_.store(true);
    co_return true;
  }

  asio::awaitable<bool> Greet() {
    const absl::Status status =
        co_await stream_->Connect(options_.host, std::to_string(options_.port));
    if (!status.ok()) co_return false;
    if (options_.password.empty()) co_return true;
    std::vector<std::string> arguments{"AUTH"};
    if (!options_.username.empty()) arguments.push_back(options_.username);
    arguments.emplace_back(options_.password.Expose(SecretAccess::ForConnection()));
    std::string command = EncodeCommand(arguments);
    WipeString(arguments.back());
    const bool written = co_await stream_->Write(asio::buffer(command));
    WipeString(command);
    if (!written) co_return false;
    while (true) {
      const absl::StatusOr<std::optional<Reply>> reply = decoder_->Next();
      if (!reply.ok()) co_return false;
      if (reply->has_value()) co_return (*reply)->type == Reply::Type::kStatus;
      const bool fed = co_await ReadSome();
      if (!fed) co_return false;
    }
  }

  asio::awaitable<bool> ReadSome() {
    const size_t size = co_await stream_->Read(asio::buffer(input_));
    co_return size > 0 && decoder_->Feed({input_.data(), size}).ok();
  }

  asio::awaitable<void> ReadReplies() {
    while (connected_.load()) {
      const bool fed = co_await ReadSome();
      if (!fed) co_return;
      while (true) {
        absl::StatusOr<std::optional<Reply>> reply = decoder_->Next();
        if (!reply.ok() || (reply->has_value() && in_flight_.empty())) co_return;
        if (!reply->has_value()) break;
        if (in_flight_.front()->handler != nullptr) timeouts_ = 0;
        in_flight_.front()->Complete(std::move(**reply));
        in_flight_.pop_front();
      }
    }
  }

  asio::awaitable<void> WriteCommands() {
    while (connected_.load()) {
      if (output_.empty()) {
        output_ready_.expires_at(asio::steady_timer::time_point::max());
        co_await output_ready_.async_wait(net::kAsTuple);
        continue;
      }
      const std::string batch = std::exchange(output_, {});
      const bool written = co_await stream_->Write(asio::buffer(batch));
      if (!written) co_return;
    }
  }

  asio::strand<asio::any_io_executor> strand_;
  const ClientOptions options_;
  std::atomic<bool> connected_{false};
  // All below is used on the strand only.
  bool stopped_ = false;
  int timeouts_ = 0;
  std::unique_ptr<Stream> stream_;
  std::optional<Decoder> decoder_;
  std::array<char, kReadBytes> input_{};
  std::string output_;
  asio::steady_timer output_ready_;
  asio::steady_timer pause_;
  std::deque<std::shared_ptr<Operation>> in_flight_;
  std::minstd_rand random_{std::random_device{}()};
};

Client::Client(const asio::any_io_executor& executor, ClientOptions options)
    : impl_(std::make_shared<Impl>(executor, std::move(options))) {
  impl_->Start();
}

Client::~Client() { impl_->Stop(); }

void Client::Stop() { impl_->Stop(); }

bool Client::connected() const { return impl_->connected(); }

asio::awaitable<absl::StatusOr<Reply>> Client::Execute(std::vector<std::string> arguments,
                                                       milliseconds limit) {
  std::string command = EncodeCommand(arguments);
  std::shared_ptr<Impl> impl = impl_;
  auto begin = [&impl, &command, limit](auto handler) {
    impl->Begin(Handler(std::move(handler)), std::move(command), limit);
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>,
                                          void(absl::StatusOr<Reply>)>(begin, asio::use_awaitable);
}

}  // namespace shodan::redis
