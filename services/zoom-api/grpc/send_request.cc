// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/grpc/send_request.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "services/zoom-api/domain/request_check.h"
#include "services/zoom-api/domain/scopes.h"
#include "services/zoom-api/grpc/requester.h"

namespace shodan::zoomapi {
namespace {

using boost::asio::awaitable;

constexpr size_t kChunkBytesMax = 64 << 10;
constexpr size_t kMediaTypeBytesMax = 255;

std::optional<Method> MethodOf(std::string_view text) {
  for (const Method method : {Method::kGet, Method::kHead, Method::kPost, Method::kPut,
                              Method::kPatch, Method::kDelete}) {
    if (ToText(method) == text) return method;
  }
  return std::nullopt;
}

// It becomes the value of a field of the request to Zoom.
void CheckMediaType(RequestCheck& check, std::string_view field, std::string_view text) {
  if (text.size() > kMediaTypeBytesMax) check.Add(field, "TOO_LONG", "has more than 255 bytes");
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (!printable) check.Add(field, "MALFORMED", "is not of printable ASCII characters");
}

absl::Status WrongLength(std::string_view what) {
  return InvalidField("contentLength", "LENGTH_MISMATCH", what);
}

/// The chunks of the stream, of the length that was announced. The last one is held back until the
/// stream has ended: a body that turns out too long must not be a complete request at Zoom.
class StreamBody final : public BodySource {
 public:
  StreamBody(SendRequestStream& stream, int64_t length) : stream_(stream), length_(length) {}

  awaitable<absl::StatusOr<std::string>> Next() override {
    if (ended_) co_return std::string();
    absl::StatusOr<std::string> chunk = co_await Receive();
    if (!chunk.ok()) co_return chunk.status();
    received_ += static_cast<int64_t>(chunk->size());
    if (received_ > length_) co_return WrongLength("is less than the body has");
    if (chunk->empty() && received_ < length_) co_return WrongLength("is more than the body has");
    if (!chunk->empty() && received_ == length_) {
      const absl::StatusOr<std::string> end = co_await Receive();
      if (!end.ok()) co_return end.status();
      if (!end->empty()) co_return WrongLength("is less than the body has");
    }
    ended_ = received_ == length_;
    co_return *std::move(chunk);
  }

 private:
  // The next chunk; empty at the end of the stream.
  awaitable<absl::StatusOr<std::string>> Receive() {
    absl::StatusOr<std::optional<v1::SendRequestRequest>> message = co_await stream_.Read();
    if (!message.ok()) co_return message.status();
    if (!message->has_value()) co_return std::string();
    if (!(*message)->has_chunk()) {
      co_return InvalidField("chunk", "REQUIRED", "must be all that follows the head");
    }
    std::string chunk = std::move(*(*message)->mutable_chunk());
    if (chunk.empty() || chunk.size() > kChunkBytesMax) {
      co_return InvalidField("chunk", "OUT_OF_RANGE", "must have 1 to 65536 bytes");
    }
    co_return chunk;
  }

  SendRequestStream& stream_;
  const int64_t length_;
  int64_t received_ = 0;
  bool ended_ = false;
};

class StreamAnswer final : public AnswerSink {
 public:
  explicit StreamAnswer(SendRequestStream& stream) : stream_(stream) {}

  awaitable<absl::Status> Head(AnswerHead head) override {
    v1::SendRequestResponse message;
    v1::ResponseHead& proto = *message.mutable_head();
    proto.set_status(head.status);
    proto.set_content_type(std::move(head.content_type));
    proto.set_content_length(head.content_length);
    for (auto& [name, value] : head.headers) {
      v1::HeaderField& field = *proto.add_headers();
      field.set_name(std::move(name));
      field.set_value(std::move(value));
    }
    co_return co_await stream_.Write(std::move(message));
  }
  awaitable<absl::Status> Chunk(std::string bytes) override {
    v1::SendRequestResponse message;
    message.set_chunk(std::move(bytes));
    co_return co_await stream_.Write(std::move(message));
  }

 private:
  SendRequestStream& stream_;
};

}  // namespace

absl::StatusOr<ApiRequest> RequestOf(const rpc::CallContext& call, const v1::RequestHead& head,
                                     int64_t body_bytes_max) {
  RequestCheck check;
  check.ProjectId(head.project_id());
  check.UserId(head.user_id());
  const std::optional<Method> method = MethodOf(head.method());
  if (!method.has_value()) {
    check.Add("method", "NOT_ALLOWED", "must be GET, HEAD, POST, PUT, PATCH or DELETE");
  }
  const bool unsafe = method.has_value() && IsUnsafe(*method);
  if (unsafe) check.RequestId(head.request_id());
  CheckMediaType(check, "contentType", head.content_type());
  CheckMediaType(check, "accept", head.accept());
  check.Range("contentLength", head.content_length(), 0,
              method.has_value() && !unsafe ? 0 : body_bytes_max);
  const absl::Status checked = check.Finish();
  if (!checked.ok()) return checked;
  absl::StatusOr<RequestTarget> target = RequestTarget::Parse(head.path(), head.query());
  if (!target.ok()) return target.status();

  ApiRequest request;
  request.requester = RequesterOf(call, head.project_id(), head.user_id());
  if (unsafe) request.request_id = head.request_id();
  request.method = *method;
  request.target = *std::move(target);
  request.content_length = head.content_length();
  if (request.content_length > 0) request.content_type = head.content_type();
  request.accept = head.accept();
  request.any_of_scopes = ScopesThatAllow(request.method, request.target);
  return request;
}

awaitable<absl::Status> ServeSendRequest(Sender& sender, int64_t body_bytes_max,
                                         const rpc::CallContext& call,
                                         const v1::SendRequestRequest& first,
                                         SendRequestStream& stream) {
  absl::StatusOr<ApiRequest> request = RequestOf(call, first.head(), body_bytes_max);
  if (!request.ok()) co_return request.status();
  StreamBody body(stream, request->content_length);
  if (request->content_length == 0) {
    // A body that was not announced is refused rather than dropped.
    const absl::StatusOr<std::string> end = co_await body.Next();
    if (!end.ok()) co_return end.status();
  }
  StreamAnswer answer(stream);
  auto operation = sender.Send(*std::move(request), body, answer, call.deadline);
  co_return co_await std::move(operation);
}

}  // namespace shodan::zoomapi
