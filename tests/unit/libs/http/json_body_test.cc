// SPDX-License-Identifier: Apache-2.0
#include "libs/http/json_body.h"

#include <string>

#include <catch2/catch.hpp>

namespace shodan::http {
namespace {

std::string FieldNames(const absl::Status& status) {
  std::string names;
  for (const FieldViolation& field : FieldsOf(status)) {
    names.append(names.empty() ? "" : " ").append(field.field).append(":").append(field.reason);
  }
  return names;
}

TEST_CASE("JsonBody reads members of the right types") {
  auto body = JsonBody::ParseText(
      R"({"text":"山","note":null,"count":3,"whole":2.0,"flag":true,"list":["a","b"]})");
  REQUIRE(body.ok());

  CHECK(body->Text("text") == "山");
  CHECK_FALSE(body->OptionalText("note").has_value());
  CHECK(body->OptionalInteger("count", 0, 10) == 3);
  CHECK(body->OptionalInteger("whole", 0, 10) == 2);
  CHECK(body->Bool("flag", false));
  CHECK(body->Bool("absent", true));
  CHECK(body->Texts("list", 1, 2) == std::vector<std::string>{"a", "b"});
  CHECK(body->Finish().ok());
}

TEST_CASE("JsonBody reads an optional object, and names a wrong one") {
  auto body = JsonBody::ParseText(R"({"object":{"b":[1]},"list":[]})");
  REQUIRE(body.ok());

  CHECK(body->Has("list"));
  CHECK_FALSE(body->Has("absent"));
  CHECK(body->OptionalObject("object")->contains("b"));
  CHECK_FALSE(body->OptionalObject("absent").has_value());
  body->OptionalObject("list");
  CHECK(FieldNames(body->Finish()) == "list:WRONG_TYPE");
}

TEST_CASE("JsonBody names every missing, wrong and unknown member at once") {
  auto body = JsonBody::ParseText(
      R"({"text":1,"count":"3","big":11,"half":1.5,"flag":0,"list":["a",2],"other":1})");
  REQUIRE(body.ok());

  body->Text("requestId");
  body->Text("text");
  body->OptionalInteger("count", 0, 10);
  body->OptionalInteger("big", 0, 10);
  body->OptionalInteger("half", 0, 10);
  body->Bool("flag", false);
  body->Texts("list", 1, 5);
  const absl::Status status = body->Finish();

  CHECK(ReasonOf(status) == "INVALID_FIELD");
  CHECK(FieldNames(status) ==
        "requestId:REQUIRED text:WRONG_TYPE count:WRONG_TYPE big:OUT_OF_RANGE half:WRONG_TYPE "
        "flag:WRONG_TYPE list[1]:WRONG_TYPE other:UNKNOWN");
}

TEST_CASE("JsonBody bounds lists") {
  auto body = JsonBody::ParseText(R"({"none":[],"three":["a","b","c"],"text":"a"})");
  REQUIRE(body.ok());

  body->Texts("none", 1, 2);
  body->Texts("three", 1, 2);
  body->Texts("text", 1, 2);
  body->Texts("absent", 1, 2);

  CHECK(FieldNames(body->Finish()) ==
        "none:OUT_OF_RANGE three:OUT_OF_RANGE text:WRONG_TYPE absent:REQUIRED");
}

TEST_CASE("JsonBody tells an absent list from an empty one") {
  auto body = JsonBody::ParseText(R"({"none":[],"one":["a"],"null":null})");
  REQUIRE(body.ok());

  CHECK(body->OptionalTexts("none", 0, 2) == std::vector<std::string>{});
  CHECK(body->OptionalTexts("one", 0, 2) == std::vector<std::string>{"a"});
  CHECK_FALSE(body->OptionalTexts("null", 1, 2).has_value());
  CHECK_FALSE(body->OptionalTexts("absent", 1, 2).has_value());
  CHECK_FALSE(body->OptionalObjects("absent", 1, 2).has_value());
  CHECK(body->Finish().ok());
}

TEST_CASE("JsonBody names the members of a list's objects by their place") {
  auto body = JsonBody::ParseText(
      R"({"good":[{"a":"x"},{"a":1,"b":2}],"texts":["x"],"many":[{},{},{}],"text":"x"})");
  REQUIRE(body.ok());

  auto good = body->OptionalObjects("good", 1, 2);
  REQUIRE(good.has_value());
  REQUIRE(good->size() == 2);
  CHECK((*good)[0].Text("a") == "x");
  (*good)[1].Text("a");
  body->Merge("good[0]", (*good)[0]);
  body->Merge("good[1]", (*good)[1]);
  CHECK_FALSE(body->OptionalObjects("texts", 1, 2).has_value());
  CHECK_FALSE(body->OptionalObjects("many", 1, 2).has_value());
  CHECK_FALSE(body->OptionalObjects("text", 1, 2).has_value());

  CHECK(FieldNames(body->Finish()) ==
        "good[1].a:WRONG_TYPE good[1].b:UNKNOWN texts[0]:WRONG_TYPE many:OUT_OF_RANGE "
        "text:WRONG_TYPE");
}

TEST_CASE("JsonBody refuses bodies that are no JSON object in UTF-8 or nest too deep") {
  const std::string deep = "{\"a\":" + std::string(17, '[') + std::string(17, ']') + "}";
  for (const std::string& json :
       {std::string(), std::string("[]"), std::string("1"), std::string("{"), std::string("{} x"),
        std::string("{\"a\":\"\xFF\"}"), deep}) {
    CHECK(ReasonOf(JsonBody::ParseText(json).status()) == "MALFORMED_JSON");
  }
}

TEST_CASE("JsonBody wants the media type application/json") {
  Request request;
  request.body = "{}";
  CHECK(ReasonOf(JsonBody::Parse(request).status()) == "UNSUPPORTED_MEDIA_TYPE");
  request.head.fields.Add("Content-Type", "text/plain");
  CHECK(ReasonOf(JsonBody::Parse(request).status()) == "UNSUPPORTED_MEDIA_TYPE");
  request.head.fields.Set("Content-Type", "application/json");
  CHECK(JsonBody::Parse(request).ok());
}

}  // namespace
}  // namespace shodan::http
