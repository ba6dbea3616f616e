// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/pages/html.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/http/problem_details.h"

namespace shodan::gateway {
namespace {

std::string Document(std::string_view title, std::string_view content) {
  return Join(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"robots\" content=\"noindex\">\n<title>",
      EscapeHtml(title), " – Shodan Pro</title>\n<link rel=\"stylesheet\" href=\"", kPageStylePath,
      "\">\n<link rel=\"icon\" href=\"data:,\">\n</head>\n<body>\n"
      "<header class=\"brand\"><span class=\"mark\" aria-hidden=\"true\">S</span>"
      "<span>Shodan Pro</span></header>\n<main class=\"card\">\n<h1>",
      EscapeHtml(title), "</h1>\n", content, "</main>\n</body>\n</html>\n");
}

// Reasons that people meet on their way, in their words; the text below the heading says the rest.
constexpr std::pair<std::string_view, std::string_view> kHeadings[] = {
    {"TICKET_INVALID", "This link has expired"},
    {"TICKET_OTHER_USER", "This link is for another user"},
    {"NOT_FOUND", "This page does not exist"},
    {"RATE_LIMITED", "Too many requests"},
};

std::string_view HeadingOf(const absl::Status& status) {
  if (http::HttpStatusOf(status) >= 500) return "Something went wrong";
  const std::string reason = ReasonOf(status);
  for (const auto& [known, heading] : kHeadings) {
    if (reason == known) return heading;
  }
  return "This did not work";
}

std::string Hidden(std::string_view name, std::string_view value) {
  return Join("<input type=\"hidden\" name=\"", name, "\" value=\"", EscapeHtml(value), "\">\n");
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string MessagePage(std::string_view title, const std::vector<std::string>& paragraphs,
                        const PageLink& link) {
  std::string content;
  for (const std::string& paragraph : paragraphs) {
    content += Join("<p>", EscapeHtml(paragraph), "</p>\n");
  }
  if (!link.href.empty()) {
    content += Join("<p class=\"actions\"><a class=\"button\" href=\"", EscapeHtml(link.href),
                    "\">", EscapeHtml(link.text), "</a></p>\n");
  }
  return Document(title, content);
}

std::string ErrorPage(const absl::Status& status, std::string_view request_id) {
  return MessagePage(HeadingOf(status), {http::DetailOf(status), Join("Request id: ", request_id)},
                     {"Open Shodan Pro", "/app/"});
}

std::string ConfirmationPage(std::string_view product, std::string_view user_display_name,
                             std::string_view ticket, std::string_view project_id,
                             std::string_view install) {
  return Document(
      "Connect Zoom Phone",
      Join("<p>You are about to connect a Zoom account to the ", EscapeHtml(product),
           " user</p>\n<p class=\"who\">", EscapeHtml(user_display_name),
           "</p>\n<p>Continue only if this is you. Otherwise close this window: somebody may have "
           "sent you their link.</p>\n<form method=\"post\" action=\"/connect\">\n",
           Hidden("ticket", ticket), Hidden("project", project_id),
           install.empty() ? std::string() : Hidden("install", install),
           "<p class=\"actions\"><button class=\"button primary\">Yes, continue to Zoom</button> "
           "<a class=\"button\" href=\"/app/\">Cancel</a></p>\n</form>\n"));
}

std::string OpenerPage(std::string_view title, std::string_view text,
                       const OpenerMessage& message) {
  return Document(
      title, Join("<p>", EscapeHtml(text), "</p>\n<div id=\"opener\" hidden data-origin=\"",
                  EscapeHtml(message.origin), "\" data-message=\"", EscapeHtml(message.message),
                  "\" data-close=\"", message.close ? "true" : "false", "\" data-if-open=\"",
                  EscapeHtml(message.if_open), "\"></div>\n<script src=\"", kOpenerScriptPath,
                  "\"></script>\n"));
}

std::string SignInPage(std::string_view product, const std::vector<DemoUser>& users,
                       std::string_view return_to) {
  std::string list;
  for (const DemoUser& user : users) {
    const bool admin = std::find(user.roles.begin(), user.roles.end(), "admin") != user.roles.end();
    list += Join("<li><form method=\"post\" action=\"/dev/session\">\n",
                 Hidden("userId", user.user_id), Hidden("return_to", return_to),
                 "<button class=\"user\"><span class=\"name\">", EscapeHtml(user.display_name),
                 "</span> <span class=\"detail\">", EscapeHtml(user.user_id),
                 admin ? ", administrator" : "", "</span></button>\n</form></li>\n");
  }
  return Document("Sign in",
                  Join("<p>This is a local demonstration of ", EscapeHtml(product),
                       ". Choose who you are; there is no password.</p>\n<ul class=\"users\">\n",
                       list, "</ul>\n"));
}

std::string_view PageStyle() {
  return R"css(/* SPDX-License-Identifier: Apache-2.0 */
:root {
  color-scheme: light dark;
  --page: #f3f5f9; --surface: #fff; --text: #172033; --muted: #566074; --border: #d7dde8;
  --field: #7b8699; --accent: #1d4fd7; --accent-strong: #163fae; --on-accent: #fff; --soft: #eaf0fe;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1420; --surface: #171d2a; --text: #e8ecf4; --muted: #a6b0c3; --border: #313a4d;
    --field: #77839a; --accent: #8fb0ff; --accent-strong: #b3c9ff; --on-accent: #0d1526; --soft: #1a2747;
  }
}
*, *::before, *::after { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 24px 16px; background: var(--page); color: var(--text);
  font: 400 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Hiragino Sans", "Noto Sans JP", sans-serif;
}
.brand { display: flex; gap: 10px; align-items: center; justify-content: center; margin: 6vh 0 20px; font-size: 18px; font-weight: 700; }
.mark { display: grid; place-items: center; width: 34px; height: 34px; border-radius: 9px; background: var(--accent); color: var(--on-accent); }
.card { max-width: 460px; margin: 0 auto; padding: 28px; border: 1px solid var(--border); border-radius: 14px; background: var(--surface); }
h1 { margin: 0 0 12px; font-size: 23px; line-height: 1.3; }
p { margin: 0 0 14px; overflow-wrap: anywhere; }
.who { padding: 12px 16px; border-radius: 10px; background: var(--soft); font-size: 18px; font-weight: 650; }
.actions { display: flex; flex-wrap: wrap; gap: 10px; margin: 22px 0 0; }
.button {
  display: inline-flex; align-items: center; justify-content: center; min-height: 44px; padding: 9px 18px;
  border: 1px solid var(--field); border-radius: 9px; background: var(--surface); color: var(--text);
  font: inherit; font-weight: 600; text-decoration: none; cursor: pointer;
}
.button.primary { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
.button.primary:hover { background: var(--accent-strong); }
.users { display: grid; gap: 10px; margin: 18px 0 0; padding: 0; list-style: none; }
.user {
  display: grid; width: 100%; min-height: 56px; padding: 10px 16px; border: 1px solid var(--field);
  border-radius: 10px; background: var(--surface); color: var(--text); font: inherit; text-align: start; cursor: pointer;
}
.user:hover { border-color: var(--accent); background: var(--soft); }
.name { font-weight: 650; }
.detail { color: var(--muted); font-size: 14px; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
)css";
}

}  // namespace shodan::gateway
