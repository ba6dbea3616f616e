// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "libs/config/config_reader.h"
#include "libs/jwt/jws.h"
#include "libs/rpc/policy.h"
#include "libs/rpc/tls.h"

namespace shodan::service {

/// How a gRPC service listens and whom it lets in.
struct GrpcConfig {
  std::string listen;  ///< "address:port"
  rpc::TlsFiles tls;   ///< watched; also this service's identity as a client
  std::string policy_file;
  std::string assertion_keys_file;
  /// The parsed files; both present once the configuration passed ConfigReader::Finish().
  std::optional<rpc::Policy> policy;
  std::optional<jwt::KeySet> assertion_keys;
};

/// Reads "grpc", "policy_file" and "assertion_keys_file"; a file that does not parse is a problem
/// of its key.
GrpcConfig ReadGrpcConfig(ConfigReader& reader);

/// The effective values, under the keys they were read from.
boost::json::object DescribeGrpcConfig(const GrpcConfig& config);

}  // namespace shodan::service
