// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "absl/status/statusor.h"
#include "libs/base/status.h"
#include "libs/http/request.h"

namespace shodan::http {

/// Reads the members of a JSON body one by one and collects every problem: a missing, unknown or
/// wrongly typed member is named, all at once. null counts as absent.
///
///   SHODAN_ASSIGN_OR_RETURN(JsonBody body, JsonBody::Parse(request));
///   const std::string text = body.Text("text");
///   SHODAN_RETURN_IF_ERROR(body.Finish());
class JsonBody {
 public:
  /// UNSUPPORTED_MEDIA_TYPE unless the request says application/json; MALFORMED_JSON when the body
  /// is no JSON object, nests deeper than 16, or is not UTF-8.
  static absl::StatusOr<JsonBody> Parse(const Request& request);
  static absl::StatusOr<JsonBody> ParseText(std::string_view json);

  /// Whether the member is there and not null, of whatever type.
  bool Has(std::string_view name) const;
  /// A required text; may be empty.
  std::string Text(std::string_view name);
  std::optional<std::string> OptionalText(std::string_view name);
  std::optional<int64_t> OptionalInteger(std::string_view name, int64_t min, int64_t max);
  bool Bool(std::string_view name, bool default_value);
  /// A required list of min to max texts.
  std::vector<std::string> Texts(std::string_view name, size_t min, size_t max);
  /// As Texts(), nullopt when absent.
  std::optional<std::vector<std::string>> OptionalTexts(std::string_view name, size_t min,
                                                        size_t max);
  /// A list of min to max objects, each to be read and then merged.
  std::optional<std::vector<JsonBody>> OptionalObjects(std::string_view name, size_t min,
                                                       size_t max);
  std::optional<boost::json::object> OptionalObject(std::string_view name);
  /// Takes over the problems of an object of such a list; `name` is its place: "issuers[0]".
  void Merge(std::string_view name, JsonBody& object);
  /// Of whatever type.
  std::optional<boost::json::value> OptionalValue(std::string_view name);
  /// Adds a problem that the caller found.
  void AddProblem(std::string_view name, std::string_view reason, std::string_view description);

  /// INVALID_ARGUMENT/INVALID_FIELD with every problem and every unknown member.
  absl::Status Finish();

 private:
  explicit JsonBody(boost::json::object members) : members_(std::move(members)) {}
  const boost::json::value* Take(std::string_view name);
  std::vector<std::string> TextsOf(std::string_view name, const boost::json::value& value,
                                   size_t min, size_t max);
  void AddUnknown();

  boost::json::object members_;
  std::vector<std::string> known_;
  std::vector<FieldViolation> problems_;
};

}  // namespace shodan::http
