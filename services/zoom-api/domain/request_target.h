// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace shodan::zoomapi {

/// Where a request goes below the API's base: decoded segments and query parameters, encoded anew
/// when the URL is built, so that nothing a caller writes can reach another path or host.
class RequestTarget {
 public:
  /// Of a percent-encoded path without a slash at its start and a query without question mark.
  /// INVALID_ARGUMENT/INVALID_FIELD for `path` or `query`: an empty segment, one of dots alone, a
  /// control character, a backslash, a slash where no meeting UUID stands, bad encoding, more than
  /// 32 segments, 2,048 bytes of path, 4,096 of query, 64 parameters.
  static absl::StatusOr<RequestTarget> Parse(std::string_view path, std::string_view query);
  /// Of segments that this service chose or checked.
  static RequestTarget Of(std::vector<std::string> segments,
                          std::vector<std::pair<std::string, std::string>> parameters = {});

  RequestTarget() = default;

  /// "/users/me/meetings?page_size=30". A segment that begins with a slash or holds two in a row
  /// (a meeting's UUID) is encoded twice, as Zoom asks for.
  std::string Encoded() const;
  const std::vector<std::string>& segments() const { return segments_; }
  const std::vector<std::pair<std::string, std::string>>& parameters() const { return parameters_; }

 private:
  std::vector<std::string> segments_;
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace shodan::zoomapi
