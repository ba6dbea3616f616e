// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/zoom_handler.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"
#include "services/gateway/handlers/field_checks.h"
#include "services/gateway/handlers/request_upload.h"

namespace shodan::gateway {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;  // for ||

constexpr size_t kMediaTypeBytesMax = 255;
constexpr size_t kPieceBytesMax = size_t{64} * 1024;
constexpr int kStatusMin = 200;
constexpr int kStatusMax = 599;
constexpr std::string_view kPassedFields[] = {"content-disposition", "etag", "last-modified",
                                              "retry-after", "x-zm-trackingid"};
constexpr std::string_view kPassedPrefix = "x-ratelimit-";

bool IsPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool IsPassed(std::string_view name) {
  return name.substr(0, kPassedPrefix.size()) == kPassedPrefix ||
         std::find(std::begin(kPassedFields), std::end(kPassedFields), name) !=
             std::end(kPassedFields);
}

bool IsJson(std::string_view content_type) {
  const std::string_view type = http::TrimOws(content_type.substr(0, content_type.find(';')));
  constexpr std::string_view kSuffix = "+json";
  return http::EqualsIgnoringCase(type, "application/json") ||
         (type.size() > kSuffix.size() &&
          http::EqualsIgnoringCase(type.substr(type.size() - kSuffix.size()), kSuffix));
}

// What browsers are told to do with a file, whatever Zoom says: its name stays.
std::string AsAttachment(std::string_view disposition) {
  const size_t semicolon = disposition.find(';');
  if (semicolon == std::string_view::npos) return "attachment";
  return Join("attachment", disposition.substr(semicolon));
}

std::string ReadMediaType(const http::Fields& fields, std::string_view name,
                          std::vector<FieldViolation>& problems) {
  const std::string value(fields.Get(name));
  if (value.size() > kMediaTypeBytesMax || !IsPrintableAscii(value)) {
    problems.push_back({std::string(name), "MALFORMED", "must have at most 255 ASCII characters."});
  }
  return value;
}

// A body that was collected.
class CollectedBody final : public http::RequestStream {
 public:
  explicit CollectedBody(http::RequestStream& stream) : stream_(stream) {}

  asio::awaitable<absl::Status> Collect() {
    while (true) {
      auto reading = stream_.Next();
      const absl::StatusOr<std::string> piece = co_await std::move(reading);
      if (!piece.ok()) co_return piece.status();
      if (piece->empty()) co_return absl::OkStatus();
      if (bytes_.size() + piece->size() > kCollectedBodyBytesMax) {
        co_return InvalidArgument(
            "LENGTH_REQUIRED", "A body of more than 1 MiB must tell its length: Content-Length.");
      }
      bytes_ += *piece;
    }
  }
  size_t size() const { return bytes_.size(); }

  asio::awaitable<absl::StatusOr<std::string>> Next() override {
    std::string piece = bytes_.substr(given_, kPieceBytesMax);
    given_ += piece.size();
    co_return piece;
  }
  asio::awaitable<void> ClientLeft() override { return stream_.ClientLeft(); }

 private:
  http::RequestStream& stream_;
  std::string bytes_;
  size_t given_ = 0;
};

class AnswerBody final : public http::BodyStream {
 public:
  explicit AnswerBody(std::shared_ptr<ZoomExchange> exchange) : exchange_(std::move(exchange)) {}
  asio::awaitable<absl::StatusOr<std::string>> Next() override { return exchange_->Read(); }

 private:
  const std::shared_ptr<ZoomExchange> exchange_;
};

// A request that may have reached Zoom is not to be repeated before somebody has looked.
absl::Status Explain(absl::Status status, http::Method method) {
  if (!HasReason(status, "ZOOM_TIMEOUT") || http::IsSafe(method)) return status;
  return Aborted("OUTCOME_UNKNOWN",
                 "Zoom did not answer in time and may have done it. Look at Zoom before you send "
                 "it again.");
}

}  // namespace

absl::StatusOr<ZoomRequest> ReadZoomRequest(const http::RequestHead& head,
                                            const std::string& path) {
  std::vector<FieldViolation> problems;
  ZoomRequest request;
  request.method = std::string(http::NameOf(head.method));
  request.path = path;
  request.query = head.target.raw_query;
  request.content_length = static_cast<int64_t>(head.content_length.value_or(0));
  if (head.has_body()) request.content_type = ReadMediaType(head.fields, "Content-Type", problems);
  request.accept = ReadMediaType(head.fields, "Accept", problems);
  if (!http::IsSafe(head.method)) {
    request.request_id = ReadIdempotencyKey(head, problems);
    if (request.request_id.empty()) request.request_id = RandomUuid();
  }
  if (!problems.empty()) return InvalidFields(problems);
  return request;
}

absl::StatusOr<http::Response> PassOn(const ZoomAnswerHead& head,
                                      std::shared_ptr<http::BodyStream> body) {
  if (head.status < kStatusMin || head.status > kStatusMax ||
      !IsPrintableAscii(head.content_type)) {
    return Unavailable("ANSWER_INVALID", "The answer from Zoom could not be passed on.");
  }
  if (head.content_length > static_cast<int64_t>(kZoomAnswerBytesMax)) {
    return Unavailable("ANSWER_TOO_LARGE", "The answer from Zoom is larger than 100 MiB.");
  }
  http::Response response;
  response.status = head.status;
  response.fields.Set("Shodan-Outcome", "zoom");
  if (!head.content_type.empty()) response.fields.Set("Content-Type", head.content_type);
  for (const auto& [name, value] : head.headers) {
    if (IsPassed(name) && IsPrintableAscii(value)) response.fields.Set(name, value);
  }
  if (!IsJson(head.content_type)) {
    if (head.content_type.empty() && head.content_length != 0) {
      response.fields.Set("Content-Type", "application/octet-stream");
    }
    response.fields.Set("Content-Security-Policy", "sandbox; default-src 'none'");
    const std::string disposition(response.fields.Get("Content-Disposition"));
    response.fields.Set("Content-Disposition", AsAttachment(disposition));
  }
  response.stream = std::move(body);
  if (head.content_length >= 0) response.stream_bytes = static_cast<uint64_t>(head.content_length);
  return response;
}

HandlerResult ZoomHandler::Exchange(http::Method method, http::RequestStream& body,
                                    std::shared_ptr<ZoomExchange> exchange) const {
  auto executor = co_await asio::this_coro::executor;
  const std::shared_ptr<RequestUpload> upload = RequestUpload::Start(executor, body, exchange);
  auto first = exchange->ReadHead() || upload->Failure(answer_time_limit_) || body.ClientLeft();
  auto outcome = co_await std::move(first);
  auto stopping = upload->Stop();
  co_await std::move(stopping);
  if (outcome.index() != 0) exchange->Cancel();
  if (outcome.index() == 1) co_return Explain(std::get<1>(std::move(outcome)), method);
  if (outcome.index() == 2) co_return absl::CancelledError();
  const absl::StatusOr<ZoomAnswerHead>& head = std::get<0>(outcome);
  if (!head.ok()) co_return head.status();
  co_return PassOn(*head, std::make_shared<AnswerBody>(exchange));
}

HandlerResult ZoomHandler::Forward(const RequestContext& context) {
  absl::StatusOr<ZoomRequest> request =
      ReadZoomRequest(context.request.head, context.parameter("path"));
  if (!request.ok()) co_return request.status();
  auto sending = Send(context, context.person(), *std::move(request));
  co_return co_await std::move(sending);
}

HandlerResult ZoomHandler::Send(const RequestContext& context, Person person,
                                ZoomRequest request) const {
  const http::Method method = context.request.head.method;
  CollectedBody collected(*context.request.stream);
  if (context.request.head.chunked) {
    auto collecting = collected.Collect();
    absl::Status status = co_await std::move(collecting);
    if (!status.ok()) co_return status;
    request.content_length = static_cast<int64_t>(collected.size());
  }
  auto beginning = zoom_.Begin(context.backend_call(), std::move(person), std::move(request));
  std::shared_ptr<ZoomExchange> exchange = co_await std::move(beginning);
  http::RequestStream& body = context.request.head.chunked ? collected : *context.request.stream;
  auto exchanging = Exchange(method, body, std::move(exchange));
  co_return co_await std::move(exchanging);
}

}  // namespace shodan::gateway
