// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/grpc/metadata.h"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "services/account-link/domain/limits.h"

namespace shodan::account_link {
namespace {

namespace json = boost::json;

bool HasNul(const json::value& value) {
  if (const json::string* text = value.if_string()) return text->find('\0') != json::string::npos;
  if (const json::array* list = value.if_array()) {
    return std::any_of(list->begin(), list->end(), HasNul);
  }
  if (const json::object* object = value.if_object()) {
    return std::any_of(object->begin(), object->end(), [](const json::key_value_pair& member) {
      return member.key().find('\0') != json::string_view::npos || HasNul(member.value());
    });
  }
  return false;
}

}  // namespace

std::string CheckMetadata(std::string_view text, RequestCheck& check) {
  if (text.size() > kMaxMetadataBytes) {
    check.Add("metadata", "TOO_LONG", "must have at most 16 KiB");
    return {};
  }
  json::parse_options options;
  options.max_depth = kMaxMetadataDepth;
  json::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error, {}, options);
  if (error || !value.is_object() || HasNul(value)) {
    check.Add("metadata", "MALFORMED",
              "must be a JSON object, at most 16 deep, without NUL characters");
    return {};
  }
  return json::serialize(value);
}

}  // namespace shodan::account_link
