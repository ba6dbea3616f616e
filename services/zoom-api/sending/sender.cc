// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/sending/sender.h"

#include <utility>

#include "services/zoom-api/domain/errors.h"

namespace shodan::zoomapi {
namespace {

using boost::asio::awaitable;

constexpr size_t kChunkBytes = 64 << 10;

class TextSource final : public BodySource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}

  awaitable<absl::StatusOr<std::string>> Next() override {
    std::string chunk = text_.substr(position_, kChunkBytes);
    position_ += chunk.size();
    co_return chunk;
  }

 private:
  const std::string text_;
  size_t position_ = 0;
};

class WholeSink final : public AnswerSink {
 public:
  explicit WholeSink(size_t bytes_max) : bytes_max_(bytes_max) {}

  awaitable<absl::Status> Head(AnswerHead head) override {
    answer_.head = std::move(head);
    co_return absl::OkStatus();
  }
  awaitable<absl::Status> Chunk(std::string bytes) override {
    if (answer_.body.size() + bytes.size() > bytes_max_) co_return AnswerTooLarge();
    answer_.body += bytes;
    co_return absl::OkStatus();
  }

  WholeAnswer Take() { return std::move(answer_); }

 private:
  const size_t bytes_max_;
  WholeAnswer answer_;
};

}  // namespace

awaitable<absl::StatusOr<WholeAnswer>> SendWhole(Sender& sender, ApiRequest request,
                                                 std::string body, size_t answer_bytes_max,
                                                 Deadline deadline) {
  request.content_length = static_cast<int64_t>(body.size());
  TextSource source(std::move(body));
  WholeSink sink(answer_bytes_max);
  auto operation = sender.Send(std::move(request), source, sink, deadline);
  const absl::Status sent = co_await std::move(operation);
  if (!sent.ok()) co_return sent;
  co_return sink.Take();
}

}  // namespace shodan::zoomapi
