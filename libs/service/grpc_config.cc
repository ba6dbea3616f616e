// SPDX-License-Identifier: Apache-2.0
#include "libs/service/grpc_config.h"

#include <string_view>
#include <utility>

#include <unistd.h>

#include "libs/base/strings.h"
#include "libs/service/common_config.h"

namespace shodan::service {
namespace {

// gRPC watches these files itself and would only say that a handshake failed.
std::string ReadablePath(ConfigReader& reader, std::string_view key) {
  std::string path = reader.String(key);
  if (!path.empty() && access(path.c_str(), R_OK) != 0) {
    reader.AddProblem(key, Join("cannot read the file ", path));
  }
  return path;
}

}  // namespace

GrpcConfig ReadGrpcConfig(ConfigReader& reader) {
  GrpcConfig config;
  ConfigReader grpc = reader.Object("grpc");
  config.listen = ReadListenAddress(grpc, "listen");
  config.tls.certificate_file = ReadablePath(grpc, "certificate_file");
  config.tls.private_key_file = ReadablePath(grpc, "private_key_file");
  config.tls.ca_file = ReadablePath(grpc, "ca_file");

  config.policy_file = reader.String("policy_file");
  if (const std::string text = reader.TextFile("policy_file"); !text.empty()) {
    absl::StatusOr<rpc::Policy> policy = rpc::Policy::Parse(text);
    if (policy.ok()) {
      config.policy = *std::move(policy);
    } else {
      reader.AddProblem("policy_file", ToStd(policy.status().message()));
    }
  }
  config.assertion_keys_file = reader.String("assertion_keys_file");
  if (const std::string text = reader.TextFile("assertion_keys_file"); !text.empty()) {
    absl::StatusOr<jwt::KeySet> keys = jwt::KeySet::Parse(text);
    if (keys.ok()) {
      config.assertion_keys = *std::move(keys);
    } else {
      reader.AddProblem("assertion_keys_file", ToStd(keys.status().message()));
    }
  }
  return config;
}

boost::json::object DescribeGrpcConfig(const GrpcConfig& config) {
  boost::json::object description;
  description["grpc"] = boost::json::object{{"listen", Text(config.listen)},
                                            {"certificate_file", Text(config.tls.certificate_file)},
                                            {"private_key_file", Text(config.tls.private_key_file)},
                                            {"ca_file", Text(config.tls.ca_file)}};
  description["policy_file"] = Text(config.policy_file);
  description["assertion_keys_file"] = Text(config.assertion_keys_file);
  return description;
}

}  // namespace shodan::service
