// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/channel.h"

#include <boost/json.hpp>
#include <google/protobuf/descriptor.h>

#include "shodan/annotations/v1/annotations.pb.h"

#include "libs/base/strings.h"
#include "libs/rpc/assertion.h"

namespace shodan::rpc {
namespace {

namespace json = boost::json;

constexpr int kMessageBytesMax = 1 << 20;
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;

// gRPC's service config (A6): retries only where repeating does no harm.
std::string ServiceConfig(const google::protobuf::ServiceDescriptor& service) {
  json::array names;
  for (int i = 0; i < service.method_count(); ++i) {
    const google::protobuf::MethodDescriptor& method = *service.method(i);
    if (!method.options().GetExtension(shodan::annotations::v1::idempotent)) continue;
    names.push_back({{"service", service.full_name()}, {"method", method.name()}});
  }
  const json::array method_config{{{"name", names},
                                   {"retryPolicy",
                                    {{"maxAttempts", 3},
                                     {"initialBackoff", "0.1s"},
                                     {"maxBackoff", "1s"},
                                     {"backoffMultiplier", 2},
                                     {"retryableStatusCodes", json::array{"UNAVAILABLE"}}}}}};
  // Boost.JSON writes 0.1 as 1E-1, which gRPC 1.51 does not take for a number.
  return Join("{\"methodConfig\":", json::serialize(method_config),
              ",\"retryThrottling\":{\"maxTokens\":20,\"tokenRatio\":0.1}}");
}

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target, const TlsFiles& tls,
                                           const google::protobuf::ServiceDescriptor& service) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(ServiceConfig(service));
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  return grpc::CreateCustomChannel(target, ClientCredentials(tls), arguments);
}

void PrepareContext(grpc::ClientContext& context, Deadline deadline, std::string_view request_id,
                    std::string_view assertion) {
  context.set_deadline(std::chrono::system_clock::now() + deadline.Remaining());
  if (!request_id.empty()) context.AddMetadata(kRequestIdKey, std::string(request_id));
  if (!assertion.empty()) context.AddMetadata(kAssertionKey, std::string(assertion));
}

}  // namespace shodan::rpc
