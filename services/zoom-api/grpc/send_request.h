// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include "shodan/zoomapi/v1/zoom_api_service.pb.h"

#include "absl/status/statusor.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/run_duplex.h"
#include "services/zoom-api/domain/api_request.h"
#include "services/zoom-api/sending/sender.h"

namespace shodan::zoomapi {

using SendRequestStream = rpc::DuplexStream<v1::SendRequestRequest, v1::SendRequestResponse>;

/// The request that a head describes. INVALID_ARGUMENT/INVALID_FIELD, as far as one answer can say
/// it with every bad field.
absl::StatusOr<ApiRequest> RequestOf(const rpc::CallContext& call, const v1::RequestHead& head,
                                     int64_t body_bytes_max);

/// SendRequest, from its first message on: sends what the head says with the body that follows, and
/// the answer as it comes. Holds a chunk of either body at a time. The body's last bytes go to Zoom
/// only once the stream has ended where content_length says. All arguments outlive it.
boost::asio::awaitable<absl::Status> ServeSendRequest(Sender& sender, int64_t body_bytes_max,
                                                      const rpc::CallContext& call,
                                                      const v1::SendRequestRequest& first,
                                                      SendRequestStream& stream);

}  // namespace shodan::zoomapi
