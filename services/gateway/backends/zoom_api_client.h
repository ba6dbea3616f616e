// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "services/gateway/backends/backend_call.h"
#include "services/gateway/backends/zoom_meeting.h"

namespace shodan::gateway {

/// A request to Zoom's API, without its body.
struct ZoomRequest {
  std::string request_id;  ///< UUID; empty for GET and HEAD
  std::string method;
  std::string path;   ///< below the API's base, percent-encoded
  std::string query;  ///< percent-encoded
  std::string content_type;
  int64_t content_length = 0;
  std::string accept;
};

/// Zoom's answer, without its body.
struct ZoomAnswerHead {
  int status = 0;
  std::string content_type;
  int64_t content_length = -1;                               ///< -1: not told
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
};

/// One request to Zoom's API under way. One writing and one reading operation may be awaited at a
/// time, on one strand. Cancelling a coroutine that awaits one, and dropping the exchange, cancels
/// the request.
class ZoomExchange {
 public:
  virtual ~ZoomExchange() = default;
  /// The next bytes of the body, at most 64 KiB. False: nobody takes them any more; the reading
  /// side tells why.
  virtual boost::asio::awaitable<bool> Write(std::string bytes) = 0;
  /// The body is complete.
  virtual boost::asio::awaitable<bool> FinishWriting() = 0;
  /// Errors as ZoomApiService lists them.
  virtual boost::asio::awaitable<absl::StatusOr<ZoomAnswerHead>> ReadHead() = 0;
  /// The next bytes of the answer; empty at its end.
  virtual boost::asio::awaitable<absl::StatusOr<std::string>> Read() = 0;
  virtual void Cancel() = 0;
};

/// Port to zoom-api. Errors are those of shodan.zoomapi.v1.ZoomApiService, and UNAVAILABLE or
/// DEADLINE_EXCEEDED of the way there. Thread-safe.
class ZoomApiClient {
 public:
  template <typename T>
  using Result = boost::asio::awaitable<absl::StatusOr<T>>;

  virtual ~ZoomApiClient() = default;
  /// Begins a request; whatever is wrong with it shows in ReadHead().
  virtual boost::asio::awaitable<std::shared_ptr<ZoomExchange>> Begin(BackendCall call,
                                                                      Person person,
                                                                      ZoomRequest request) = 0;

  virtual Result<ZoomMeeting> CreateMeeting(BackendCall call, Person person, std::string request_id,
                                            ZoomMeeting meeting) = 0;
  /// Changes the members that are there.
  virtual Result<bool> UpdateMeeting(BackendCall call, Person person, std::string request_id,
                                     ZoomMeeting meeting, std::string occurrence_id) = 0;
  virtual Result<ZoomPage<ZoomMeeting>> GetMeeting(BackendCall call, Person person,
                                                   ZoomListQuery query) = 0;
  virtual Result<ZoomMeeting> GetMeetingByMeetingId(BackendCall call, Person person,
                                                    std::string meeting_id,
                                                    std::string occurrence_id) = 0;
  virtual Result<bool> DeleteMeeting(BackendCall call, Person person, std::string request_id,
                                     ZoomMeetingDeletion deletion) = 0;

  virtual Result<ZoomRegistrant> AddMeetingRegistrant(BackendCall call, Person person,
                                                      std::string request_id,
                                                      std::string meeting_id,
                                                      ZoomRegistrant registrant,
                                                      std::vector<std::string> occurrence_ids) = 0;
  virtual Result<ZoomPage<ZoomRegistrant>> GetMeetingRegistrants(BackendCall call, Person person,
                                                                 std::string meeting_id,
                                                                 ZoomListQuery query) = 0;
  virtual Result<bool> DeleteMeetingRegistrant(BackendCall call, Person person,
                                               std::string request_id, std::string meeting_id,
                                               std::string registrant_id,
                                               std::string occurrence_id) = 0;
};

}  // namespace shodan::gateway
