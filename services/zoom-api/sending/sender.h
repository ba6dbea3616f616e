// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/zoom-api/domain/api_request.h"

namespace shodan::zoomapi {

/// Where a request's body comes from.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// The next bytes, at most 64 KiB; empty at the end.
  virtual boost::asio::awaitable<absl::StatusOr<std::string>> Next() = 0;
};

/// Where the answer goes. An error ends the transfer.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  /// Once, before any chunk.
  virtual boost::asio::awaitable<absl::Status> Head(AnswerHead head) = 0;
  /// At most 64 KiB.
  virtual boost::asio::awaitable<absl::Status> Chunk(std::string bytes) = 0;
};

/// Sends requests to Zoom as connected users: token, rate budget, intent, request, repetition where
/// it is safe. Thread-safe.
class Sender {
 public:
  virtual ~Sender() = default;
  /// Returns OK when the whole answer went to the sink, whatever its status. Errors as
  /// ZoomApiService lists them. `body` and `sink` live until it returns.
  virtual boost::asio::awaitable<absl::Status> Send(ApiRequest request, BodySource& body,
                                                    AnswerSink& sink, Deadline deadline) = 0;
};

/// An answer that was small enough to keep.
struct WholeAnswer {
  WholeAnswer() = default;
  AnswerHead head;
  std::string body;
};

/// Send() with both bodies in memory. OUT_OF_RANGE/ANSWER_TOO_LARGE above `answer_bytes_max`.
boost::asio::awaitable<absl::StatusOr<WholeAnswer>> SendWhole(Sender& sender, ApiRequest request,
                                                              std::string body,
                                                              size_t answer_bytes_max,
                                                              Deadline deadline);

}  // namespace shodan::zoomapi
