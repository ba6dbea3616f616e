// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>

#include "shodan/zoomapi/v1/zoom_api_service.pb.h"

#include "absl/status/statusor.h"
#include "libs/rpc/call_context.h"
#include "services/zoom-api/sending/sender.h"

namespace shodan::zoomapi {

/// The eight meeting actions: checks a request, sends what it asks for, reads Zoom's answer. Errors
/// as ZoomApiService lists them. Thread-safe.
///
/// `call` and `request` live until the returned awaitable has completed.
class MeetingActions {
 public:
  /// `sender` outlives this.
  explicit MeetingActions(Sender& sender) : sender_(sender) {}

  template <typename Response>
  using Answer = boost::asio::awaitable<absl::StatusOr<Response>>;

  Answer<v1::CreateMeetingResponse> CreateMeeting(const rpc::CallContext& call,
                                                  const v1::CreateMeetingRequest& request);
  Answer<v1::UpdateMeetingResponse> UpdateMeeting(const rpc::CallContext& call,
                                                  const v1::UpdateMeetingRequest& request);
  Answer<v1::GetMeetingResponse> GetMeeting(const rpc::CallContext& call,
                                            const v1::GetMeetingRequest& request);
  Answer<v1::GetMeetingByMeetingIdResponse> GetMeetingByMeetingId(
      const rpc::CallContext& call, const v1::GetMeetingByMeetingIdRequest& request);
  Answer<v1::DeleteMeetingResponse> DeleteMeeting(const rpc::CallContext& call,
                                                  const v1::DeleteMeetingRequest& request);
  Answer<v1::AddMeetingRegistrantResponse> AddMeetingRegistrant(
      const rpc::CallContext& call, const v1::AddMeetingRegistrantRequest& request);
  Answer<v1::GetMeetingRegistrantsResponse> GetMeetingRegistrants(
      const rpc::CallContext& call, const v1::GetMeetingRegistrantsRequest& request);
  Answer<v1::DeleteMeetingRegistrantResponse> DeleteMeetingRegistrant(
      const rpc::CallContext& call, const v1::DeleteMeetingRegistrantRequest& request);

 private:
  Sender& sender_;
};

}  // namespace shodan::zoomapi
