// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/pipeline.h"

#include <algorithm>
#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "libs/http/problem_details.h"
#include "services/gateway/auth/origin_check.h"
#include "services/gateway/auth/session_reader.h"
#include "services/gateway/handlers/nango_errors.h"
#include "services/gateway/handlers/paragon_json.h"
#include "services/gateway/http/security_headers.h"
#include "services/gateway/pages/html.h"

namespace shodan::gateway {
namespace {

using std::chrono::steady_clock;

// What scripts of a project's origins may read, Zoom's fields among it.
constexpr std::string_view kExposedFields =
    "Retry-After, X-Request-Id, Shodan-Outcome, Content-Disposition, ETag, X-Zm-Trackingid, "
    "X-RateLimit-Category, X-RateLimit-Type, X-RateLimit-Limit, X-RateLimit-Remaining, "
    "X-RateLimit-Reset";

// What scripts of a project's origins may send.
std::string_view AllowedFields(Surface surface) {
  return surface == Surface::kParagon
             ? "Authorization, Content-Type, Idempotency-Key, X-Paragon-Configuration-Id, "
               "X-Paragon-Credential, X-Paragon-SDK-Version"
             : "Authorization, Content-Type, Idempotency-Key";
}

std::vector<http::Route> RoutesOf(const std::vector<RouteEntry>& entries) {
  std::vector<http::Route> routes;
  for (const RouteEntry& entry : entries) routes.push_back(entry.route);
  return routes;
}

// A person looks at it in a browser window, rather than a program.
bool WantsPage(const http::RequestHead& head) {
  return head.target.segments.front() != "v1" &&
         head.fields.Get("Accept").find("text/html") != std::string_view::npos;
}

// One-time tickets and states must not be spent by link checkers, which ask by HEAD.
bool IsSpentByReading(const http::Route& route) {
  return route.authentication == http::Authentication::kTicket ||
         route.authentication == http::Authentication::kState;
}

http::Response ErrorAnswer(const absl::Status& status, const RequestContext& context) {
  const http::RequestHead& head = context.request.head;
  if (IsNangoRequest(head)) return NangoErrorResponse(status, head, context.request_id);
  if (!WantsPage(head)) {
    if (context.surface == Surface::kParagon) {
      return ParagonError(status, head.target.Path(), context.request_id);
    }
    return http::ProblemResponse(status, head.target.Path(), context.request_id);
  }
  http::Response page =
      http::HtmlResponse(http::HttpStatusOf(status), ErrorPage(status, context.request_id));
  page.fields.Set("Cross-Origin-Opener-Policy", "unsafe-none");
  const http::Response problem = http::ProblemResponse(status, "", "");
  if (problem.fields.Has("Retry-After")) {
    page.fields.Set("Retry-After", problem.fields.Get("Retry-After"));
  }
  return page;
}

// Keys name subjects by a hash: Redis holds no user id and no address.
RateLimit LimitOf(std::string_view kind, std::initializer_list<std::string_view> subject,
                  int64_t per_minute) {
  const std::string hash = Sha256(std::string_view(LengthPrefixed(subject)));
  return {Join(kind, ":", Base64UrlEncode(hash).substr(0, 22)), per_minute};
}

void AllowOrigin(const RequestContext& context, http::Response& response) {
  if (context.project == nullptr) return;
  const std::string_view origin = context.request.head.fields.Get("Origin");
  response.fields.Add("Vary", "Origin");
  if (!context.project->AllowsOrigin(origin)) return;
  response.fields.Set("Access-Control-Allow-Origin", origin);
  if (context.surface == Surface::kOwn) {
    response.fields.Set("Access-Control-Allow-Credentials", "true");
  }
  response.fields.Set("Access-Control-Expose-Headers", kExposedFields);
}

}  // namespace

Pipeline::Pipeline(Parts parts, std::vector<RouteEntry> routes)
    : parts_(std::move(parts)), entries_(std::move(routes)), table_(RoutesOf(entries_)) {}

http::RouteMatch Pipeline::Match(const http::RequestHead& head) const {
  return table_.Match(head.method, head.target);
}

const http::Route& Pipeline::RouteOf(const http::RouteMatch& match) const {
  return entries_[static_cast<size_t>(match.index)].route;
}

// A preflight has the surface of the request that it asks for.
Surface Pipeline::SurfaceOf(const http::RequestHead& head, const http::RouteMatch& match) const {
  int index = match.index;
  if (index < 0 && head.method == http::Method::kOptions) {
    const auto asked = http::ParseMethod(head.fields.Get("Access-Control-Request-Method"));
    if (asked.has_value()) index = table_.Match(*asked, head.target).index;
  }
  return index < 0 ? Surface::kOwn : entries_[static_cast<size_t>(index)].surface;
}

std::vector<RateLimit> Pipeline::AddressLimits(const http::Request& request,
                                               http::RateClass rate_class) const {
  const std::string address = parts_.proxies.ClientAddress(
      request.peer_address, request.head.fields.Get("X-Forwarded-For"));
  if (rate_class == http::RateClass::kWebhook) {
    return {LimitOf("webhook", {address}, parts_.rates.webhooks_per_address_per_minute)};
  }
  return {LimitOf("address", {address}, parts_.rates.per_address_per_minute)};
}

std::vector<RateLimit> Pipeline::UserLimits(const Session& session,
                                            http::RateClass rate_class) const {
  std::vector<RateLimit> limits{
      LimitOf("user", {session.project_id, session.user_id}, parts_.rates.per_user_per_minute)};
  if (rate_class == http::RateClass::kConnect) {
    limits.push_back(LimitOf("connect", {session.project_id, session.user_id},
                             parts_.rates.connect_per_user_per_minute));
  } else if (rate_class == http::RateClass::kZoom) {
    limits.push_back(LimitOf("zoom", {session.project_id, session.user_id},
                             parts_.rates.zoom_per_user_per_minute));
  }
  return limits;
}

std::vector<RateLimit> Pipeline::ApiKeyLimits(const ApiKeyIdentity& api_key) const {
  return {LimitOf("api_key", {api_key.api_key_id}, parts_.rates.per_api_key_per_minute)};
}

boost::asio::awaitable<absl::Status> Pipeline::CheckRate(std::vector<RateLimit> limits) {
  auto taking = parts_.limiter.Take(std::move(limits));
  const RateDecision decision = co_await std::move(taking);
  if (decision.allowed) co_return absl::OkStatus();
  co_return WithRetryAfter(
      ResourceExhausted("RATE_LIMITED", "Too many requests. Wait a moment, then go on."),
      decision.retry_after);
}

boost::asio::awaitable<absl::Status> Pipeline::AuthenticateApiKey(RequestContext& context,
                                                                  std::string_view scope) {
  SessionToken token = FindSessionToken(context.request.head);
  if (!token.bearer) {
    co_return Unauthenticated("API_KEY_REQUIRED",
                              "Send an API key: Authorization: Bearer shodan_key_…");
  }
  auto authenticating = parts_.api_keys.Authenticate(context.backend_call(), std::move(token.text));
  absl::StatusOr<ApiKey> api_key = co_await std::move(authenticating);
  if (!api_key.ok()) co_return api_key.status();
  const std::vector<std::string>& scopes = api_key->identity.scopes;
  if (std::find(scopes.begin(), scopes.end(), scope) == scopes.end()) {
    co_return PermissionDenied("SCOPE_REQUIRED",
                               Join("The API key does not have the scope ", scope, "."));
  }
  context.api_key = std::move(api_key->identity);
  co_return absl::OkStatus();
}

boost::asio::awaitable<absl::Status> Pipeline::Authenticate(RequestContext& context,
                                                            const http::Route& route) {
  if (route.authentication == http::Authentication::kApiKey) {
    auto authenticating = AuthenticateApiKey(context, route.scope);
    co_return co_await std::move(authenticating);
  }
  // Cookies say nothing there, so nothing needs guarding from other pages.
  if (route.authentication == http::Authentication::kConnectSession ||
      route.authentication == http::Authentication::kSignature) {
    co_return absl::OkStatus();
  }
  SessionToken token = FindSessionToken(context.request.head);
  if (context.surface == Surface::kParagon && !token.bearer) token = SessionToken{"", true};
  const bool by_cookie = !token.bearer;
  const auto project_id = context.parameters.find("project");
  if (project_id != context.parameters.end()) {
    auto finding = parts_.projects.Get(project_id->second, context.backend_call());
    absl::StatusOr<KnownProjectPtr> project = co_await std::move(finding);
    if (!project.ok()) co_return project.status();
    context.project = *std::move(project);
  }
  if (route.authentication == http::Authentication::kSession ||
      route.authentication == http::Authentication::kAdmin) {
    auto reading = ReadSession(parts_.sessions, std::move(token), context.project);
    absl::StatusOr<Session> session = co_await std::move(reading);
    if (!session.ok()) co_return session.status();
    context.session = *std::move(session);
  }
  if (!http::IsSafe(context.request.head.method) && by_cookie) {
    absl::Status origin =
        CheckOrigin(context.request.head, parts_.public_origin, context.project.get());
    if (!origin.ok()) co_return origin;
  }
  if (route.authentication == http::Authentication::kAdmin && !context.session->admin) {
    co_return PermissionDenied("ADMIN_REQUIRED", "This needs the role of an administrator.");
  }
  co_return absl::OkStatus();
}

Pipeline::Result Pipeline::AnswerPreflight(RequestContext& context, const http::RouteMatch& match) {
  http::Response response;
  response.status = 204;
  response.fields.Set("Allow", match.allow);
  const http::Fields& fields = context.request.head.fields;
  const auto project_id = context.parameters.find("project");
  if (!fields.Has("Access-Control-Request-Method") || project_id == context.parameters.end()) {
    co_return response;
  }
  auto finding = parts_.projects.Get(project_id->second, context.backend_call());
  absl::StatusOr<KnownProjectPtr> project = co_await std::move(finding);
  if (!project.ok()) co_return project.status();
  context.project = *std::move(project);
  if (!context.project->AllowsOrigin(fields.Get("Origin"))) {
    co_return PermissionDenied("ORIGIN_NOT_ALLOWED", "This origin is none of the project's.");
  }
  response.fields.Set("Access-Control-Allow-Methods", match.allow);
  response.fields.Set("Access-Control-Allow-Headers", AllowedFields(context.surface));
  response.fields.Set("Access-Control-Max-Age", "600");
  co_return response;
}

Pipeline::Result Pipeline::Answer(RequestContext& context, const http::RouteMatch& match) {
  const http::Method method = context.request.head.method;
  const bool options = method == http::Method::kOptions && !match.allow.empty();
  const http::RateClass rate_class =
      match.index >= 0 ? RouteOf(match).rate_class : http::RateClass::kDefault;
  if (rate_class != http::RateClass::kUnlimited) {
    auto checking = CheckRate(AddressLimits(context.request, rate_class));
    absl::Status allowed = co_await std::move(checking);
    if (!allowed.ok()) co_return allowed;
  }
  if (options) {
    auto preflight = AnswerPreflight(context, match);
    co_return co_await std::move(preflight);
  }
  if (!match.status.ok()) co_return match.status;
  const RouteEntry& entry = entries_[static_cast<size_t>(match.index)];
  if (method == http::Method::kHead && IsSpentByReading(entry.route)) {
    co_return InvalidArgument("METHOD_NOT_ALLOWED", "This address is not read by HEAD.");
  }
  auto authenticating = Authenticate(context, entry.route);
  absl::Status authentic = co_await std::move(authenticating);
  if (!authentic.ok()) co_return authentic;
  if (context.session.has_value()) {
    auto checking = CheckRate(UserLimits(*context.session, entry.route.rate_class));
    absl::Status allowed = co_await std::move(checking);
    if (!allowed.ok()) co_return allowed;
  }
  if (context.api_key.has_value()) {
    auto checking = CheckRate(ApiKeyLimits(*context.api_key));
    absl::Status allowed = co_await std::move(checking);
    if (!allowed.ok()) co_return allowed;
  }
  auto handling = entry.handler(context);
  co_return co_await std::move(handling);
}

boost::asio::awaitable<http::Response> Pipeline::Handle(http::Request request,
                                                        http::RouteMatch match) {
  const auto started = steady_clock::now();
  RequestContext context;
  context.request = std::move(request);
  context.parameters = match.parameters;
  context.request_id = RandomUuid();
  context.deadline =
      Deadline::After(match.index >= 0 ? RouteOf(match).deadline : kRequestTimeLimit);
  context.surface = SurfaceOf(context.request.head, match);
  auto answering = Answer(context, match);
  absl::StatusOr<http::Response> answer = co_await std::move(answering);
  http::Response response =
      answer.ok() ? *std::move(answer) : ErrorAnswer(answer.status(), context);
  if (response.status == 405 && response.stream == nullptr) {
    response.fields.Set("Allow", match.allow);
  }
  Finish(context, match, response, started);
  co_return response;
}

void Pipeline::Finish(const RequestContext& context, const http::RouteMatch& match,
                      http::Response& response, steady_clock::time_point started) {
  AllowOrigin(context, response);
  AddSecurityHeaders(response, parts_.pin_https);
  response.fields.Set("X-Request-Id", context.request_id);
  const std::string route =
      match.index >= 0 ? std::string(RouteOf(match).path) : std::string("none");
  const std::string_view method = http::NameOf(context.request.head.method);
  const std::string status = std::to_string(response.status);
  const double seconds = std::chrono::duration<double>(steady_clock::now() - started).count();
  parts_.metrics.Count("shodan_gateway_requests_total", "Requests answered",
                       {{"method", method}, {"route", route}, {"status", status}});
  parts_.metrics.ObserveSeconds("shodan_gateway_request_seconds", "Time from body to answer",
                                {{"route", route}}, seconds);
  parts_.log.Info("request", {{"method", method},
                              {"route", route},
                              {"status", response.status},
                              {"duration_ms", seconds * 1000},
                              {"request_id", context.request_id}});
}

http::Response Pipeline::Refuse(const absl::Status& status) {
  const std::string request_id = RandomUuid();
  http::Response response = http::ProblemResponse(status, "", request_id);
  if (response.status == 405) {
    response.fields.Set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  }
  AddSecurityHeaders(response, parts_.pin_https);
  response.fields.Set("X-Request-Id", request_id);
  const std::string reason = ReasonOf(status);
  parts_.metrics.Count("shodan_gateway_requests_refused_total",
                       "Requests that were refused before routing", {{"reason", reason}});
  parts_.log.Info("request refused",
                  {{"reason", reason}, {"status", response.status}, {"request_id", request_id}});
  return response;
}

}  // namespace shodan::gateway
