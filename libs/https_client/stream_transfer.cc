// SPDX-License-Identifier: Apache-2.0
#include "libs/https_client/stream_transfer.h"

#include <utility>

#include "libs/base/status.h"

namespace shodan::detail {
namespace {

absl::Status WrongLength() {
  return InvalidArgument("HTTPS_REQUEST_INVALID",
                         "The body has another length than the request says.");
}

}  // namespace

StreamTransfer::StreamTransfer(HttpsStreamRequest request, Wake wake)
    : request_(std::move(request)), wake_(std::move(wake)), curl_(nullptr, &curl_easy_cleanup) {}

void StreamTransfer::Write(std::string chunk, const Done<absl::Status>& done) {
  const std::scoped_lock lock(mutex_);
  if (TakesNoBody()) {
    done(EndForWriter());
    return;
  }
  accepted_bytes_ += static_cast<int64_t>(chunk.size());
  if (accepted_bytes_ > request_.content_length.value_or(0)) {
    Fail(WrongLength());
    done(WrongLength());
    return;
  }
  outgoing_.erase(0, std::exchange(outgoing_begin_, 0));
  outgoing_ += chunk;
  if (send_paused_) wake_(shared_from_this());
  if (outgoing_.size() <= kRoomBytes) {
    done(absl::OkStatus());
  } else {
    write_done_ = done;
  }
}

void StreamTransfer::FinishWriting(const Done<absl::Status>& done) {
  const std::scoped_lock lock(mutex_);
  if (TakesNoBody()) {
    done(EndForWriter());
    return;
  }
  // curl knows where the body ends, so a complete one needs nothing more.
  if (accepted_bytes_ == request_.content_length.value_or(0)) {
    done(absl::OkStatus());
    return;
  }
  Fail(WrongLength());
  done(WrongLength());
}

void StreamTransfer::ReadHead(const Done<absl::StatusOr<HttpsStreamHead>>& done) {
  const std::scoped_lock lock(mutex_);
  if (head_complete_) {
    done(head_);
  } else if (ended_.has_value()) {
    done(ended_->ok() ? CurlError(CURLE_PARTIAL_FILE) : *ended_);
  } else {
    head_done_ = done;
  }
}

void StreamTransfer::Read(const Done<absl::StatusOr<std::string>>& done) {
  const std::scoped_lock lock(mutex_);
  if (!incoming_.empty()) {
    done(TakeIncoming());
    if (receive_paused_ && incoming_.size() <= kRoomBytes) wake_(shared_from_this());
  } else if (!ended_.has_value()) {
    read_done_ = done;
  } else if (ended_->ok()) {
    done(std::string());
  } else {
    done(*ended_);
  }
}

void StreamTransfer::Cancel() {
  const std::scoped_lock lock(mutex_);
  Fail(MakeError(absl::StatusCode::kCancelled, "HTTPS_CANCELLED", "The request was cancelled."));
}

bool StreamTransfer::may_have_been_sent() const {
  const std::scoped_lock lock(mutex_);
  return may_have_been_sent_;
}

void StreamTransfer::Fail(absl::Status status) {
  if (ended_.has_value() || failure_.has_value()) return;
  failure_ = std::move(status);
  wake_(shared_from_this());
}

std::string StreamTransfer::TakeIncoming() {
  if (incoming_.size() <= kChunkBytesMax) return std::exchange(incoming_, {});
  std::string chunk = incoming_.substr(0, kChunkBytesMax);
  incoming_.erase(0, kChunkBytesMax);
  return chunk;
}

bool StreamTransfer::TakesNoBody() const {
  return ended_.has_value() || failure_.has_value() || body_refused_;
}

// A server may answer before it has read the body; what is left of the body is nobody's then.
absl::Status StreamTransfer::EndForWriter() const {
  if (failure_.has_value()) return *failure_;
  if (ended_.has_value() && !ended_->ok()) return *ended_;
  return Unavailable("HTTPS_TRUNCATED", "The server answered without reading the whole body.");
}

}  // namespace shodan::detail
