// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <grpcpp/grpcpp.h>

#include "shodan/zoomapi/v1/zoom_api_service.grpc.pb.h"

#include "libs/rpc/coroutine_calls.h"
#include "libs/rpc/run_unary.h"
#include "services/zoom-api/grpc/meeting_rpcs.h"
#include "services/zoom-api/sending/sender.h"

namespace shodan::zoomapi {

/// shodan.zoomapi.v1.ZoomApiService over the sender. Its calls run as coroutines of `calls`. What
/// it is given outlives it.
class ZoomApiService final : public v1::ZoomApiService::CallbackService {
 public:
  /// `body_bytes_max` bounds the body of a SendRequest.
  ZoomApiService(Sender& sender, MeetingActions& meetings, rpc::CoroutineCalls& calls,
                 const rpc::ServiceRuntime& runtime, int64_t body_bytes_max)
      : sender_(sender),
        meetings_(meetings),
        calls_(calls),
        runtime_(runtime),
        body_bytes_max_(body_bytes_max) {}

  grpc::ServerBidiReactor<v1::SendRequestRequest, v1::SendRequestResponse>* SendRequest(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* CreateMeeting(grpc::CallbackServerContext* context,
                                          const v1::CreateMeetingRequest* request,
                                          v1::CreateMeetingResponse* response) override;
  grpc::ServerUnaryReactor* UpdateMeeting(grpc::CallbackServerContext* context,
                                          const v1::UpdateMeetingRequest* request,
                                          v1::UpdateMeetingResponse* response) override;
  grpc::ServerUnaryReactor* GetMeeting(grpc::CallbackServerContext* context,
                                       const v1::GetMeetingRequest* request,
                                       v1::GetMeetingResponse* response) override;
  grpc::ServerUnaryReactor* GetMeetingByMeetingId(
      grpc::CallbackServerContext* context, const v1::GetMeetingByMeetingIdRequest* request,
      v1::GetMeetingByMeetingIdResponse* response) override;
  grpc::ServerUnaryReactor* DeleteMeeting(grpc::CallbackServerContext* context,
                                          const v1::DeleteMeetingRequest* request,
                                          v1::DeleteMeetingResponse* response) override;
  grpc::ServerUnaryReactor* AddMeetingRegistrant(
      grpc::CallbackServerContext* context, const v1::AddMeetingRegistrantRequest* request,
      v1::AddMeetingRegistrantResponse* response) override;
  grpc::ServerUnaryReactor* GetMeetingRegistrants(
      grpc::CallbackServerContext* context, const v1::GetMeetingRegistrantsRequest* request,
      v1::GetMeetingRegistrantsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteMeetingRegistrant(
      grpc::CallbackServerContext* context, const v1::DeleteMeetingRegistrantRequest* request,
      v1::DeleteMeetingRegistrantResponse* response) override;

 private:
  template <typename Request, typename Response>
  using Action = MeetingActions::Answer<Response> (MeetingActions::*)(const rpc::CallContext&,
                                                                      const Request&);
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, const char* method,
                                const Request* request, Response* response,
                                Action<Request, Response> action);

  Sender& sender_;
  MeetingActions& meetings_;
  rpc::CoroutineCalls& calls_;
  const rpc::ServiceRuntime& runtime_;
  const int64_t body_bytes_max_;
};

}  // namespace shodan::zoomapi
