// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"

namespace shodan::rpc {

/// Our status with reason, fields and retry delay as a gRPC status with google.rpc details.
/// INTERNAL, UNKNOWN and DATA_LOSS lose their message on the way: it belongs in the log.
grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view domain);
/// The other way round. A status without details is gRPC's own: it keeps its code, gets the reason
/// UPSTREAM_<CODE>, and loses its message, which names hosts.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace shodan::rpc
