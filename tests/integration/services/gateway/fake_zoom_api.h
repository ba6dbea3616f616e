// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/sync_stream.h>

#include "shodan/zoomapi/v1/zoom_api_service.pb.h"

#include "absl/status/status.h"
#include "libs/jwt/jws.h"

namespace shodan::gateway {

/// What the zoom-api of a test knows and does; set before the request or under `mutex`.
struct FakeZoomApi {
  using Stream = grpc::ServerReaderWriter<shodan::zoomapi::v1::SendRequestResponse,
                                          shodan::zoomapi::v1::SendRequestRequest>;
  /// Of SendRequest, on a thread of the server. Without it: 200 with the body of the request.
  std::function<absl::Status(const shodan::zoomapi::v1::RequestHead&, Stream&,
                             grpc::ServerContext&)>
      send_request;
  /// Of the meeting actions.
  std::mutex mutex;
  absl::Status error;
  shodan::zoomapi::v1::Meeting meeting;
  shodan::zoomapi::v1::Registrant registrant;
  /// "Method fields of the request in protobuf's text form" of every meeting action.
  std::vector<std::string> calls;

  std::string LastCall();
  static bool WriteHead(Stream& stream, int status, const std::string& content_type,
                        int64_t content_length);
  static bool WriteChunk(Stream& stream, std::string bytes);
  /// The rest of the body.
  static std::string ReadBody(Stream& stream);
};

/// The service under the real policy. Both outlive it.
std::unique_ptr<grpc::Service> MakeFakeZoomApiService(FakeZoomApi& zoom,
                                                      const jwt::KeySet& assertion_keys);

}  // namespace shodan::gateway
