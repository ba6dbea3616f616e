// SPDX-License-Identifier: Apache-2.0
#include "libs/config/config_reader.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <set>

#include <boost/json.hpp>

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan {
namespace {

namespace json = boost::json;

constexpr std::string_view kWhiteSpace = " \t\r\n";

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

absl::StatusOr<json::value> ParseDocument(std::string_view text, std::string_view name) {
  json::parser parser;
  boost::system::error_code error;
  const size_t consumed = parser.write_some(text.data(), text.size(), error);
  if (!error && consumed < text.size() &&
      text.find_first_not_of(kWhiteSpace, consumed) != std::string_view::npos) {
    error = json::error::extra_data;
  }
  if (error) {
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(consumed), '\n');
    return InvalidArgument("CONFIG_UNREADABLE", Join(name, " is not valid JSON: ", error.message(),
                                                     ", in line ", std::to_string(line), "."));
  }
  json::value document = parser.release();
  if (!document.is_object()) {
    return InvalidArgument("CONFIG_UNREADABLE", Join(name, " must hold one JSON object."));
  }
  return document;
}

}  // namespace

/// One object of the document and what has been read of it.
struct ConfigReader::Node {
  Shared* shared;
  const json::object* object;
  std::string path;
  std::set<std::string, std::less<>> read;

  std::string PathOf(std::string_view key) const {
    if (path.empty() || key.empty()) return Join(path, key);
    return Join(path, ".", key);
  }
  /// nullptr when absent or null; counts as reading.
  const json::value* Find(std::string_view key);
  void AddProblem(std::string_view key, std::string_view reason, std::string_view what);
};

/// The document and the problems found in it. Owns all nodes; readers alias into it.
struct ConfigReader::Shared {
  json::value document;
  json::object empty;
  std::deque<Node> nodes;
  std::vector<FieldViolation> problems;

  Node* Add(const json::object* object, std::string path) {
    nodes.push_back(Node{this, object, std::move(path), {}});
    return &nodes.back();
  }
};

const json::value* ConfigReader::Node::Find(std::string_view key) {
  read.emplace(key);
  const json::value* value = object->if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void ConfigReader::Node::AddProblem(std::string_view key, std::string_view reason,
                                    std::string_view what) {
  shared->problems.push_back({PathOf(key), std::string(reason), std::string(what)});
}

ConfigReader::ConfigReader(std::shared_ptr<Node> node) : node_(std::move(node)) {}
ConfigReader::ConfigReader(ConfigReader&&) noexcept = default;
ConfigReader& ConfigReader::operator=(ConfigReader&&) noexcept = default;
ConfigReader::~ConfigReader() = default;

absl::StatusOr<ConfigReader> ConfigReader::FromFile(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return InvalidArgument("CONFIG_UNREADABLE", ToStd(text.status().message()));
  return Parse(*text, path);
}

absl::StatusOr<ConfigReader> ConfigReader::FromText(std::string_view text) {
  return Parse(text, "The configuration");
}

absl::StatusOr<ConfigReader> ConfigReader::Parse(std::string_view text, std::string_view name) {
  SHODAN_ASSIGN_OR_RETURN(json::value document, ParseDocument(text, name));
  auto shared = std::make_shared<Shared>();
  shared->document = std::move(document);
  Node* const root = shared->Add(&shared->document.get_object(), "");
  return ConfigReader(std::shared_ptr<Node>(std::move(shared), root));
}

std::string ConfigReader::String(std::string_view key) {
  std::optional<std::string> value = OptionalString(key);
  if (!value.has_value()) {
    if (!Has(key)) node_->AddProblem(key, "REQUIRED", "is required");
    return "";
  }
  if (value->empty()) node_->AddProblem(key, "EMPTY", "must not be empty");
  return *std::move(value);
}

std::string ConfigReader::String(std::string_view key, std::string_view default_value) {
  return OptionalString(key).value_or(std::string(default_value));
}

std::optional<std::string> ConfigReader::OptionalString(std::string_view key) {
  const json::value* value = node_->Find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    node_->AddProblem(key, "WRONG_TYPE", "must be a string");
    return std::nullopt;
  }
  return std::string(std::string_view(value->get_string()));
}

std::string ConfigReader::Choice(std::string_view key, const std::vector<std::string>& allowed,
                                 std::string_view default_value) {
  if (default_value.empty() && !Has(key)) {
    node_->Find(key);
    node_->AddProblem(key, "REQUIRED", "is required");
    return "";
  }
  const std::optional<std::string> value = OptionalString(key);
  if (!value.has_value()) return std::string(default_value);
  if (std::find(allowed.begin(), allowed.end(), *value) == allowed.end()) {
    std::string list;
    for (const std::string& choice : allowed) list += Join(list.empty() ? "" : ", ", choice);
    node_->AddProblem(key, "NOT_ALLOWED", Join("must be one of: ", list));
    return std::string(default_value);
  }
  return *value;
}

int64_t ConfigReader::Integer(std::string_view key, int64_t min, int64_t max,
                              std::optional<int64_t> default_value) {
  const json::value* value = node_->Find(key);
  if (value == nullptr) {
    if (!default_value.has_value()) node_->AddProblem(key, "REQUIRED", "is required");
    return default_value.value_or(min);
  }
  const int64_t* number = value->if_int64();
  if (number == nullptr && !value->is_uint64()) {
    node_->AddProblem(key, "WRONG_TYPE", "must be an integer");
  } else if (number == nullptr || *number < min || *number > max) {
    node_->AddProblem(key, "OUT_OF_RANGE",
                      Join("must be from ", std::to_string(min), " to ", std::to_string(max)));
  } else {
    return *number;
  }
  return default_value.value_or(min);
}

bool ConfigReader::Bool(std::string_view key, bool default_value) {
  const json::value* value = node_->Find(key);
  if (value == nullptr) return default_value;
  if (const bool* flag = value->if_bool()) return *flag;
  node_->AddProblem(key, "WRONG_TYPE", "must be true or false");
  return default_value;
}

std::vector<std::string> ConfigReader::Strings(std::string_view key) {
  std::vector<std::string> strings;
  const json::value* value = node_->Find(key);
  if (value == nullptr) return strings;
  const json::array* array = value->if_array();
  if (array == nullptr) {
    node_->AddProblem(key, "WRONG_TYPE", "must be an array of strings");
    return strings;
  }
  for (const json::value& item : *array) {
    const json::string* text = item.if_string();
    if (text == nullptr || text->empty()) {
      const std::string index = std::to_string(&item - array->data());
      node_->AddProblem(Join(key, "[", index, "]"), "WRONG_TYPE", "must be a non-empty string");
    } else {
      strings.emplace_back(std::string_view(*text));
    }
  }
  return strings;
}

std::vector<std::pair<std::string, std::string>> ConfigReader::StringMap(std::string_view key) {
  std::vector<std::pair<std::string, std::string>> map;
  const json::value* value = node_->Find(key);
  if (value == nullptr) return map;
  const json::object* object = value->if_object();
  if (object == nullptr) {
    node_->AddProblem(key, "WRONG_TYPE", "must be an object");
    return map;
  }
  for (const json::key_value_pair& item : *object) {
    const std::string_view name(item.key());
    if (const json::string* text = item.value().if_string()) {
      map.emplace_back(name, std::string_view(*text));
    } else {
      node_->AddProblem(Join(key, ".", name), "WRONG_TYPE", "must be a string");
    }
  }
  return map;
}

bool ConfigReader::Has(std::string_view key) const {
  const json::value* value = node_->object->if_contains(key);
  if (value == nullptr) return false;
  if (value->is_null()) node_->read.emplace(key);
  return !value->is_null();
}

ConfigReader ConfigReader::Object(std::string_view key) {
  const json::value* value = node_->Find(key);
  const json::object* object = value == nullptr ? nullptr : value->if_object();
  if (value != nullptr && object == nullptr) {
    node_->AddProblem(key, "WRONG_TYPE", "must be an object");
  }
  Shared* const shared = node_->shared;
  Node* const child = shared->Add(object == nullptr ? &shared->empty : object, node_->PathOf(key));
  return ConfigReader(std::shared_ptr<Node>(node_, child));
}

std::vector<ConfigReader> ConfigReader::Objects(std::string_view key) {
  std::vector<ConfigReader> readers;
  const json::value* value = node_->Find(key);
  if (value == nullptr) return readers;
  const json::array* array = value->if_array();
  if (array == nullptr) {
    node_->AddProblem(key, "WRONG_TYPE", "must be an array of objects");
    return readers;
  }
  for (const json::value& item : *array) {
    const std::string name = Join(key, "[", std::to_string(&item - array->data()), "]");
    const json::object* object = item.if_object();
    if (object == nullptr) {
      node_->AddProblem(name, "WRONG_TYPE", "must be an object");
      continue;
    }
    Node* const child = node_->shared->Add(object, node_->PathOf(name));
    readers.push_back(ConfigReader(std::shared_ptr<Node>(node_, child)));
  }
  return readers;
}

Secret ConfigReader::SecretFile(std::string_view key, bool optional) {
  return Secret::Take(TextFile(key, optional));
}

std::string ConfigReader::TextFile(std::string_view key, bool optional) {
  const std::string path = optional ? OptionalString(key).value_or("") : String(key);
  if (path.empty()) return "";
  absl::StatusOr<std::string> content = ReadFile(path);
  if (!content.ok()) {
    node_->AddProblem(key, "FILE_UNREADABLE", ToStd(content.status().message()));
    return "";
  }
  std::string trimmed(Trim(*content));
  WipeString(*content);
  if (trimmed.empty()) node_->AddProblem(key, "FILE_EMPTY", Join("the file ", path, " is empty"));
  return trimmed;
}

void ConfigReader::AddProblem(std::string_view key, std::string_view what) {
  node_->AddProblem(key, "INVALID", what);
}

absl::Status ConfigReader::Finish() {
  Shared& shared = *node_->shared;
  std::vector<FieldViolation> problems = shared.problems;
  for (const Node& node : shared.nodes) {
    for (const json::key_value_pair& item : *node.object) {
      const std::string_view key(item.key());
      if (node.read.contains(key)) continue;
      problems.push_back({node.PathOf(key), "UNKNOWN_KEY", "is not a known key"});
    }
  }
  return problems.empty() ? absl::OkStatus() : InvalidFields(problems);
}

}  // namespace shodan
