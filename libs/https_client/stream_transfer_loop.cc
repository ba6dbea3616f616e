// SPDX-License-Identifier: Apache-2.0
// The loop's half of a transfer: what curl is told, and what it calls.
#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include <sys/socket.h>

#include "absl/strings/numbers.h"
#include "libs/base/status.h"
#include "libs/https_client/public_address.h"
#include "libs/https_client/stream_transfer.h"

namespace shodan::detail {
namespace {

constexpr size_t kHeaderBytesMax = 64 << 10;

absl::Status Invalid() {
  return InvalidArgument("HTTPS_REQUEST_INVALID", "The request cannot be sent.");
}

bool IsSendable(const HttpsStreamRequest& request) {
  constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  const bool known =
      std::find(std::begin(kMethods), std::end(kMethods), request.method) != std::end(kMethods);
  const bool with_body = request.method != "GET" && request.method != "HEAD";
  return known && (request.content_length.value_or(0) == 0 || with_body) &&
         request.content_length.value_or(0) >= 0 &&
         (request.url.starts_with("https://") || request.url.starts_with("http://")) &&
         AreSendable(request.headers);
}

long Milliseconds(std::chrono::milliseconds time) {  // NOLINT(google-runtime-int): curl's type
  return static_cast<long>(std::max<int64_t>(1, time.count()));  // NOLINT(google-runtime-int)
}

}  // namespace

absl::Status StreamTransfer::Prepare() {
  const Clock::time_point now = Clock::now();
  deadline_ = now + request_.timeout;
  last_byte_ = now;
  due_ = now;
  if (!IsSendable(request_)) return Invalid();
  curl_.reset(curl_easy_init());
  if (curl_ == nullptr) return Unavailable("HTTPS_UNREACHABLE", "No memory for a request.");
  headers_ = MakeCurlHeaders(request_.headers);
  request_.headers.clear();
  SetCommonOptions(curl_.get(), request_.url, headers_.get(), request_.ca_file);
  SetMethod();
  SetCallbacks();
  return absl::OkStatus();
}

void StreamTransfer::SetMethod() {
  CURL* curl = curl_.get();
  const bool https = request_.url.starts_with("https://");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, request_.fresh_connection ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   Milliseconds(std::min(request_.timeout, request_.stall_timeout)));
  if (request_.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request_.method == "GET") return;
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  // RFC 9110 section 8.6: a method that foresees a body says that there is none.
  if (!request_.content_length.has_value() && request_.method == "DELETE") return;
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE,
                   static_cast<curl_off_t>(request_.content_length.value_or(0)));
}

void StreamTransfer::SetCallbacks() {
  CURL* curl = curl_.get();
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, &OnRead);
  curl_easy_setopt(curl, CURLOPT_READDATA, this);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnWrite);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, &OnConnected);
  curl_easy_setopt(curl, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(curl, CURLOPT_PRIVATE, this);
}

void StreamTransfer::Service() {
  int still_paused = CURLPAUSE_CONT;
  {
    const std::scoped_lock lock(mutex_);
    if (failure_.has_value()) return;
    const bool send = send_paused_ && (body_refused_ || outgoing_begin_ < outgoing_.size());
    const bool receive = receive_paused_ && incoming_.size() <= kRoomBytes;
    if (!send && !receive) return;
    if (send) send_paused_ = false;
    if (receive) receive_paused_ = false;
    if (send_paused_) still_paused |= CURLPAUSE_SEND;
    if (receive_paused_) still_paused |= CURLPAUSE_RECV;
    last_byte_ = Clock::now();
  }
  // May call OnWrite() at once.
  curl_easy_pause(curl_.get(), still_paused);
}

std::optional<absl::Status> StreamTransfer::Overdue(Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  if (failure_.has_value()) return failure_;
  // The time that our own side takes is not the server's.
  if (send_paused_ || receive_paused_) last_byte_ = now;
  due_ = std::min(deadline_, last_byte_ + request_.stall_timeout);
  if (now < due_) return std::nullopt;
  return CurlError(CURLE_OPERATION_TIMEDOUT);
}

void StreamTransfer::EndWith(CURLcode code) {
  if (head_too_large_) {
    End(Unavailable("HTTPS_ANSWER_TOO_LARGE", "The head of the answer is larger than allowed."));
  } else if (address_refused_ && code != CURLE_OK) {
    End(PermissionDenied("HTTPS_ADDRESS_REFUSED",
                         "The host's address is not one of the open Internet."));
  } else if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
             code == CURLE_LOGIN_DENIED) {
    End(Invalid());
  } else {
    End(CurlError(code));
  }
}

void StreamTransfer::End(const absl::Status& status) {
  long answered = 0;       // NOLINT(google-runtime-int): curl's type
  long request_bytes = 0;  // NOLINT(google-runtime-int): curl's type
  if (curl_ != nullptr) {
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &answered);
    curl_easy_getinfo(curl_.get(), CURLINFO_REQUEST_SIZE, &request_bytes);
  }
  curl_.reset();
  headers_.reset();
  const std::scoped_lock lock(mutex_);
  if (ended_.has_value()) return;
  may_have_been_sent_ = request_bytes > 0 || answered != 0;
  ended_ = status;
  outgoing_.clear();
  outgoing_begin_ = 0;
  if (auto done = std::exchange(write_done_, nullptr)) done(EndForWriter());
  if (auto done = std::exchange(head_done_, nullptr)) {
    done(status.ok() ? CurlError(CURLE_PARTIAL_FILE) : status);
  }
  if (auto done = std::exchange(read_done_, nullptr)) {
    done(status.ok() ? absl::StatusOr<std::string>(std::string()) : status);
  }
}

size_t StreamTransfer::OnRead(char* buffer, size_t, size_t size, void* user) {
  return static_cast<StreamTransfer*>(user)->TakeOutgoing(buffer, size);
}

size_t StreamTransfer::OnWrite(char* data, size_t, size_t size, void* user) {
  return static_cast<StreamTransfer*>(user)->KeepIncoming({data, size});
}

size_t StreamTransfer::OnHeader(char* data, size_t, size_t size, void* user) {
  return static_cast<StreamTransfer*>(user)->TakeHeaderLine({data, size}) ? size : 0;
}

curl_socket_t StreamTransfer::OnOpenSocket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<StreamTransfer*>(user);
  if (!transfer.request_.allow_private_addresses && !IsPublicAddress(address->addr)) {
    transfer.address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// A connection that is used again was opened for a request that may have been allowed more.
int StreamTransfer::OnConnected(void* user, char* remote, char*, int, int) {
  auto& transfer = *static_cast<StreamTransfer*>(user);
  transfer.last_byte_ = Clock::now();
  if (transfer.request_.allow_private_addresses || IsPublicAddress(std::string(remote))) {
    return CURL_PREREQFUNC_OK;
  }
  transfer.address_refused_ = true;
  return CURL_PREREQFUNC_ABORT;
}

size_t StreamTransfer::TakeOutgoing(char* buffer, size_t size) {
  const std::scoped_lock lock(mutex_);
  // Ends the sending, not the transfer.
  if (body_refused_) return 0;
  const size_t taken = std::min(size, outgoing_.size() - outgoing_begin_);
  if (taken == 0) {
    send_paused_ = true;
    return CURL_READFUNC_PAUSE;
  }
  std::memcpy(buffer, outgoing_.data() + outgoing_begin_, taken);
  outgoing_begin_ += taken;
  last_byte_ = Clock::now();
  const size_t left = outgoing_.size() - outgoing_begin_;
  if (left == 0) {
    outgoing_.clear();
    outgoing_begin_ = 0;
  }
  if (left <= kRoomBytes && write_done_ != nullptr) {
    std::exchange(write_done_, nullptr)(absl::OkStatus());
  }
  return taken;
}

size_t StreamTransfer::KeepIncoming(std::string_view data) {
  const std::scoped_lock lock(mutex_);
  last_byte_ = Clock::now();
  if (read_done_ == nullptr && incoming_.size() + data.size() > kKeptBytesMax) {
    receive_paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  incoming_.append(data);
  if (auto done = std::exchange(read_done_, nullptr)) done(TakeIncoming());
  return data.size();
}

bool StreamTransfer::TakeHeaderLine(std::string_view line) {
  // Fields after the body are not asked for; head_complete_ changes on this thread only.
  if (head_complete_) return true;
  last_byte_ = Clock::now();
  header_bytes_ += line.size();
  head_too_large_ = header_bytes_ > kHeaderBytesMax;
  if (head_too_large_) return false;
  const size_t colon = line.find(':');
  if (line.starts_with("HTTP/") && line.find(' ') < colon) {
    partial_head_ = HttpsStreamHead();
  } else if (TrimSpace(line).empty()) {
    CompleteHead();
  } else if (colon != std::string_view::npos) {
    partial_head_.headers.emplace_back(LowerCase(TrimSpace(line.substr(0, colon))),
                                       TrimSpace(line.substr(colon + 1)));
  }
  return true;
}

void StreamTransfer::CompleteHead() {
  long status = 0;  // NOLINT(google-runtime-int): curl's type
  curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  // An informational answer (RFC 9110 section 15.2) comes before the answer.
  if (status < 200) return;
  partial_head_.status = static_cast<int>(status);
  for (const auto& [name, value] : partial_head_.headers) {
    int64_t length = 0;
    if (name == "content-length" && absl::SimpleAtoi(value, &length) && length >= 0) {
      partial_head_.content_length = length;
    }
    if (name == "transfer-encoding") {
      partial_head_.content_length = -1;
      break;
    }
  }
  const std::scoped_lock lock(mutex_);
  head_ = std::move(partial_head_);
  head_complete_ = true;
  if (auto done = std::exchange(head_done_, nullptr)) done(head_);
  // After such an answer curl sends no more of the body, but its transfer would not end while
  // paused.
  body_refused_ = status >= 300 && (send_paused_ || outgoing_begin_ < outgoing_.size() ||
                                    accepted_bytes_ < request_.content_length.value_or(0));
  if (!body_refused_) return;
  if (auto done = std::exchange(write_done_, nullptr)) done(EndForWriter());
  if (send_paused_) wake_(shared_from_this());
}

}  // namespace shodan::detail
