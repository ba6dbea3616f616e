// SPDX-License-Identifier: Apache-2.0
#include "libs/http/json_body.h"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "libs/base/strings.h"
#include "libs/http/media_type.h"

namespace shodan::http {
namespace {

constexpr size_t kDepthMax = 16;
constexpr size_t kUnknownNameBytesMax = 64;

std::string ToText(const boost::json::value& value) {
  return {value.get_string().data(), value.get_string().size()};
}

}  // namespace

absl::StatusOr<JsonBody> JsonBody::Parse(const Request& request) {
  if (!IsMediaType(request.head.fields.Get("Content-Type"), "application/json")) {
    return InvalidArgument("UNSUPPORTED_MEDIA_TYPE", "Content-Type: must be application/json.");
  }
  return ParseText(request.body);
}

absl::StatusOr<JsonBody> JsonBody::ParseText(std::string_view json) {
  boost::json::parse_options options;
  options.max_depth = kDepthMax;
  boost::json::error_code error;
  boost::json::value document = boost::json::parse({json.data(), json.size()}, error, {}, options);
  if (error || !document.is_object()) {
    return InvalidArgument("MALFORMED_JSON", "The body must be a JSON object in UTF-8.");
  }
  return JsonBody(std::move(document.get_object()));
}

bool JsonBody::Has(std::string_view name) const {
  const boost::json::value* value = members_.if_contains({name.data(), name.size()});
  return value != nullptr && !value->is_null();
}

const boost::json::value* JsonBody::Take(std::string_view name) {
  known_.emplace_back(name);
  const boost::json::value* value = members_.if_contains({name.data(), name.size()});
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string JsonBody::Text(std::string_view name) {
  const boost::json::value* value = Take(name);
  if (value == nullptr) {
    AddProblem(name, "REQUIRED", "is required.");
  } else if (!value->is_string()) {
    AddProblem(name, "WRONG_TYPE", "must be a text.");
  } else {
    return ToText(*value);
  }
  return {};
}

std::optional<std::string> JsonBody::OptionalText(std::string_view name) {
  const boost::json::value* value = Take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return ToText(*value);
  AddProblem(name, "WRONG_TYPE", "must be a text.");
  return std::nullopt;
}

std::optional<int64_t> JsonBody::OptionalInteger(std::string_view name, int64_t min, int64_t max) {
  const boost::json::value* value = Take(name);
  if (value == nullptr) return std::nullopt;
  boost::json::error_code error;
  const int64_t number = value->is_number() ? value->to_number<int64_t>(error) : 0;
  if (!value->is_number() || error) {
    AddProblem(name, "WRONG_TYPE", "must be a whole number.");
    return std::nullopt;
  }
  if (number < min || number > max) {
    AddProblem(name, "OUT_OF_RANGE",
               Join("must be ", std::to_string(min), " to ", std::to_string(max), "."));
    return std::nullopt;
  }
  return number;
}

bool JsonBody::Bool(std::string_view name, bool default_value) {
  const boost::json::value* value = Take(name);
  if (value == nullptr) return default_value;
  if (value->is_bool()) return value->get_bool();
  AddProblem(name, "WRONG_TYPE", "must be true or false.");
  return default_value;
}

std::vector<std::string> JsonBody::Texts(std::string_view name, size_t min, size_t max) {
  const boost::json::value* value = Take(name);
  const std::string range = Join(std::to_string(min), " to ", std::to_string(max));
  if (value == nullptr) {
    AddProblem(name, "REQUIRED", Join("is required: a list of ", range, " texts."));
    return {};
  }
  return TextsOf(name, *value, min, max);
}

std::optional<std::vector<std::string>> JsonBody::OptionalTexts(std::string_view name, size_t min,
                                                                size_t max) {
  const boost::json::value* value = Take(name);
  if (value == nullptr) return std::nullopt;
  return TextsOf(name, *value, min, max);
}

std::vector<std::string> JsonBody::TextsOf(std::string_view name, const boost::json::value& value,
                                           size_t min, size_t max) {
  const std::string range = Join(std::to_string(min), " to ", std::to_string(max));
  if (!value.is_array()) {
    AddProblem(name, "WRONG_TYPE", Join("must be a list of ", range, " texts."));
    return {};
  }
  const boost::json::array& list = value.get_array();
  if (list.size() < min || list.size() > max) {
    AddProblem(name, "OUT_OF_RANGE", Join("must hold ", range, " texts."));
    return {};
  }
  std::vector<std::string> texts;
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].is_string()) {
      texts.push_back(ToText(list[i]));
    } else {
      AddProblem(Join(name, "[", std::to_string(i), "]"), "WRONG_TYPE", "must be a text.");
    }
  }
  return texts;
}

std::optional<std::vector<JsonBody>> JsonBody::OptionalObjects(std::string_view name, size_t min,
                                                               size_t max) {
  const boost::json::value* value = Take(name);
  if (value == nullptr) return std::nullopt;
  const std::string range = Join(std::to_string(min), " to ", std::to_string(max));
  const boost::json::array* list = value->if_array();
  if (list == nullptr) {
    AddProblem(name, "WRONG_TYPE", Join("must be a list of ", range, " objects."));
    return std::nullopt;
  }
  if (list->size() < min || list->size() > max) {
    AddProblem(name, "OUT_OF_RANGE", Join("must hold ", range, " objects."));
    return std::nullopt;
  }
  std::vector<JsonBody> objects;
  for (size_t i = 0; i < list->size(); ++i) {
    if (!(*list)[i].is_object()) {
      AddProblem(Join(name, "[", std::to_string(i), "]"), "WRONG_TYPE", "must be an object.");
      return std::nullopt;
    }
    objects.push_back(JsonBody((*list)[i].get_object()));
  }
  return objects;
}

std::optional<boost::json::object> JsonBody::OptionalObject(std::string_view name) {
  const boost::json::value* value = Take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_object()) return value->get_object();
  AddProblem(name, "WRONG_TYPE", "must be an object.");
  return std::nullopt;
}

void JsonBody::Merge(std::string_view name, JsonBody& object) {
  object.AddUnknown();
  for (const FieldViolation& problem : object.problems_) {
    AddProblem(Join(name, ".", problem.field), problem.reason, problem.description);
  }
}

std::optional<boost::json::value> JsonBody::OptionalValue(std::string_view name) {
  const boost::json::value* value = Take(name);
  return value == nullptr ? std::nullopt : std::optional<boost::json::value>(*value);
}

void JsonBody::AddProblem(std::string_view name, std::string_view reason,
                          std::string_view description) {
  problems_.push_back({std::string(name), std::string(reason), std::string(description)});
}

void JsonBody::AddUnknown() {
  for (const auto& member : members_) {
    const std::string name(member.key().data(), member.key().size());
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    AddProblem(name.substr(0, kUnknownNameBytesMax), "UNKNOWN", "is not known here.");
  }
}

absl::Status JsonBody::Finish() {
  AddUnknown();
  return problems_.empty() ? absl::OkStatus() : InvalidFields(problems_);
}

}  // namespace shodan::http
