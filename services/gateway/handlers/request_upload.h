// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/status/status.h"
#include "libs/http/body_stream.h"
#include "services/gateway/backends/zoom_api_client.h"

namespace shodan::gateway {

/// Moves the body of a request to zoom-api while its answer is awaited; Zoom may answer before it
/// has seen all of it. At most one piece is on its way. To be used on the executor it was started
/// with, a strand.
class RequestUpload : public std::enable_shared_from_this<RequestUpload> {
 public:
  /// `body` lives until Stop() has completed.
  static std::shared_ptr<RequestUpload> Start(const boost::asio::any_io_executor& executor,
                                              http::RequestStream& body,
                                              std::shared_ptr<ZoomExchange> exchange);

  /// Completes when there is no answer to wait for any more: the error of the body, or
  /// DEADLINE_EXCEEDED/ZOOM_TIMEOUT when `limit` has passed since its end.
  boost::asio::awaitable<absl::Status> Failure(std::chrono::milliseconds limit);
  /// When it completes, the body is not touched any more. What was read may still be on its way.
  boost::asio::awaitable<void> Stop();

 private:
  RequestUpload(const boost::asio::any_io_executor& executor, http::RequestStream& body,
                std::shared_ptr<ZoomExchange> exchange);
  static boost::asio::awaitable<void> Run(std::shared_ptr<RequestUpload> self);
  boost::asio::awaitable<std::optional<absl::StatusOr<std::string>>> NextPiece();
  boost::asio::awaitable<void> WaitForStop();
  boost::asio::awaitable<void> WaitForChange();

  http::RequestStream& body_;
  const std::shared_ptr<ZoomExchange> exchange_;
  boost::asio::steady_timer changed_;  // never expires; cancelled when something below changes
  bool reading_ = false;
  bool stopped_ = false;
  std::optional<std::chrono::steady_clock::time_point> end_;
  absl::Status failure_;
};

}  // namespace shodan::gateway
