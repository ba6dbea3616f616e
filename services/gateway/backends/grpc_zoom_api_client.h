// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "libs/base/deadline.h"
#include "services/gateway/backends/assertion_signer.h"
#include "services/gateway/backends/zoom_api_client.h"

namespace grpc {
class Channel;
}

namespace shodan::gateway {

/// A ZoomApiClient over gRPC, in mode user.
class GrpcZoomApiClient : public ZoomApiClient {
 public:
  /// Blocks until no exchange is left, at most until the deadline. An exchange needs its executor
  /// to its end, also when its coroutine is gone.
  virtual void WaitForExchanges(Deadline deadline) = 0;
};

/// The signer outlives it.
std::unique_ptr<GrpcZoomApiClient> MakeGrpcZoomApiClient(std::shared_ptr<grpc::Channel> channel,
                                                         AssertionSigner& signer);

}  // namespace shodan::gateway
