// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/gateway/auth/project_directory.h"
#include "services/gateway/auth/session_verifier.h"
#include "services/gateway/backends/api_key_client.h"
#include "services/gateway/http/application.h"
#include "services/gateway/http/client_address.h"
#include "services/gateway/rate_limit/rate_limiter.h"
#include "services/gateway/routes.h"

namespace shodan::gateway {

struct RateSettings {
  int64_t per_user_per_minute = 600;
  int64_t per_address_per_minute = 1200;
  int64_t connect_per_user_per_minute = 30;
  int64_t zoom_per_user_per_minute = 300;
  int64_t per_api_key_per_minute = 6'000;
  int64_t webhooks_per_address_per_minute = 60'000;
};

/// What every request goes through, in this order: route, address limit, session, origin, user
/// limit, handler; then errors become problem documents or pages, headers are added, the access log
/// is written. Thread-safe.
class Pipeline final : public Application {
 public:
  struct Parts {
    ProjectDirectory& projects;
    SessionVerifier& sessions;
    ApiKeyClient& api_keys;
    RateLimiter& limiter;
    const TrustedProxies& proxies;
    Logger& log;
    Metrics& metrics;
    RateSettings rates;
    std::string public_origin;  ///< "https://host[:port]"
    bool pin_https = true;      ///< see AddSecurityHeaders
  };

  Pipeline(Parts parts, std::vector<RouteEntry> routes);

  http::RouteMatch Match(const http::RequestHead& head) const override;
  const http::Route& RouteOf(const http::RouteMatch& match) const override;
  boost::asio::awaitable<http::Response> Handle(http::Request request,
                                                http::RouteMatch match) override;
  http::Response Refuse(const absl::Status& status) override;

 private:
  using Result = boost::asio::awaitable<absl::StatusOr<http::Response>>;

  Surface SurfaceOf(const http::RequestHead& head, const http::RouteMatch& match) const;
  Result Answer(RequestContext& context, const http::RouteMatch& match);
  Result AnswerPreflight(RequestContext& context, const http::RouteMatch& match);
  boost::asio::awaitable<absl::Status> CheckRate(std::vector<RateLimit> limits);
  boost::asio::awaitable<absl::Status> Authenticate(RequestContext& context,
                                                    const http::Route& route);
  boost::asio::awaitable<absl::Status> AuthenticateApiKey(RequestContext& context,
                                                          std::string_view scope);
  std::vector<RateLimit> AddressLimits(const http::Request& request,
                                       http::RateClass rate_class) const;
  std::vector<RateLimit> UserLimits(const Session& session, http::RateClass rate_class) const;
  std::vector<RateLimit> ApiKeyLimits(const ApiKeyIdentity& api_key) const;
  void Finish(const RequestContext& context, const http::RouteMatch& match,
              http::Response& response, std::chrono::steady_clock::time_point started);

  const Parts parts_;
  const std::vector<RouteEntry> entries_;
  const http::RouteTable table_;
};

}  // namespace shodan::gateway
