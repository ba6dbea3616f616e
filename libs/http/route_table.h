// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/http/method.h"
#include "libs/http/target.h"

namespace shodan::http {

/// What a request must show before its handler runs.
enum class Authentication {
  kNone,            ///< public
  kTicket,          ///< the handler redeems a one-time ticket
  kState,           ///< the handler checks OAuth state and attempt cookie
  kSession,         ///< a session of the project in the path
  kAdmin,           ///< a session with the project's admin role
  kApiKey,          ///< an API key with the route's scope, which names the project
  kConnectSession,  ///< the handler checks the token of a connect session
  kSignature,       ///< the handler has the signature over the body checked
};

/// Which rate limits apply.
enum class RateClass {
  kUnlimited,  ///< answers from memory
  kDefault,    ///< per address, and per user where there is one
  kConnect,    ///< as kDefault, and the lower limit for authorizations
  kZoom,       ///< as kDefault, and the lower limit for requests that Zoom answers
  kWebhook,    ///< per address, with a limit of its own: few addresses send for everybody
};

/// One row of the route table. `path` is a template: literal segments, `{project}` (1 to 63 of
/// [a-z0-9-]), `{call}`, `{note}`, `{apiKey}`, `{integration}` and `{credential}` (UUIDs), `{user}`
/// and `{connection}` (1 to 255 bytes), `{meeting}` (1 to 19 digits), `{registrant}` (1 to 128 of
/// [A-Za-z0-9_+=-]), `{installKey}` (1 to 64 letters and digits), `{workflow}` (1 to 128 of
/// [A-Za-z0-9_-]), `{integrationKey}` (anything), and as the last segment `{path...}`, which takes
/// the rest.
struct Route {
  Method method = Method::kGet;
  std::string_view path;
  Authentication authentication = Authentication::kNone;
  size_t body_bytes_max = 0;
  std::chrono::milliseconds deadline{8000};
  RateClass rate_class = RateClass::kDefault;
  /// Above 0 the route is streamed: its handler reads the body from the connection and may answer
  /// with a stream of at most so many bytes. Its `{path...}` is raw, as it came.
  size_t answer_bytes_max = 0;
  /// What an API key must be allowed to do.
  std::string_view scope = {};

  bool streamed() const { return answer_bytes_max > 0; }
};

using PathParameters = std::map<std::string, std::string, std::less<>>;

/// What the table says about a request.
struct RouteMatch {
  int index = -1;             ///< of the route, -1 when none fits
  PathParameters parameters;  ///< by name, without braces; also when only the method does not fit
  std::string allow;          ///< methods of the path, for Allow; empty when the path is unknown
  /// NOT_FOUND/NOT_FOUND, METHOD_NOT_ALLOWED, or INVALID_FIELD naming a parameter of the path.
  absl::Status status;
};

/// Finds routes by exact, typed comparison of decoded segments; there is no prefix rule. GET also
/// serves HEAD. Immutable; thread-safe.
class RouteTable {
 public:
  explicit RouteTable(std::vector<Route> routes);
  const std::vector<Route>& routes() const { return routes_; }
  RouteMatch Match(Method method, const Target& target) const;

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string_view>> patterns_;  // the segments of each route's path
};

}  // namespace shodan::http
