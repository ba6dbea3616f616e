// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "services/gateway/backends/zoom_api_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// Zoom's API as the session's user: what comes in goes to Zoom, what Zoom answers goes out, both
/// as streams. For streamed routes.
class ZoomHandler {
 public:
  /// The client outlives the handler. `answer_time_limit`: from the end of a request to the head of
  /// its answer.
  explicit ZoomHandler(ZoomApiClient& zoom,
                       std::chrono::milliseconds answer_time_limit = kStreamAnswerTimeLimit)
      : zoom_(zoom), answer_time_limit_(answer_time_limit) {}

  HandlerResult Forward(const RequestContext& context);
  /// The same for somebody else, and for a request that was read already; its body is the
  /// context's.
  HandlerResult Send(const RequestContext& context, Person person, ZoomRequest request) const;

 private:
  HandlerResult Exchange(http::Method method, http::RequestStream& body,
                         std::shared_ptr<ZoomExchange> exchange) const;

  ZoomApiClient& zoom_;
  const std::chrono::milliseconds answer_time_limit_;
};

/// What a request says to Zoom, but for its body. `path` is below the API's base, percent-encoded.
/// INVALID_ARGUMENT/INVALID_FIELD.
absl::StatusOr<ZoomRequest> ReadZoomRequest(const http::RequestHead& head, const std::string& path);

/// Zoom's answer as the gateway's own. Content that is not JSON comes from Zoom's users: browsers
/// must store it, never show it under our origin. 502 for what cannot be passed on.
absl::StatusOr<http::Response> PassOn(const ZoomAnswerHead& head,
                                      std::shared_ptr<http::BodyStream> body);

}  // namespace shodan::gateway
