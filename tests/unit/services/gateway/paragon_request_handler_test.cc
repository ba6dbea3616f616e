// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/paragon_request_handler.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/unit/services/gateway/fake_zoom_api.h"
#include "tests/unit/services/gateway/run_coroutine.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;

std::shared_ptr<FakeBody> BodyOf(const std::vector<std::string>& pieces) {
  auto body = std::make_shared<FakeBody>();
  for (const std::string& piece : pieces) body->pieces.emplace_back(piece);
  return body;
}

// As PassOn() makes it of Zoom's answer.
http::Response FromZoom(int status, const std::vector<std::string>& pieces,
                        const std::string& type = "application/json;charset=UTF-8",
                        int64_t length = -1) {
  ZoomAnswerHead head;
  head.status = status;
  head.content_type = type;
  head.content_length = length;
  head.headers = {{"x-zm-trackingid", "t-1"}, {"retry-after", "7"}};
  return PassOn(head, BodyOf(pieces)).value();
}

http::Response Shaped(http::Response response, bool head_only = false) {
  return RunCoroutine(AsParagonAnswer(std::move(response), head_only)).value();
}

std::string TextOf(const http::Response& response) {
  if (response.stream == nullptr) return response.body;
  std::string text;
  while (true) {
    const auto piece = RunCoroutine(response.stream->Next());
    if (!piece.ok()) return text + "<broken>";
    if (piece->empty()) return text;
    text += *piece;
  }
}

TEST_CASE("JSON becomes the output of an object, in as many pieces as it came") {
  const auto response = Shaped(FromZoom(201, {"{\"outp", "ut\":1}"}, "application/json", 12));
  CHECK(response.status == 201);
  CHECK(response.stream_bytes == 23U);
  CHECK(response.fields.Get("X-Zm-Trackingid") == "t-1");
  const std::string text = TextOf(response);
  CHECK(text == R"({"output":{"output":1}})");
  CHECK(text.size() == 23);
  CHECK(TextOf(Shaped(FromZoom(200, {"[1]"}))) == R"({"output":[1]})");
}

TEST_CASE("No body stays no body") {
  CHECK(TextOf(Shaped(FromZoom(204, {}, ""))).empty());
  CHECK(TextOf(Shaped(FromZoom(200, {}, "application/json", 0))).empty());
  CHECK(TextOf(Shaped(FromZoom(200, {}))).empty());
  const auto head = Shaped(FromZoom(200, {}, "application/json", 12), true);
  CHECK(head.stream_bytes == 12U);
}

TEST_CASE("What is not JSON stays as it is") {
  const auto response = Shaped(FromZoom(200, {"%PDF"}, "application/pdf", 4));
  CHECK(TextOf(response) == "%PDF");
  CHECK(response.fields.Has("Content-Disposition"));
}

TEST_CASE("A body that breaks off does not look whole") {
  http::Response response = FromZoom(200, {"{"});
  static_cast<FakeBody&>(*response.stream).pieces.emplace_back(absl::CancelledError());
  CHECK(TextOf(Shaped(std::move(response))) == "{\"output\":{<broken>");
}

TEST_CASE("Zoom's error keeps its status, fields and body, and gets message and code") {
  const auto response =
      Shaped(FromZoom(429, {R"({"code":3001,)", R"("message":"Meeting does not exist."})"}));
  CHECK(response.status == 429);
  CHECK(response.fields.Get("Retry-After") == "7");
  CHECK(response.fields.Get("Shodan-Outcome") == "zoom");
  CHECK(response.fields.Get("Content-Type") == "application/json");
  const json::value body = json::parse(TextOf(response));
  CHECK(body.at("message").as_string() == "Meeting does not exist.");
  CHECK(body.at("code").as_string() == "3001");
  CHECK(body.at("meta").at("zoomStatus").as_int64() == 429);
  CHECK(body.at("output").at("code").as_int64() == 3001);
}

TEST_CASE("An error without a word of Zoom's is told all the same") {
  for (const char* text : {"", "<html>Bad gateway</html>", "[]", "{\"message\":5}"}) {
    const auto response = Shaped(FromZoom(502, {text}, "text/html"));
    const json::value body = json::parse(TextOf(response));
    CHECK(body.at("message").as_string() == "Zoom answered 502.");
    CHECK(body.at("code").as_string() == "ZOOM_ERROR");
    CHECK(response.fields.Get("Content-Type") == "application/json");
    CHECK_FALSE(response.fields.Has("Content-Disposition"));
  }
}

TEST_CASE("An error that nobody would read is cut off") {
  std::vector<std::string> pieces(5, std::string(size_t{64} * 1024, 'x'));
  const auto shaped = RunCoroutine(AsParagonAnswer(FromZoom(500, pieces), false));
  CHECK(HasReason(shaped.status(), "ANSWER_TOO_LARGE"));
}

}  // namespace
}  // namespace shodan::gateway
