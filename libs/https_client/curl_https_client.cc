// SPDX-License-Identifier: Apache-2.0
#include "libs/https_client/curl_https_client.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <string_view>

#include <curl/curl.h>

#include "libs/base/status.h"

namespace shodan {
namespace {

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

constexpr size_t kHeaderBytesMax = 64 << 10;

struct Receiver {
  std::string body;
  size_t body_bytes_max = 0;
  size_t header_bytes = 0;
  bool too_large = false;
  std::map<std::string, std::string>* headers = nullptr;
};

size_t OnBody(char* data, size_t, size_t size, void* user) {
  auto& receiver = *static_cast<Receiver*>(user);
  if (receiver.body.size() + size > receiver.body_bytes_max) {
    receiver.too_large = true;
    return 0;
  }
  receiver.body.append(data, size);
  return size;
}

std::string_view Trim(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

size_t OnHeader(char* data, size_t, size_t size, void* user) {
  auto& receiver = *static_cast<Receiver*>(user);
  receiver.header_bytes += size;
  if (receiver.header_bytes > kHeaderBytesMax) {
    receiver.too_large = true;
    return 0;
  }
  const std::string_view line(data, size);
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    std::string name(Trim(line.substr(0, colon)));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    (*receiver.headers)[name] = std::string(Trim(line.substr(colon + 1)));
  }
  return size;
}

bool IsTokenCharacter(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kMarks.find(c) != std::string_view::npos;
}

// A field as RFC 9110 section 5.5 allows it; what curl gets must stay one line. An empty value
// would make curl drop the field.
bool IsField(std::string_view name, std::string_view value) {
  return !name.empty() && std::all_of(name.begin(), name.end(), &IsTokenCharacter) &&
         !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
           return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
         });
}

bool IsSendable(const HttpsRequest& request) {
  return (request.method == "GET" || request.method == "POST" || request.method == "PUT") &&
         std::all_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
           return IsField(header.first, header.second.Expose(SecretAccess::ForUpstreamRequest()));
         });
}

HeaderList MakeHeaders(const HttpsRequest& request) {
  curl_slist* list = nullptr;
  // Without this curl waits for "100 Continue" before larger bodies.
  list = curl_slist_append(list, "Expect:");
  for (const auto& [name, value] : request.headers) {
    std::string line = name + ": ";
    line += value.Expose(SecretAccess::ForUpstreamRequest());
    list = curl_slist_append(list, line.c_str());
    WipeString(line);
  }
  return {list, &curl_slist_free_all};
}

// curl copies each line; the copies are wiped before they are freed.
void WipeHeaders(const HeaderList& list) {
  for (curl_slist* entry = list.get(); entry != nullptr; entry = entry->next) {
    std::fill_n(static_cast<volatile char*>(entry->data), std::string_view(entry->data).size(),
                '*');
  }
}

absl::Status ErrorFor(CURLcode code, const Receiver& receiver) {
  if (receiver.too_large) {
    return Unavailable("HTTPS_ANSWER_TOO_LARGE", "The server's answer is larger than allowed.");
  }
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

void Configure(CURL* curl, const HttpsRequest& request, const curl_slist* headers,
               Receiver& receiver) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  // A look-up that hangs is left behind instead of being waited for beyond the time limit.
  curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::max<int64_t>(
                       1, request.timeout.count())));  // NOLINT(google-runtime-int)
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiver);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &receiver);
  if (!request.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, request.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  if (request.method != "GET") {
    const std::string_view body = request.body.Expose(SecretAccess::ForUpstreamRequest());
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.empty() ? "" : body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }
}

}  // namespace

CurlHttpsClient::CurlHttpsClient() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(initialised);
}

HttpsOutcome CurlHttpsClient::Send(const HttpsRequest& request) {
  HttpsOutcome outcome;
  if (!IsSendable(request)) {
    outcome.error = InvalidArgument("HTTPS_REQUEST_INVALID", "The request cannot be sent.");
    return outcome;
  }
  Receiver receiver;
  receiver.body_bytes_max = request.answer_bytes_max;
  receiver.body.reserve(std::min<size_t>(request.answer_bytes_max, 16 << 10));
  receiver.headers = &outcome.headers;
  const Handle curl(curl_easy_init(), &curl_easy_cleanup);
  if (curl == nullptr) {
    outcome.error = Unavailable("HTTPS_UNREACHABLE", "No memory for a request.");
    return outcome;
  }
  const HeaderList headers = MakeHeaders(request);
  Configure(curl.get(), request, headers.get(), receiver);
  const CURLcode code = curl_easy_perform(curl.get());
  WipeHeaders(headers);

  long status = 0;         // NOLINT(google-runtime-int): curl's type
  long request_bytes = 0;  // NOLINT(google-runtime-int): curl's type
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(curl.get(), CURLINFO_REQUEST_SIZE, &request_bytes);
  outcome.error = ErrorFor(code, receiver);
  outcome.status = static_cast<int>(status);
  outcome.may_have_been_sent = request_bytes > 0 || status != 0;
  outcome.body = Secret::Take(std::move(receiver.body));
  return outcome;
}

}  // namespace shodan
