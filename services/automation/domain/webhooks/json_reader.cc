// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/json_reader.h"

#include <cmath>

#include <boost/json/value.hpp>

#include "services/automation/domain/webhooks/zoom_time.h"

namespace shodan::automation {
namespace {

namespace json = boost::json;

// Above this a double no longer tells every whole number from its neighbours.
constexpr double kExactMax = 9007199254740991.0;

std::optional<int64_t> WholeNumber(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (!value.is_double()) return std::nullopt;
  const double number = value.get_double();
  if (std::fabs(number) > kExactMax || std::trunc(number) != number) return std::nullopt;
  return static_cast<int64_t>(number);
}

}  // namespace

const json::value* JsonReader::Find(std::string_view name) const {
  return object_.if_contains({name.data(), name.size()});
}

std::string JsonReader::Text(std::string_view name) const {
  const json::value* value = Find(name);
  if (value == nullptr || !value->is_string()) return "";
  return {value->get_string().data(), value->get_string().size()};
}

std::string JsonReader::Id(std::string_view name) const {
  const json::value* value = Find(name);
  if (value == nullptr) return "";
  if (value->is_string()) return Text(name);
  if (value->is_uint64()) return std::to_string(value->get_uint64());
  const std::optional<int64_t> number = WholeNumber(*value);
  return number.has_value() ? std::to_string(*number) : "";
}

int64_t JsonReader::Integer(std::string_view name) const {
  const json::value* value = Find(name);
  return value == nullptr ? 0 : WholeNumber(*value).value_or(0);
}

std::optional<Time> JsonReader::When(std::string_view name) const {
  return ParseZoomTime(Text(name));
}

const json::object* JsonReader::Object(std::string_view name) const {
  const json::value* value = Find(name);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* JsonReader::List(std::string_view name) const {
  const json::value* value = Find(name);
  return value == nullptr ? nullptr : value->if_array();
}

}  // namespace shodan::automation
