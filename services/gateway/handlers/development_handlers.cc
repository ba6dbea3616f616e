// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/development_handlers.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/http/cookies.h"
#include "libs/http/json_body.h"
#include "libs/http/media_type.h"
#include "libs/http/parameters.h"
#include "libs/http/target.h"
#include "services/gateway/pages/html.h"

namespace shodan::gateway {
namespace {

constexpr std::string_view kHome = "/app/";
constexpr size_t kReturnToBytesMax = 2048;

struct SignIn {
  std::string user_id;
  std::string return_to;
};

// A form of the sign-in page, or JSON from a program.
absl::StatusOr<SignIn> ReadSignIn(const http::Request& request, bool needs_user) {
  const std::string_view type = request.head.fields.Get("Content-Type");
  SignIn read;
  if (http::IsMediaType(type, "application/x-www-form-urlencoded") || request.body.empty()) {
    SHODAN_ASSIGN_OR_RETURN(const auto form, http::ParseParameters(request.body));
    http::Parameters parameters(form);
    read.user_id = parameters.Text("userId");
    read.return_to = parameters.Text("return_to");
    SHODAN_RETURN_IF_ERROR(parameters.FinishIgnoringUnknown());
  } else {
    SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
    read.user_id = body.OptionalText("userId").value_or("");
    read.return_to = body.OptionalText("return_to").value_or("");
    SHODAN_RETURN_IF_ERROR(body.Finish());
  }
  if (needs_user && read.user_id.empty()) {
    return InvalidField("userId", "REQUIRED", "is required.");
  }
  return read;
}

}  // namespace

std::string SafeReturnTo(std::string_view wanted) {
  const bool safe = wanted.size() <= kReturnToBytesMax && wanted.substr(0, kHome.size()) == kHome &&
                    std::all_of(wanted.begin(), wanted.end(),
                                [](char c) { return c > 0x20 && c < 0x7F && c != '\\'; }) &&
                    http::ParseTarget(wanted.substr(0, wanted.find('#'))).ok();
  return std::string(safe ? wanted : kHome);
}

DevelopmentHandlers::DevelopmentHandlers(const DevelopmentIssuer& issuer,
                                         ProjectDirectory& projects, std::string default_project)
    : issuer_(issuer), projects_(projects), default_project_(std::move(default_project)) {}

HandlerResult DevelopmentHandlers::LoginPage(const RequestContext& context) {
  http::Parameters parameters(context.request.head.target.query);
  const std::string return_to = SafeReturnTo(parameters.Text("return_to"));
  http::Response response =
      http::HtmlResponse(200, SignInPage("Shodan Pro", issuer_.users(), return_to));
  response.fields.Set("Referrer-Policy", "same-origin");  // or its forms would say Origin: null
  co_return response;
}

HandlerResult DevelopmentHandlers::CreateSession(const RequestContext& context) {
  const absl::StatusOr<SignIn> sign_in = ReadSignIn(context.request, true);
  if (!sign_in.ok()) co_return sign_in.status();
  const DemoUser* user = issuer_.Find(sign_in->user_id);
  if (user == nullptr) co_return InvalidField("userId", "UNKNOWN", "is not a demo user.");
  auto finding = projects_.Get(default_project_, context.backend_call());
  const absl::StatusOr<KnownProjectPtr> project = co_await std::move(finding);
  if (!project.ok()) co_return project.status();
  for (const TokenIssuer& trusted : (*project)->project.token_issuers) {
    if (trusted.issuer != issuer_.issuer()) continue;
    const std::string token = issuer_.Sign(*user, trusted, std::chrono::system_clock::now());
    http::Response response = http::SeeOther(SafeReturnTo(sign_in->return_to));
    response.fields.Add("Set-Cookie",
                        http::HostCookie(kSessionCookie, token, kDevelopmentSessionLifetime));
    co_return response;
  }
  co_return FailedPrecondition("ISSUER_NOT_TRUSTED",
                               "The default project does not trust the development issuer; add it "
                               "to token_issuers in the projects file.");
}

HandlerResult DevelopmentHandlers::EndSession(const RequestContext& context) {
  const absl::StatusOr<SignIn> sign_out = ReadSignIn(context.request, false);
  if (!sign_out.ok()) co_return sign_out.status();
  http::Response response = http::SeeOther(SafeReturnTo(sign_out->return_to));
  response.fields.Add("Set-Cookie", http::ExpiredHostCookie(kSessionCookie));
  co_return response;
}

}  // namespace shodan::gateway
