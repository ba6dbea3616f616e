// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/grpc/meeting_rpcs.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include "services/zoom-api/domain/meetings/meeting_json.h"
#include "services/zoom-api/domain/meetings/requests.h"
#include "services/zoom-api/domain/meetings/validation.h"
#include "services/zoom-api/domain/zoom_error.h"
#include "services/zoom-api/grpc/meeting_conversion.h"
#include "services/zoom-api/grpc/requester.h"

namespace shodan::zoomapi {
namespace {

// A page of 300 meetings with the longest topics and agendas stays below this.
constexpr size_t kAnswerBytesMax = 4 << 20;

// A request that changes something at Zoom.
template <typename Request>
concept Change = requires(const Request& request) { request.request_id(); };

template <typename Request>
absl::StatusOr<ActionRequest> Prepare(const rpc::CallContext& call, const Request& request) {
  RequestCheck check;
  check.ProjectId(request.project_id());
  check.UserId(request.user_id());
  if constexpr (Change<Request>) check.RequestId(request.request_id());
  const auto action = ActionOf(request, check);
  Check(action, check);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  ActionRequest prepared = RequestFor(action);
  prepared.head.requester = RequesterOf(call, request.project_id(), request.user_id());
  if constexpr (Change<Request>) prepared.head.request_id = request.request_id();
  return prepared;
}

// `read` makes the response of the body of an answer under 2xx.
template <typename Response, typename Request>
boost::asio::awaitable<absl::StatusOr<Response>> Perform(
    Sender& sender, const rpc::CallContext& call, const Request& request,
    absl::StatusOr<Response> (*read)(const std::string& body)) {
  absl::StatusOr<ActionRequest> prepared = Prepare(call, request);
  if (!prepared.ok()) co_return prepared.status();
  const ApiRequest asked = prepared->head;
  auto sending = SendWhole(sender, std::move(prepared->head), std::move(prepared->body),
                           kAnswerBytesMax, call.deadline);
  const absl::StatusOr<WholeAnswer> answer = co_await std::move(sending);
  if (!answer.ok()) co_return answer.status();
  const AnswerHead& head = answer->head;
  if (head.status < 200 || head.status > 299) {
    co_return ErrorOf(asked, head, answer->body, std::chrono::system_clock::now());
  }
  absl::StatusOr<Response> response = read(answer->body);
  if (!response.ok()) co_return UnreadableAnswer(asked, head, response.status());
  co_return response;
}

// CreateMeeting and GetMeetingByMeetingId.
template <typename Response>
absl::StatusOr<Response> OneMeeting(const std::string& body) {
  SHODAN_ASSIGN_OR_RETURN(const Meeting meeting, ReadMeeting(body));
  Response response;
  *response.mutable_meeting() = ToProto(meeting);
  return response;
}

absl::StatusOr<v1::GetMeetingResponse> Meetings(const std::string& body) {
  SHODAN_ASSIGN_OR_RETURN(const MeetingPage page, ReadMeetingPage(body));
  return ToProto(page);
}

absl::StatusOr<v1::AddMeetingRegistrantResponse> AddedRegistrant(const std::string& body) {
  SHODAN_ASSIGN_OR_RETURN(const Registrant registrant, ReadAddedRegistrant(body));
  v1::AddMeetingRegistrantResponse response;
  *response.mutable_registrant() = ToProto(registrant);
  return response;
}

absl::StatusOr<v1::GetMeetingRegistrantsResponse> Registrants(const std::string& body) {
  SHODAN_ASSIGN_OR_RETURN(const RegistrantPage page, ReadRegistrantPage(body));
  return ToProto(page);
}

// Updates and deletions: Zoom answers 204 without a body.
template <typename Response>
absl::StatusOr<Response> Nothing(const std::string& /*body*/) {
  return Response();
}

}  // namespace

MeetingActions::Answer<v1::CreateMeetingResponse> MeetingActions::CreateMeeting(
    const rpc::CallContext& call, const v1::CreateMeetingRequest& request) {
  return Perform(sender_, call, request, &OneMeeting<v1::CreateMeetingResponse>);
}

MeetingActions::Answer<v1::UpdateMeetingResponse> MeetingActions::UpdateMeeting(
    const rpc::CallContext& call, const v1::UpdateMeetingRequest& request) {
  return Perform(sender_, call, request, &Nothing<v1::UpdateMeetingResponse>);
}

MeetingActions::Answer<v1::GetMeetingResponse> MeetingActions::GetMeeting(
    const rpc::CallContext& call, const v1::GetMeetingRequest& request) {
  return Perform(sender_, call, request, &Meetings);
}

MeetingActions::Answer<v1::GetMeetingByMeetingIdResponse> MeetingActions::GetMeetingByMeetingId(
    const rpc::CallContext& call, const v1::GetMeetingByMeetingIdRequest& request) {
  return Perform(sender_, call, request, &OneMeeting<v1::GetMeetingByMeetingIdResponse>);
}

MeetingActions::Answer<v1::DeleteMeetingResponse> MeetingActions::DeleteMeeting(
    const rpc::CallContext& call, const v1::DeleteMeetingRequest& request) {
  return Perform(sender_, call, request, &Nothing<v1::DeleteMeetingResponse>);
}

MeetingActions::Answer<v1::AddMeetingRegistrantResponse> MeetingActions::AddMeetingRegistrant(
    const rpc::CallContext& call, const v1::AddMeetingRegistrantRequest& request) {
  return Perform(sender_, call, request, &AddedRegistrant);
}

MeetingActions::Answer<v1::GetMeetingRegistrantsResponse> MeetingActions::GetMeetingRegistrants(
    const rpc::CallContext& call, const v1::GetMeetingRegistrantsRequest& request) {
  return Perform(sender_, call, request, &Registrants);
}

MeetingActions::Answer<v1::DeleteMeetingRegistrantResponse> MeetingActions::DeleteMeetingRegistrant(
    const rpc::CallContext& call, const v1::DeleteMeetingRegistrantRequest& request) {
  return Perform(sender_, call, request, &Nothing<v1::DeleteMeetingRegistrantResponse>);
}

}  // namespace shodan::zoomapi
