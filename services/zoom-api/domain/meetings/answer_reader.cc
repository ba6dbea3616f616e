// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/meetings/answer_reader.h"

#include <cmath>
#include <cstdint>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "libs/base/strings.h"
#include "services/zoom-api/domain/errors.h"

namespace shodan::zoomapi {
namespace {

namespace json = boost::json;

constexpr size_t kIdBytesMax = 64;
// Above this a double no longer tells every whole number from its neighbours.
constexpr double kExactMax = 9007199254740991.0;

std::string ToText(const json::string& text) { return {text.data(), text.size()}; }

}  // namespace

absl::StatusOr<json::object> ParseAnswer(std::string_view body) {
  json::error_code error;
  json::value document = json::parse({body.data(), body.size()}, error);
  if (error || !document.is_object()) return ZoomAnswerUnreadable("it is no JSON object");
  return std::move(document.get_object());
}

std::string AnswerReader::Text(std::string_view name) {
  const json::value* value = Find(name);
  if (value == nullptr) return "";
  if (value->is_string()) return ToText(value->get_string());
  Wrong(name, "a text");
  return "";
}

std::string AnswerReader::Id(std::string_view name) {
  const json::value* value = Find(name);
  if (value == nullptr) return "";
  if (value->is_int64()) return std::to_string(value->get_int64());
  if (value->is_uint64()) return std::to_string(value->get_uint64());
  if (value->is_string()) {
    const json::string& text = value->get_string();
    if (!text.empty() && text.size() <= kIdBytesMax) return ToText(text);
  } else if (value->is_double()) {
    const double number = value->get_double();
    if (std::fabs(number) <= kExactMax && std::trunc(number) == number) {
      return std::to_string(static_cast<int64_t>(number));
    }
  }
  Wrong(name, "an id");
  return "";
}

std::string AnswerReader::RequiredId(std::string_view name) {
  std::string id = Id(name);
  if (id.empty() && status_.ok()) Wrong(name, "an id");
  return id;
}

int AnswerReader::Integer(std::string_view name) {
  const json::value* value = Find(name);
  if (value == nullptr) return 0;
  json::error_code error;
  const int number = value->is_number() ? value->to_number<int>(error) : 0;
  if (!value->is_number() || error) Wrong(name, "a whole number");
  return error ? 0 : number;
}

std::optional<json::object> AnswerReader::Object(std::string_view name) {
  const json::value* value = Find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_object()) return value->get_object();
  Wrong(name, "an object");
  return std::nullopt;
}

const json::value* AnswerReader::Find(std::string_view name) const {
  const json::value* value = object_.if_contains({name.data(), name.size()});
  return value == nullptr || value->is_null() ? nullptr : value;
}

const json::array* AnswerReader::List(std::string_view name) {
  const json::value* value = Find(name);
  if (value == nullptr) return nullptr;
  if (value->is_array()) return &value->get_array();
  Wrong(name, "a list");
  return nullptr;
}

AnswerReader AnswerReader::Element(std::string_view name, const json::array& list, size_t index) {
  static const json::object kNothing;
  const std::string element = Join(name, "[", std::to_string(index), "]");
  if (!list[index].is_object()) Wrong(element, "an object");
  return AnswerReader(list[index].is_object() ? list[index].get_object() : kNothing,
                      Join(path_, element, "."));
}

void AnswerReader::Wrong(std::string_view name, std::string_view expected) {
  if (status_.ok()) status_ = ZoomAnswerUnreadable(Join(path_, name, " is not ", expected));
}

}  // namespace shodan::zoomapi
