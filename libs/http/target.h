// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace shodan::http {

/// A request target in origin form (RFC 9112 section 3.2.1), taken apart once. Only who hands it on
/// to another server looks at the raw text again.
struct Target {
  /// Decoded segments of the path: "/a/b%20c" is {"a","b c"}, "/app/" is {"app",""}, "/" is {""}.
  std::vector<std::string> segments;
  /// Decoded query parameters in their order.
  std::vector<std::pair<std::string, std::string>> query;
  /// As they came, still encoded; the query without its question mark.
  std::string raw_path;
  std::string raw_query;

  /// The path, encoded anew from its segments.
  std::string Path() const;
};

/// Refuses instead of normalising: characters outside RFC 3986's path and query, fragments, broken
/// or over-long escapes, dot segments (also escaped), empty segments except a last one, control
/// characters, text that is not UTF-8, more than 16 segments or 32 parameters.
/// INVALID_ARGUMENT/TARGET_INVALID.
absl::StatusOr<Target> ParseTarget(std::string_view raw);

/// Parameters of a query or of a form (application/x-www-form-urlencoded: plus means space).
/// INVALID_ARGUMENT/TARGET_INVALID as above.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseParameters(
    std::string_view raw);

/// Percent-encodes everything but RFC 3986's unreserved characters.
std::string PercentEncode(std::string_view text);

/// True when the text is well-formed UTF-8 (RFC 3629).
bool IsUtf8(std::string_view text);

}  // namespace shodan::http
