// SPDX-License-Identifier: Apache-2.0
#include "libs/https_client/curl_request.h"

#include <algorithm>
#include <cctype>

#include "libs/base/status.h"

namespace shodan::detail {
namespace {

bool IsTokenCharacter(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kMarks.find(c) != std::string_view::npos;
}

bool IsField(std::string_view name, std::string_view value) {
  return !name.empty() && std::all_of(name.begin(), name.end(), &IsTokenCharacter) &&
         !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
           return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
         });
}

}  // namespace

void InitialiseCurl() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(initialised);
}

// curl copies each line; the copies are wiped here.
void CurlHeadersDeleter::operator()(curl_slist* list) const {
  for (curl_slist* entry = list; entry != nullptr; entry = entry->next) {
    std::fill_n(static_cast<volatile char*>(entry->data), std::string_view(entry->data).size(),
                '*');
  }
  curl_slist_free_all(list);
}

std::string_view TrimSpace(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool AreSendable(const std::vector<std::pair<std::string, Secret>>& headers) {
  return std::all_of(headers.begin(), headers.end(), [](const auto& header) {
    return IsField(header.first, header.second.Expose(SecretAccess::ForUpstreamRequest()));
  });
}

CurlHeaders MakeCurlHeaders(const std::vector<std::pair<std::string, Secret>>& headers) {
  curl_slist* list = nullptr;
  // Without this curl waits for "100 Continue" before larger bodies.
  list = curl_slist_append(list, "Expect:");
  for (const auto& [name, value] : headers) {
    std::string line = name + ": ";
    line += value.Expose(SecretAccess::ForUpstreamRequest());
    list = curl_slist_append(list, line.c_str());
    WipeString(line);
  }
  return CurlHeaders(list);
}

void SetCommonOptions(CURL* curl, const std::string& url, const curl_slist* headers,
                      const std::string& ca_file) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  // A look-up that hangs is left behind instead of being waited for beyond the time limit.
  curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  if (!ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
}

absl::Status CurlError(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return absl::OkStatus();
    case CURLE_OPERATION_TIMEDOUT:
      return Unavailable("HTTPS_TIMEOUT", "The server did not answer in time.");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return Unavailable("HTTPS_TLS_FAILED", "The server's TLS certificate is not trusted.");
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_WRITE_ERROR:
      return Unavailable("HTTPS_TRUNCATED", "The server's answer broke off.");
    default:
      return Unavailable("HTTPS_UNREACHABLE", "The server could not be reached.");
  }
}

}  // namespace shodan::detail
