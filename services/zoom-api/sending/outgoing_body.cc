// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/sending/outgoing_body.h"

#include <utility>

#include "libs/base/status.h"

namespace shodan::zoomapi {
namespace {

constexpr size_t kChunkBytes = 64 << 10;

absl::Status WrongLength(std::string_view what) {
  return InvalidField("contentLength", "LENGTH_MISMATCH", what);
}

}  // namespace

boost::asio::awaitable<absl::Status> OutgoingBody::Keep() {
  if (!kept()) co_return absl::OkStatus();
  kept_.reserve(static_cast<size_t>(length_));
  while (!complete_) {
    const absl::StatusOr<std::string> chunk = co_await Pull();
    if (!chunk.ok()) co_return chunk.status();
    kept_ += *chunk;
  }
  co_return absl::OkStatus();
}

boost::asio::awaitable<absl::StatusOr<std::string>> OutgoingBody::Next() {
  if (!kept()) co_return co_await Pull();
  std::string chunk = kept_.substr(position_, kChunkBytes);
  position_ += chunk.size();
  co_return chunk;
}

boost::asio::awaitable<absl::Status> OutgoingBody::Drain() {
  while (!complete_) {
    const absl::StatusOr<std::string> chunk = co_await Pull();
    if (!chunk.ok()) co_return chunk.status();
  }
  co_return absl::OkStatus();
}

boost::asio::awaitable<absl::StatusOr<std::string>> OutgoingBody::Pull() {
  if (complete_) co_return std::string();
  std::string chunk;
  if (length_ > 0) {
    absl::StatusOr<std::string> next = co_await source_.Next();
    if (!next.ok()) co_return next.status();
    chunk = *std::move(next);
  }
  if (chunk.empty()) {
    if (read_ < length_) co_return WrongLength("is more than the body has");
    digest_ = running_digest_.Finish();
    complete_ = true;
    co_return chunk;
  }
  read_ += static_cast<int64_t>(chunk.size());
  if (read_ > length_) co_return WrongLength("is less than the body has");
  running_digest_.Add(chunk);
  co_return chunk;
}

}  // namespace shodan::zoomapi
