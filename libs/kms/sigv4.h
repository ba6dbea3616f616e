// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/secrets/secret.h"

namespace shodan::kms {

/// What AWS signs requests with. `session_token` is empty for long-lived credentials.
struct AwsCredentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;

  AwsCredentials Clone() const {
    return {access_key_id, secret_access_key.Clone(), session_token.Clone()};
  }
};

/// A request as AWS canonicalises it. `path` begins with a slash; path and query are
/// percent-encoded as they are sent, the query without its question mark.
struct SigV4Request {
  std::string method;
  std::string host;  ///< with the port where it is not the scheme's own
  std::string path = "/";
  std::string query;
  std::vector<std::pair<std::string, std::string>>
      headers;  ///< signed besides host and the two ours
  std::string_view body;
};

/// The two or three headers that make a request a signed one.
struct SigV4Headers {
  std::string date;      ///< X-Amz-Date
  Secret authorization;  ///< Authorization
  Secret session_token;  ///< X-Amz-Security-Token; empty when there is none
};

/// AWS Signature Version 4 in the Authorization header (AWS Identity and Access Management User
/// Guide, "Create a signed AWS API request"), for services that, unlike S3, encode the path twice
/// and hash every body. Thread-safe.
SigV4Headers SignSigV4(const SigV4Request& request, const AwsCredentials& credentials,
                       std::string_view region, std::string_view service,
                       std::chrono::system_clock::time_point now);

}  // namespace shodan::kms
