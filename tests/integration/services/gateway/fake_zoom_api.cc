// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/services/gateway/fake_zoom_api.h"

#include <utility>

#include "shodan/zoomapi/v1/zoom_api_service.grpc.pb.h"

#include "libs/base/status.h"
#include "libs/config/config_reader.h"
#include "libs/rpc/authorizer.h"
#include "libs/rpc/status_mapping.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::zoomapi::v1;

absl::Status Echo(FakeZoomApi::Stream& stream) {
  const std::string body = FakeZoomApi::ReadBody(stream);
  FakeZoomApi::WriteHead(stream, 200, "application/json", static_cast<int64_t>(body.size()));
  for (size_t i = 0; i < body.size(); i += 65'536) {
    FakeZoomApi::WriteChunk(stream, body.substr(i, 65'536));
  }
  return absl::OkStatus();
}

class FakeService final : public v1::ZoomApiService::Service {
 public:
  FakeService(FakeZoomApi& zoom, const jwt::KeySet& keys)
      : zoom_(zoom),
        authorizer_(*rpc::Policy::Parse(*ReadFile(SHODAN_SOURCE_DIR "/services/policy.json")), keys,
                    "zoom-api") {}

  grpc::Status SendRequest(grpc::ServerContext* context, FakeZoomApi::Stream* stream) override {
    v1::SendRequestRequest first;
    if (!stream->Read(&first) || !first.has_head()) {
      return rpc::ToGrpcStatus(InvalidArgument("NO_HEAD", "none"), "fake");
    }
    absl::Status status = Authorize(*context, "SendRequest", first.head());
    if (status.ok()) {
      status =
          zoom_.send_request ? zoom_.send_request(first.head(), *stream, *context) : Echo(*stream);
    }
    return rpc::ToGrpcStatus(status, "fake");
  }
  grpc::Status CreateMeeting(grpc::ServerContext* c, const v1::CreateMeetingRequest* q,
                             v1::CreateMeetingResponse* r) override {
    *r->mutable_meeting() = zoom_.meeting;
    return Run(*c, "CreateMeeting", *q);
  }
  grpc::Status UpdateMeeting(grpc::ServerContext* c, const v1::UpdateMeetingRequest* q,
                             v1::UpdateMeetingResponse*) override {
    return Run(*c, "UpdateMeeting", *q);
  }
  grpc::Status GetMeeting(grpc::ServerContext* c, const v1::GetMeetingRequest* q,
                          v1::GetMeetingResponse* r) override {
    *r->add_meetings() = zoom_.meeting;
    r->set_next_page_token("more");
    r->set_total_size(2);
    return Run(*c, "GetMeeting", *q);
  }
  grpc::Status GetMeetingByMeetingId(grpc::ServerContext* c,
                                     const v1::GetMeetingByMeetingIdRequest* q,
                                     v1::GetMeetingByMeetingIdResponse* r) override {
    *r->mutable_meeting() = zoom_.meeting;
    return Run(*c, "GetMeetingByMeetingId", *q);
  }
  grpc::Status DeleteMeeting(grpc::ServerContext* c, const v1::DeleteMeetingRequest* q,
                             v1::DeleteMeetingResponse*) override {
    return Run(*c, "DeleteMeeting", *q);
  }
  grpc::Status AddMeetingRegistrant(grpc::ServerContext* c,
                                    const v1::AddMeetingRegistrantRequest* q,
                                    v1::AddMeetingRegistrantResponse* r) override {
    *r->mutable_registrant() = zoom_.registrant;
    return Run(*c, "AddMeetingRegistrant", *q);
  }
  grpc::Status GetMeetingRegistrants(grpc::ServerContext* c,
                                     const v1::GetMeetingRegistrantsRequest* q,
                                     v1::GetMeetingRegistrantsResponse* r) override {
    *r->add_registrants() = zoom_.registrant;
    r->set_total_size(1);
    return Run(*c, "GetMeetingRegistrants", *q);
  }
  grpc::Status DeleteMeetingRegistrant(grpc::ServerContext* c,
                                       const v1::DeleteMeetingRegistrantRequest* q,
                                       v1::DeleteMeetingRegistrantResponse*) override {
    return Run(*c, "DeleteMeetingRegistrant", *q);
  }

 private:
  template <typename Request>
  absl::Status Authorize(grpc::ServerContext& context, const std::string& method,
                         const Request& request) {
    return authorizer_.Authorize(context, "/shodan.zoomapi.v1.ZoomApiService/" + method, request)
        .status();
  }

  template <typename Request>
  grpc::Status Run(grpc::ServerContext& context, const std::string& method,
                   const Request& request) {
    absl::Status status = Authorize(context, method, request);
    const std::lock_guard lock(zoom_.mutex);
    zoom_.calls.push_back(method + " " + request.ShortDebugString());
    if (status.ok()) status = zoom_.error;
    return rpc::ToGrpcStatus(status, "fake");
  }

  FakeZoomApi& zoom_;
  const rpc::Authorizer authorizer_;
};

}  // namespace

std::string FakeZoomApi::LastCall() {
  const std::lock_guard lock(mutex);
  return calls.empty() ? std::string() : calls.back();
}

bool FakeZoomApi::WriteHead(Stream& stream, int status, const std::string& content_type,
                            int64_t content_length) {
  v1::SendRequestResponse message;
  message.mutable_head()->set_status(status);
  message.mutable_head()->set_content_type(content_type);
  message.mutable_head()->set_content_length(content_length);
  v1::HeaderField* field = message.mutable_head()->add_headers();
  field->set_name("x-zm-trackingid");
  field->set_value("v=2.0;clid=us02");
  return stream.Write(message);
}

bool FakeZoomApi::WriteChunk(Stream& stream, std::string bytes) {
  v1::SendRequestResponse message;
  message.set_chunk(std::move(bytes));
  return stream.Write(message);
}

std::string FakeZoomApi::ReadBody(Stream& stream) {
  std::string body;
  v1::SendRequestRequest message;
  while (stream.Read(&message)) body += message.chunk();
  return body;
}

std::unique_ptr<grpc::Service> MakeFakeZoomApiService(FakeZoomApi& zoom,
                                                      const jwt::KeySet& assertion_keys) {
  return std::make_unique<FakeService>(zoom, assertion_keys);
}

}  // namespace shodan::gateway
