// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "absl/status/status.h"
#include "libs/secrets/secret.h"

namespace shodan::detail {

using CurlHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

/// Once per process, before anything else of curl's.
void InitialiseCurl();

/// Wipes the lines before it frees them.
struct CurlHeadersDeleter {
  void operator()(curl_slist* list) const;
};
using CurlHeaders = std::unique_ptr<curl_slist, CurlHeadersDeleter>;

std::string_view TrimSpace(std::string_view text);
std::string LowerCase(std::string_view text);

/// Whether each is a field as RFC 9110 section 5.5 allows it, and stays one line. An empty value
/// would make curl drop the field.
bool AreSendable(const std::vector<std::pair<std::string, Secret>>& headers);
/// The fields as curl takes them, and none that curl would add for a longer body.
CurlHeaders MakeCurlHeaders(const std::vector<std::pair<std::string, Secret>>& headers);

/// What every request has: TLS 1.2 or newer, HTTP/1.1, no redirect, no proxy, no signal.
void SetCommonOptions(CURL* curl, const std::string& url, const curl_slist* headers,
                      const std::string& ca_file);

/// UNAVAILABLE/HTTPS_TIMEOUT, /HTTPS_TLS_FAILED, /HTTPS_TRUNCATED or /HTTPS_UNREACHABLE.
absl::Status CurlError(CURLcode code);

}  // namespace shodan::detail
