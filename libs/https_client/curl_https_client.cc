// SPDX-License-Identifier: Apache-2.0
#include "libs/https_client/curl_https_client.h"

#include <algorithm>
#include <string_view>

#include <curl/curl.h>
#include <sys/socket.h>

#include "libs/base/status.h"
#include "libs/https_client/curl_request.h"
#include "libs/https_client/public_address.h"

namespace shodan {
namespace {

constexpr size_t kHeaderBytesMax = 64 << 10;

struct Receiver {
  std::string body;
  size_t body_bytes_max = 0;
  size_t header_bytes = 0;
  bool too_large = false;
  bool address_refused = false;
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
    (*receiver.headers)[detail::LowerCase(detail::TrimSpace(line.substr(0, colon)))] =
        std::string(detail::TrimSpace(line.substr(colon + 1)));
  }
  return size;
}

// Judges the address that is connected to: a name may lead elsewhere at each look-up.
curl_socket_t OpenPublicSocket(void* user, curlsocktype, curl_sockaddr* address) {
  if (!IsPublicAddress(address->addr)) {
    *static_cast<bool*>(user) = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool IsSendable(const HttpsRequest& request) {
  return (request.method == "GET" || request.method == "POST" || request.method == "PUT") &&
         detail::AreSendable(request.headers);
}

absl::Status ErrorFor(CURLcode code, const Receiver& receiver) {
  if (receiver.too_large) {
    return Unavailable("HTTPS_ANSWER_TOO_LARGE", "The server's answer is larger than allowed.");
  }
  if (receiver.address_refused && code != CURLE_OK) {
    return PermissionDenied("HTTPS_ADDRESS_REFUSED",
                            "The host's address is not one of the open Internet.");
  }
  return detail::CurlError(code);
}

void Configure(CURL* curl, const HttpsRequest& request, const curl_slist* headers,
               Receiver& receiver) {
  detail::SetCommonOptions(curl, request.url, headers, request.ca_file);
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::max<int64_t>(
                       1, request.timeout.count())));  // NOLINT(google-runtime-int)
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiver);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &receiver);
  if (request.public_addresses_only) {
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &OpenPublicSocket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &receiver.address_refused);
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

CurlHttpsClient::CurlHttpsClient() { detail::InitialiseCurl(); }

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
  const detail::CurlHandle curl(curl_easy_init(), &curl_easy_cleanup);
  if (curl == nullptr) {
    outcome.error = Unavailable("HTTPS_UNREACHABLE", "No memory for a request.");
    return outcome;
  }
  detail::CurlHeaders headers = detail::MakeCurlHeaders(request.headers);
  Configure(curl.get(), request, headers.get(), receiver);
  const CURLcode code = curl_easy_perform(curl.get());

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
