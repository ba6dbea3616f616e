// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <curl/curl.h>

#include "absl/status/statusor.h"
#include "libs/https_client/curl_request.h"
#include "libs/https_client/https_stream.h"

namespace shodan::detail {

/// One request of the stream client: what its caller awaits, and what curl asks of it. The caller's
/// functions may be called from any thread; the loop's only on the loop's thread, where curl's own
/// calls come in.
class StreamTransfer : public std::enable_shared_from_this<StreamTransfer> {
 public:
  using Clock = std::chrono::steady_clock;
  template <typename T>
  using Done = std::function<void(T)>;
  /// Asks the loop to call Service() soon.
  using Wake = std::function<void(std::shared_ptr<StreamTransfer>)>;

  StreamTransfer(HttpsStreamRequest request, Wake wake);

  // The caller's; see HttpsStream.
  void Write(std::string chunk, const Done<absl::Status>& done);
  void FinishWriting(const Done<absl::Status>& done);
  void ReadHead(const Done<absl::StatusOr<HttpsStreamHead>>& done);
  void Read(const Done<absl::StatusOr<std::string>>& done);
  void Cancel();
  bool may_have_been_sent() const;

  // The loop's.
  /// INVALID_ARGUMENT/HTTPS_REQUEST_INVALID, UNAVAILABLE/HTTPS_UNREACHABLE. The time limits begin.
  absl::Status Prepare();
  /// After Prepare(), until End().
  CURL* curl() const { return curl_.get(); }
  /// Goes on with what was held back and need not be any longer.
  void Service();
  /// The error with which the transfer has to end now, or none.
  std::optional<absl::Status> Overdue(Clock::time_point now);
  /// When Overdue() should be asked again, at the latest.
  Clock::time_point due() const { return due_; }
  /// As curl says that it ended.
  void EndWith(CURLcode code);
  /// The last call; frees the handle, which the loop has taken out of curl's set.
  void End(const absl::Status& status);

 private:
  static constexpr size_t kChunkBytesMax = 64 << 10;
  static constexpr size_t kKeptBytesMax = 256 << 10;
  // Below it there is room for another chunk.
  static constexpr size_t kRoomBytes = kKeptBytesMax - kChunkBytesMax;

  static size_t OnRead(char* buffer, size_t, size_t size, void* user);
  static size_t OnWrite(char* data, size_t, size_t size, void* user);
  static size_t OnHeader(char* data, size_t, size_t size, void* user);
  static curl_socket_t OnOpenSocket(void* user, curlsocktype, curl_sockaddr* address);
  static int OnConnected(void* user, char* remote, char*, int, int);

  size_t TakeOutgoing(char* buffer, size_t size);
  size_t KeepIncoming(std::string_view data);
  bool TakeHeaderLine(std::string_view line);
  void CompleteHead();
  void SetMethod();
  void SetCallbacks();
  /// Ends the transfer with this error soon. Holds the mutex.
  void Fail(absl::Status status);
  std::string TakeIncoming();
  bool TakesNoBody() const;
  absl::Status EndForWriter() const;

  HttpsStreamRequest request_;
  const Wake wake_;

  // Of the loop's thread.
  CurlHandle curl_;
  CurlHeaders headers_;
  Clock::time_point deadline_;
  Clock::time_point last_byte_;
  Clock::time_point due_;
  HttpsStreamHead partial_head_;
  size_t header_bytes_ = 0;
  bool head_too_large_ = false;
  bool address_refused_ = false;

  mutable std::mutex mutex_;  // guards everything below
  std::string outgoing_;
  size_t outgoing_begin_ = 0;  // what is before it has been sent
  int64_t accepted_bytes_ = 0;
  bool send_paused_ = false;
  bool body_refused_ = false;  // by an answer that came before its end
  Done<absl::Status> write_done_;
  std::string incoming_;
  bool receive_paused_ = false;
  Done<absl::StatusOr<std::string>> read_done_;
  bool head_complete_ = false;
  HttpsStreamHead head_;
  Done<absl::StatusOr<HttpsStreamHead>> head_done_;
  std::optional<absl::Status> failure_;  // why it has to end
  std::optional<absl::Status> ended_;
  bool may_have_been_sent_ = true;
};

}  // namespace shodan::detail
