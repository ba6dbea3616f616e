// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/grpc/zoom_api_service.h"

#include <string>

#include "libs/base/strings.h"
#include "libs/rpc/run_coroutine.h"
#include "libs/rpc/run_duplex.h"
#include "services/zoom-api/grpc/send_request.h"

namespace shodan::zoomapi {
namespace {

std::string MethodPath(const char* name) {
  return Join("/shodan.zoomapi.v1.ZoomApiService/", name);
}

}  // namespace

grpc::ServerBidiReactor<v1::SendRequestRequest, v1::SendRequestResponse>*
ZoomApiService::SendRequest(grpc::CallbackServerContext* context) {
  return rpc::RunDuplex<v1::SendRequestRequest, v1::SendRequestResponse>(
      context, runtime_, calls_, MethodPath("SendRequest"),
      [](const v1::SendRequestRequest& first) -> const google::protobuf::Message* {
        return first.has_head() ? &first.head() : nullptr;
      },
      [this](const rpc::CallContext& call, const v1::SendRequestRequest& first,
             SendRequestStream& stream) {
        return ServeSendRequest(sender_, body_bytes_max_, call, first, stream);
      });
}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* ZoomApiService::Run(grpc::CallbackServerContext* context,
                                              const char* method, const Request* request,
                                              Response* response,
                                              Action<Request, Response> action) {
  return rpc::RunCoroutine(context, runtime_, calls_, MethodPath(method), request, response,
                           [this, action](const rpc::CallContext& call, const Request& message) {
                             return (meetings_.*action)(call, message);
                           });
}

grpc::ServerUnaryReactor* ZoomApiService::CreateMeeting(grpc::CallbackServerContext* context,
                                                        const v1::CreateMeetingRequest* request,
                                                        v1::CreateMeetingResponse* response) {
  return Run(context, "CreateMeeting", request, response, &MeetingActions::CreateMeeting);
}

grpc::ServerUnaryReactor* ZoomApiService::UpdateMeeting(grpc::CallbackServerContext* context,
                                                        const v1::UpdateMeetingRequest* request,
                                                        v1::UpdateMeetingResponse* response) {
  return Run(context, "UpdateMeeting", request, response, &MeetingActions::UpdateMeeting);
}

grpc::ServerUnaryReactor* ZoomApiService::GetMeeting(grpc::CallbackServerContext* context,
                                                     const v1::GetMeetingRequest* request,
                                                     v1::GetMeetingResponse* response) {
  return Run(context, "GetMeeting", request, response, &MeetingActions::GetMeeting);
}

grpc::ServerUnaryReactor* ZoomApiService::GetMeetingByMeetingId(
    grpc::CallbackServerContext* context, const v1::GetMeetingByMeetingIdRequest* request,
    v1::GetMeetingByMeetingIdResponse* response) {
  return Run(context, "GetMeetingByMeetingId", request, response,
             &MeetingActions::GetMeetingByMeetingId);
}

grpc::ServerUnaryReactor* ZoomApiService::DeleteMeeting(grpc::CallbackServerContext* context,
                                                        const v1::DeleteMeetingRequest* request,
                                                        v1::DeleteMeetingResponse* response) {
  return Run(context, "DeleteMeeting", request, response, &MeetingActions::DeleteMeeting);
}

grpc::ServerUnaryReactor* ZoomApiService::AddMeetingRegistrant(
    grpc::CallbackServerContext* context, const v1::AddMeetingRegistrantRequest* request,
    v1::AddMeetingRegistrantResponse* response) {
  return Run(context, "AddMeetingRegistrant", request, response,
             &MeetingActions::AddMeetingRegistrant);
}

grpc::ServerUnaryReactor* ZoomApiService::GetMeetingRegistrants(
    grpc::CallbackServerContext* context, const v1::GetMeetingRegistrantsRequest* request,
    v1::GetMeetingRegistrantsResponse* response) {
  return Run(context, "GetMeetingRegistrants", request, response,
             &MeetingActions::GetMeetingRegistrants);
}

grpc::ServerUnaryReactor* ZoomApiService::DeleteMeetingRegistrant(
    grpc::CallbackServerContext* context, const v1::DeleteMeetingRegistrantRequest* request,
    v1::DeleteMeetingRegistrantResponse* response) {
  return Run(context, "DeleteMeetingRegistrant", request, response,
             &MeetingActions::DeleteMeetingRegistrant);
}

}  // namespace shodan::zoomapi
