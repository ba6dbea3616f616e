// SPDX-License-Identifier: Apache-2.0
// The way to Zoom and back.
#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/gateway/handlers/callback_handler.h"
#include "tests/integration/services/gateway/running_gateway.h"

namespace shodan::gateway {
namespace {

namespace tv = shodan::tokenvault::v1;

constexpr char kSettings[] = "https://localhost:8443/app/settings/integrations";
constexpr char kAuthorize[] = "https://zoom.example/oauth/authorize?state=the-state";
constexpr char kAttempt[] = "0a1b2c3d-0000-4000-8000-0123456789ab";

// A vault with one ticket of ann's.
void OfferTicket(RunningGateway& gateway) {
  gateway.backends().redeem_ticket =
      [](const tv::RedeemTicketRequest& request) -> absl::StatusOr<tv::RedeemTicketResponse> {
    if (request.ticket() != "the-ticket") return FailedPrecondition("TICKET_INVALID", "none");
    const bool signed_in = !request.session_user_id().empty();
    if (signed_in &&
        (request.session_user_id() != "ann" || request.session_project_id() != "demo")) {
      return PermissionDenied("TICKET_OTHER_USER", "other");
    }
    tv::RedeemTicketResponse response;
    if (signed_in || request.confirmed()) {
      response.mutable_redirect()->set_authorization_url(kAuthorize);
      response.mutable_redirect()->set_cookie_name(AttemptCookieName("the-state"));
      response.mutable_redirect()->set_cookie_value("the-cookie");
      response.mutable_redirect()->mutable_max_age()->set_seconds(600);
    } else {
      response.mutable_confirmation()->set_user_display_name("Ann <b>Example</b>");
      response.mutable_confirmation()->set_project_id("demo");
    }
    return response;
  };
}

std::string SessionCookie(const RunningGateway& gateway, const std::string& user) {
  return "Cookie: __Host-shodan-session=" + gateway.Token(user);
}

TEST_CASE("The same user's session redeems the ticket at once") {
  RunningGateway gateway;
  OfferTicket(gateway);
  const auto response = gateway.Get("/connect?ticket=the-ticket", {SessionCookie(gateway, "ann")});

  CHECK(response.status == 303);
  CHECK(response.Field("location") == kAuthorize);
  CHECK(response.Cookie(AttemptCookieName("the-state")) == "the-cookie");
  CHECK(
      response.Field("set-cookie").find("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600") !=
      std::string::npos);
  CHECK(response.Field("referrer-policy") == "no-referrer");
  CHECK(response.Field("cache-control") == "no-store");
}

TEST_CASE("Without a session a person confirms on a page that names the user") {
  RunningGateway gateway;
  OfferTicket(gateway);
  const auto page = gateway.Get("/connect?ticket=the-ticket");
  CHECK(page.status == 200);
  CHECK(page.body.find("Ann &lt;b&gt;Example&lt;/b&gt;") != std::string::npos);
  CHECK(page.Field("set-cookie").empty());
  CHECK(page.Field("content-security-policy").find("form-action 'self' https:") !=
        std::string::npos);
  CHECK(page.Field("content-security-policy").find("default-src 'none'") == 0);

  RequestText confirm{"POST",
                      "/connect",
                      {"Content-Type: application/x-www-form-urlencoded"},
                      "ticket=the-ticket&project=demo"};
  CHECK(ProblemOf(gateway.Send(confirm)) == "403 ORIGIN_NOT_ALLOWED");
  confirm.fields.emplace_back("Origin: https://crm.example");
  CHECK(ProblemOf(gateway.Send(confirm)) == "403 ORIGIN_NOT_ALLOWED");
  confirm.fields.back() = std::string("Origin: ") + kOrigin;
  const auto response = gateway.Send(confirm);
  CHECK(response.status == 303);
  CHECK(response.Field("location") == kAuthorize);
  CHECK(response.Cookie(AttemptCookieName("the-state")) == "the-cookie");
}

TEST_CASE("Another user's session, a used ticket and a missing one lead to a page that says so") {
  RunningGateway gateway;
  OfferTicket(gateway);
  const auto other = gateway.Get("/connect?ticket=the-ticket",
                                 {SessionCookie(gateway, "bob"), "Accept: text/html"});
  CHECK(other.status == 403);
  CHECK(other.Field("content-type") == "text/html; charset=utf-8");
  CHECK(other.body.find("another Shodan Pro user") != std::string::npos);
  for (const char* target : {"/connect?ticket=used", "/connect", "/connect?ticket=a&ticket=b"}) {
    const auto response = gateway.Get(target, {"Accept: text/html"});
    CHECK(response.status == 400);
    CHECK(response.Field("set-cookie").empty());
    CHECK(response.Field("location").empty());
  }
  CHECK(ProblemOf(gateway.Get("/connect?ticket=the-ticket&project=other")) ==
        "404 PROJECT_NOT_FOUND");
  CHECK(ProblemOf(gateway.Get("/connect?ticket=" + std::string(129, 'a'))) == "400 TICKET_INVALID");
}

TEST_CASE("HEAD spends neither ticket nor state") {
  RunningGateway gateway;
  OfferTicket(gateway);
  CHECK(gateway.Send({"HEAD", "/connect?ticket=the-ticket", {SessionCookie(gateway, "ann")}, ""})
            .status == 405);
  CHECK(gateway.Send({"HEAD", "/oauth/callback?state=a&code=b", {}, ""}).status == 405);
  CHECK(gateway.backends().CountCalls("RedeemTicket") == 0);
}

tv::Attempt AttemptIn(tv::AttemptState state,
                      tv::AttemptResult result = tv::ATTEMPT_RESULT_UNSPECIFIED) {
  tv::Attempt attempt;
  attempt.set_attempt_id(kAttempt);
  attempt.set_project_id("demo");
  attempt.set_user_id("ann");
  attempt.set_state(state);
  attempt.set_result(result);
  return attempt;
}

const std::string kGoodCookie = "Cookie: " + AttemptCookieName("the-state") + "=the-cookie";

// A vault whose attempt fits the-state and the-cookie and then stands as given.
void ExpectCallback(RunningGateway& gateway, const tv::Attempt& attempt) {
  gateway.backends().exchange_code =
      [attempt](const tv::ExchangeCodeRequest& request) -> absl::StatusOr<tv::Attempt> {
    if (request.state() != "the-state" || request.cookie_value() != "the-cookie") {
      return FailedPrecondition("ATTEMPT_MISMATCH", "none");
    }
    if (request.error() == "access_denied")
      return AttemptIn(tv::ATTEMPT_STATE_ENDED, tv::ATTEMPT_RESULT_CANCELLED);
    return attempt;
  };
}

TEST_CASE("The callback completes the link for the attempt's user and returns to the settings") {
  RunningGateway gateway;
  ExpectCallback(gateway, AttemptIn(tv::ATTEMPT_STATE_EXCHANGED));

  const auto response =
      gateway.Get("/oauth/callback?code=the-code&state=the-state&more=x", {kGoodCookie});

  CHECK(response.status == 303);
  CHECK(response.Field("location") == std::string(kSettings) + "?zoom_result=connected");
  CHECK(response.Cookie(AttemptCookieName("the-state")) == "");
  const auto& calls = gateway.backends().calls;
  CHECK(std::count(calls.begin(), calls.end(), "CompleteLink ann") == 1);
}

TEST_CASE("A repeated callback gets the same redirect and completes nothing twice") {
  RunningGateway gateway;
  ExpectCallback(gateway, AttemptIn(tv::ATTEMPT_STATE_ACTIVATED));
  for (int i = 0; i < 3; ++i) {
    CHECK(gateway.Get("/oauth/callback?code=the-code&state=the-state", {kGoodCookie})
              .Field("location") == std::string(kSettings) + "?zoom_result=connected");
  }
  CHECK(gateway.backends().CountCalls("CompleteLink") == 0);
}

TEST_CASE("How an attempt ended is told by a code of the closed list") {
  RunningGateway gateway;
  const std::pair<tv::AttemptResult, const char*> table[] = {
      {tv::ATTEMPT_RESULT_CONNECTED, "connected"},
      {tv::ATTEMPT_RESULT_CANCELLED, "cancelled"},
      {tv::ATTEMPT_RESULT_OTHER_ACCOUNT_CONNECTED, "other_account_connected"},
      {tv::ATTEMPT_RESULT_DIFFERENT_ACCOUNT, "different_account"},
      {tv::ATTEMPT_RESULT_EXPIRED, "expired"},
      {tv::ATTEMPT_RESULT_SYSTEM_ERROR, "system_error"},
      {tv::ATTEMPT_RESULT_SUPERSEDED, "cancelled"},
  };
  for (const auto& [result, code] : table) {
    ExpectCallback(gateway, AttemptIn(tv::ATTEMPT_STATE_ENDED, result));
    const auto response =
        gateway.Get("/oauth/callback?code=the-code&state=the-state", {kGoodCookie});
    CHECK(response.Field("location") == std::string(kSettings) + "?zoom_result=" + code);
    CHECK(response.Cookie(AttemptCookieName("the-state")) == "");
  }
  const auto denied = gateway.Get(
      "/oauth/callback?error=access_denied&error_description=%3Cscript%3E&state=the-state",
      {kGoodCookie});
  CHECK(denied.Field("location") == std::string(kSettings) + "?zoom_result=cancelled");
  CHECK(denied.body.empty());
}

TEST_CASE("What account-link refuses is told, and only a final result ends the attempt cookie") {
  RunningGateway gateway;
  ExpectCallback(gateway, AttemptIn(tv::ATTEMPT_STATE_EXCHANGED));
  struct Row {
    absl::Status status;
    const char* code;
    bool final;
  };
  const Row rows[] = {
      {FailedPrecondition("OTHER_ACCOUNT_CONNECTED", "x"), "other_account_connected", true},
      {FailedPrecondition("DIFFERENT_ACCOUNT", "x"), "different_account", true},
      {FailedPrecondition("PENDING_GRANT_DEAD", "x"), "system_error", true},
      {FailedPrecondition("LINK_DISCONNECTING", "x"), "system_error", true},
      {Unavailable("ZOOM_UNAVAILABLE", "x"), "system_error", false},
      {Internal("BROKEN", "x"), "system_error", false},
  };
  for (const Row& row : rows) {
    {
      const std::lock_guard lock(gateway.backends().mutex);
      gateway.backends().complete_link = row.status;
    }
    const auto response =
        gateway.Get("/oauth/callback?code=the-code&state=the-state", {kGoodCookie});
    CHECK(response.Field("location") == std::string(kSettings) + "?zoom_result=" + row.code);
    CHECK(response.Cookie(AttemptCookieName("the-state")).has_value() == row.final);
  }
}

TEST_CASE("A callback that arrives while another exchanges the code waits for its result") {
  RunningGateway gateway;
  ExpectCallback(gateway, AttemptIn(tv::ATTEMPT_STATE_EXCHANGING));
  gateway.backends().get_attempt = [n = 0](const tv::GetAttemptRequest&) mutable {
    return absl::StatusOr<tv::Attempt>(
        AttemptIn(++n < 3 ? tv::ATTEMPT_STATE_EXCHANGING : tv::ATTEMPT_STATE_ACTIVATED));
  };
  CHECK(gateway.Get("/oauth/callback?code=the-code&state=the-state", {kGoodCookie})
            .Field("location") == std::string(kSettings) + "?zoom_result=connected");
}

TEST_CASE("A callback without state connects nothing and shows how to start") {
  RunningGateway gateway;
  for (const char* target : {"/oauth/callback", "/oauth/callback?code=from-the-marketplace",
                             "/oauth/callback?code=x&state="}) {
    const auto response = gateway.Get(target, {kGoodCookie});
    CHECK(response.status == 200);
    CHECK(response.body.find("Start the connection in Shodan Pro") != std::string::npos);
    CHECK(response.body.find("from-the-marketplace") == std::string::npos);
  }
  CHECK(gateway.backends().CountCalls("ExchangeCode") == 0);
}

TEST_CASE(
    "Of state, attempt cookie and session in every combination only the fitting pair connects") {
  RunningGateway gateway;
  ExpectCallback(gateway, AttemptIn(tv::ATTEMPT_STATE_ACTIVATED));
  const std::string wrong_state_cookie = AttemptCookieName("other-state") + "=the-cookie";
  const std::string right_cookie = AttemptCookieName("the-state") + "=the-cookie";
  const std::string wrong_cookie = AttemptCookieName("the-state") + "=forged";
  for (const char* state : {"the-state", "other-state"}) {
    for (const std::string& cookie :
         {right_cookie, wrong_cookie, wrong_state_cookie, std::string("a=b")}) {
      for (const char* session : {"", "ann", "bob"}) {
        INFO(state << " " << cookie << " " << session);
        std::string field = "Cookie: " + cookie;
        if (*session != '\0') field += "; __Host-shodan-session=" + gateway.Token(session);
        const auto response =
            gateway.Get(std::string("/oauth/callback?code=c&state=") + state, {field});
        if (std::string(state) == "the-state" && cookie == right_cookie) {
          CHECK(response.Field("location") == std::string(kSettings) + "?zoom_result=connected");
        } else if (*session != '\0') {
          CHECK(response.Field("location") ==
                std::string(kSettings) + "?zoom_result=wrong_browser");
        } else {
          CHECK(response.status == 400);
          CHECK(response.Field("location").empty());
        }
      }
    }
  }
  CHECK(gateway.backends().CountCalls("CompleteLink") == 0);
}

TEST_CASE("Nothing of a callback is ever repeated in its answer") {
  RunningGateway gateway;
  ExpectCallback(gateway, AttemptIn(tv::ATTEMPT_STATE_EXCHANGED));
  for (const char* query :
       {"error=canary&error_description=canary&state=canary", "code=canary&state=canary",
        "canary=canary", "state=canary&state=canary&code=canary",
        "code=canary&state=the-state&redirect_uri=https%3A%2F%2Fcanary"}) {
    const auto response = gateway.Get(std::string("/oauth/callback?") + query,
                                      {kGoodCookie, "Referer: https://canary"});
    CHECK(response.body.find("canary") == std::string::npos);
    for (const auto& [name, value] : response.fields)
      CHECK(value.find("canary") == std::string::npos);
  }
}

TEST_CASE("When the vault does not answer the callback says so and keeps the attempt cookie") {
  RunningGateway gateway;
  gateway.backends().exchange_code = [](const tv::ExchangeCodeRequest&) {
    return absl::StatusOr<tv::Attempt>(Unavailable("DATABASE_UNAVAILABLE", "down"));
  };
  const auto stranger = gateway.Get("/oauth/callback?code=c&state=the-state", {kGoodCookie});
  CHECK(stranger.status == 503);
  CHECK(stranger.body.find("System Error Occurred") != std::string::npos);
  CHECK(stranger.Field("set-cookie").empty());
  const auto known = gateway.Get("/oauth/callback?code=c&state=the-state",
                                 {kGoodCookie + "; __Host-shodan-session=" + gateway.Token("ann")});
  CHECK(known.Field("location") == std::string(kSettings) + "?zoom_result=system_error");
  CHECK(known.Field("set-cookie").empty());
}

}  // namespace
}  // namespace shodan::gateway
