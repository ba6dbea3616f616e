// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/paragon_request_handler.h"

#include <memory>
#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/gateway/handlers/paragon_user_handlers.h"

namespace shodan::gateway {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::string_view kPrefix = "{\"output\":";
constexpr std::string_view kSuffix = "}";
constexpr size_t kErrorBytesMax = size_t{256} * 1024;
constexpr int kErrorMin = 400;

// A JSON text as a member of an object; an empty one stays empty.
class WrappedBody final : public http::BodyStream {
 public:
  explicit WrappedBody(std::shared_ptr<http::BodyStream> inner) : inner_(std::move(inner)) {}

  asio::awaitable<absl::StatusOr<std::string>> Next() override {
    if (ended_) co_return std::string();
    auto reading = inner_->Next();
    absl::StatusOr<std::string> piece = co_await std::move(reading);
    if (!piece.ok()) co_return piece.status();
    if (piece->empty()) {
      ended_ = true;
      co_return std::string(begun_ ? kSuffix : "");
    }
    if (begun_) co_return piece;
    begun_ = true;
    co_return Join(kPrefix, *piece);
  }

 private:
  const std::shared_ptr<http::BodyStream> inner_;
  bool begun_ = false;
  bool ended_ = false;
};

// The whole of an error's body; ANSWER_TOO_LARGE when nobody would read that much.
asio::awaitable<absl::StatusOr<std::string>> Collect(std::shared_ptr<http::BodyStream> stream) {
  std::string bytes;
  while (true) {
    auto reading = stream->Next();
    const absl::StatusOr<std::string> piece = co_await std::move(reading);
    if (!piece.ok()) co_return piece.status();
    if (piece->empty()) co_return bytes;
    if (bytes.size() + piece->size() > kErrorBytesMax) {
      co_return Unavailable("ANSWER_TOO_LARGE", "Zoom's error is larger than 256 KiB.");
    }
    bytes += *piece;
  }
}

std::string_view TextOf(const json::value* value) {
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

json::object ErrorBody(int status, const std::string& bytes) {
  json::error_code error;
  json::value zoom = json::parse(bytes, error);
  if (error) zoom = nullptr;
  const json::object* members = zoom.if_object();
  std::string message = Join("Zoom answered ", std::to_string(status), ".");
  std::string code = "ZOOM_ERROR";
  if (members != nullptr) {
    for (const char* name : {"reason", "message"}) {
      if (const auto text = TextOf(members->if_contains(name)); !text.empty()) message = text;
    }
    if (const json::value* number = members->if_contains("code")) {
      code = number->is_string() ? std::string(TextOf(number)) : json::serialize(*number);
    }
  }
  json::object body{
      {"message", message}, {"code", code}, {"meta", json::object{{"zoomStatus", status}}}};
  body["output"] = std::move(zoom);
  return body;
}

bool IsJson(const http::Response& response) {
  // PassOn() makes an attachment of everything that is not JSON.
  return !response.fields.Has("Content-Disposition") && response.fields.Has("Content-Type");
}

}  // namespace

HandlerResult AsParagonAnswer(http::Response response, bool head_only) {
  if (response.stream == nullptr) co_return response;
  if (response.status >= kErrorMin) {
    auto collecting = Collect(response.stream);
    const absl::StatusOr<std::string> bytes = co_await std::move(collecting);
    if (!bytes.ok()) co_return bytes.status();
    const json::object body = ErrorBody(response.status, *bytes);
    http::Response answer = http::JsonResponse(response.status, json::serialize(body));
    for (const http::Field& field : response.fields) {
      // It is JSON now, whatever it was.
      if (answer.fields.Has(field.name) || field.name.rfind("Content-", 0) == 0) continue;
      answer.fields.Add(field.name, field.value);
    }
    co_return answer;
  }
  if (!IsJson(response) || head_only || response.stream_bytes == 0U) co_return response;
  response.stream = std::make_shared<WrappedBody>(std::move(response.stream));
  if (response.stream_bytes.has_value()) *response.stream_bytes += kPrefix.size() + kSuffix.size();
  co_return response;
}

HandlerResult ParagonRequestHandler::Forward(const RequestContext& context) {
  const http::RequestHead& head = context.request.head;
  if (head.fields.Has("X-Paragon-Credential")) {
    auto reading = accounts_.GetLink(context.backend_call(), context.person());
    const absl::StatusOr<Link> link = co_await std::move(reading);
    if (!link.ok()) co_return link.status();
    absl::Status selected = CheckSelectedCredential(head, *link);
    if (!selected.ok()) co_return selected;
  }
  absl::StatusOr<ZoomRequest> request =
      ReadZoomRequest(context.request.head, context.parameter("path"));
  if (!request.ok()) co_return request.status();
  // The client leaves it to us to find out what it sends; objects it has made into JSON.
  if (request->content_type == "auto") request->content_type = "application/json";
  auto sending = zoom_.Send(context, context.person(), *std::move(request));
  absl::StatusOr<http::Response> answer = co_await std::move(sending);
  if (!answer.ok()) co_return answer.status();
  auto shaping = AsParagonAnswer(*std::move(answer), head.method == http::Method::kHead);
  co_return co_await std::move(shaping);
}

}  // namespace shodan::gateway
