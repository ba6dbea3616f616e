// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/pages/html.h"

#include <catch2/catch.hpp>

#include "libs/base/status.h"

namespace shodan::gateway {
namespace {

constexpr const char* kNasty = "\"><script>alert('x')</script>&";

bool Holds(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

TEST_CASE("Texts in pages are escaped") {
  CHECK(EscapeHtml(kNasty) == "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;");
  for (const std::string& page : {ConfirmationPage(kNasty, kNasty, kNasty, kNasty, kNasty),
                                  SignInPage(kNasty, {{kNasty, kNasty, {}}}, kNasty),
                                  MessagePage(kNasty, {kNasty}, {"Open", kNasty}),
                                  ErrorPage(InvalidArgument("X", kNasty), kNasty)}) {
    CHECK_FALSE(Holds(page, "<script"));
    CHECK_FALSE(Holds(page, "\"><sc"));
  }
}

TEST_CASE("Pages need nothing inline, name their language and have one heading") {
  for (const std::string& page : {ConfirmationPage("Shodan Pro", "Ann", "t", "demo", ""),
                                  SignInPage("Shodan Pro", {{"ann", "Ann", {"admin"}}}, "/app/"),
                                  ErrorPage(Unavailable("X", "x"), "r")}) {
    CHECK(Holds(page, "<html lang=\"en\">"));
    CHECK(Holds(page, "<title>"));
    CHECK(page.find("<h1>") == page.rfind("<h1>"));
    CHECK_FALSE(Holds(page, "<style"));
    CHECK_FALSE(Holds(page, "style=\""));
  }
}

TEST_CASE("The confirmation names the user and sends the ticket back") {
  const std::string page = ConfirmationPage("Shodan Pro", "Ann Example", "the-ticket", "demo", "");
  CHECK(Holds(page, "Ann Example"));
  CHECK(Holds(page, "<form method=\"post\" action=\"/connect\">"));
  CHECK(Holds(page, "name=\"ticket\" value=\"the-ticket\""));
  CHECK(Holds(page, "name=\"project\" value=\"demo\""));
  CHECK_FALSE(Holds(page, "install"));
  CHECK(Holds(ConfirmationPage("Shodan Pro", "Ann", "t", "demo", "sealed.1"),
              "name=\"install\" value=\"sealed.1\""));
}

TEST_CASE("What a page tells its opener is data, and its script is a file") {
  const OpenerMessage message{"https://app.example", R"({"type":"a\"><script>"})", true, kNasty};
  const std::string page = OpenerPage(kNasty, kNasty, message);
  CHECK(Holds(page, "data-origin=\"https://app.example\""));
  CHECK(Holds(page, "data-close=\"true\""));
  CHECK(Holds(page, "data-message=\"{&quot;type&quot;:&quot;a"));
  CHECK(page.find("<script") == page.find("<script src=\"/pages/opener.js\"></script>"));
  CHECK(page.find("<script") == page.rfind("<script"));
  CHECK_FALSE(Holds(page, "\"><sc"));
}

TEST_CASE("An internal error tells nothing on its page") {
  const std::string page = ErrorPage(Internal("SQL_BROKEN", "secret host"), "request-1");
  CHECK_FALSE(Holds(page, "secret"));
  CHECK(Holds(page, "request-1"));
}

}  // namespace
}  // namespace shodan::gateway
