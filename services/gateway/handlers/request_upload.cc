// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/request_upload.h"

#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "absl/cleanup/cleanup.h"
#include "libs/base/status.h"
#include "libs/net/wait.h"

namespace shodan::gateway {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;  // for ||
using std::chrono::steady_clock;

}  // namespace

RequestUpload::RequestUpload(const asio::any_io_executor& executor, http::RequestStream& body,
                             std::shared_ptr<ZoomExchange> exchange)
    : body_(body),
      exchange_(std::move(exchange)),
      changed_(executor, steady_clock::time_point::max()) {}

std::shared_ptr<RequestUpload> RequestUpload::Start(const asio::any_io_executor& executor,
                                                    http::RequestStream& body,
                                                    std::shared_ptr<ZoomExchange> exchange) {
  std::shared_ptr<RequestUpload> upload(new RequestUpload(executor, body, std::move(exchange)));
  asio::co_spawn(executor, Run(upload), asio::detached);
  return upload;
}

asio::awaitable<void> RequestUpload::Run(std::shared_ptr<RequestUpload> self) {
  bool taken = true;
  while (taken && !self->stopped_) {
    auto reading = self->NextPiece();
    std::optional<absl::StatusOr<std::string>> piece = co_await std::move(reading);
    if (!piece.has_value()) break;
    if (!piece->ok()) {
      self->failure_ = piece->status();
      break;
    }
    if ((*piece)->empty()) {
      auto finishing = self->exchange_->FinishWriting();
      co_await std::move(finishing);
      break;
    }
    auto writing = self->exchange_->Write(**std::move(piece));
    taken = co_await std::move(writing);
  }
  self->end_ = steady_clock::now();
  self->changed_.cancel();
}

asio::awaitable<std::optional<absl::StatusOr<std::string>>> RequestUpload::NextPiece() {
  reading_ = true;
  const absl::Cleanup done = [this] {
    reading_ = false;
    changed_.cancel();
  };
  auto either = body_.Next() || WaitForStop();
  auto outcome = co_await std::move(either);
  if (outcome.index() != 0) co_return std::nullopt;
  co_return std::get<0>(std::move(outcome));
}

asio::awaitable<void> RequestUpload::WaitForChange() {
  co_await changed_.async_wait(net::kAsTuple);
}

asio::awaitable<void> RequestUpload::WaitForStop() {
  while (!stopped_) co_await WaitForChange();
}

asio::awaitable<absl::Status> RequestUpload::Failure(std::chrono::milliseconds limit) {
  while (!end_.has_value()) co_await WaitForChange();
  if (!failure_.ok()) co_return failure_;
  auto pause = net::WaitFor(limit);
  co_await std::move(pause);
  co_return DeadlineExceeded("ZOOM_TIMEOUT", "Zoom did not answer in time. Try again.");
}

asio::awaitable<void> RequestUpload::Stop() {
  stopped_ = true;
  changed_.cancel();
  while (reading_) co_await WaitForChange();
}

}  // namespace shodan::gateway
