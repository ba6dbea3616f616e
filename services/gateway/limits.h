// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace shodan::gateway {

/// Every bound of the gateway. The numbers are defaults; those with a key in the configuration
/// ("limits") can be changed there.
struct Limits {
  // Per request.
  size_t head_bytes_max = size_t{16} * 1024;
  size_t head_fields_max = 64;
  std::chrono::milliseconds handshake_time_limit{5'000};  ///< TLS, absolute
  std::chrono::milliseconds head_time_limit{5'000};       ///< absolute, from the head's first byte
  std::chrono::milliseconds body_time_limit{10'000};      ///< absolute, from the end of the head
  std::chrono::milliseconds write_time_limit{10'000};     ///< absolute, for the whole answer
  std::chrono::milliseconds idle_time_limit{60'000};      ///< between requests
  std::chrono::milliseconds stall_time_limit{20'000};     ///< of a stream, without a byte
  std::chrono::milliseconds close_time_limit{1'000};      ///< for the peer's goodbye

  // Per process.
  int io_threads = 2;
  size_t connections_max = 10'000;
  size_t connections_per_address_max = 100;

  // On termination.
  std::chrono::milliseconds drain_time_limit{20'000};  ///< for requests in flight
  std::chrono::milliseconds drain_accept_time{2'000};  ///< new connections are still answered
};

/// Bodies of API routes unless the route says more.
inline constexpr size_t kBodyBytesMax = size_t{64} * 1024;
/// Notes of 10,000 characters and batches of 200 numbers, with every character escaped.
inline constexpr size_t kLargeBodyBytesMax = size_t{192} * 1024;
/// Requests that go to Zoom as they come, and Zoom's answers to them.
inline constexpr size_t kZoomBodyBytesMax = size_t{20} * 1024 * 1024;
inline constexpr size_t kZoomAnswerBytesMax = size_t{100} * 1024 * 1024;
/// Of those, a body that does not tell its length is collected first.
inline constexpr size_t kCollectedBodyBytesMax = size_t{1024} * 1024;
/// Events of Zoom's. Those of long recordings have some tens of KiB.
inline constexpr size_t kWebhookBodyBytesMax = size_t{512} * 1024;
/// Forms of the pages.
inline constexpr size_t kFormBytesMax = size_t{8} * 1024;

inline constexpr std::chrono::milliseconds kRequestTimeLimit{8'000};
/// Zoom waits for 3 s.
inline constexpr std::chrono::milliseconds kWebhookTimeLimit{2'500};
/// Requests that wait for Zoom.
inline constexpr std::chrono::milliseconds kZoomRequestTimeLimit{20'000};
/// Streamed requests, to the end of the answer; in between the limit for stalls applies.
inline constexpr std::chrono::milliseconds kStreamTimeLimit{300'000};
/// From the end of a streamed request to the head of its answer.
inline constexpr std::chrono::milliseconds kStreamAnswerTimeLimit{45'000};
/// Kept back from the time given to backends, so that their answer can still be passed on.
inline constexpr std::chrono::milliseconds kDeadlineMargin{250};

inline constexpr size_t kNumbersPerBatchMax = 200;
/// Zoom's own bounds for its lists.
inline constexpr int kZoomPageSizeMax = 300;
inline constexpr int kZoomPageSizeDefault = 30;
inline constexpr int kPageSizeMax = 100;
inline constexpr int kPageSizeDefault = 25;
inline constexpr int kOffloadThreads = 2;
inline constexpr int kOffloadQueueMax = 64;

}  // namespace shodan::gateway
