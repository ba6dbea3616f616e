// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/gateway/auth/development_issuer.h"

namespace shodan::gateway {

/// Text for an element or a quoted attribute.
std::string EscapeHtml(std::string_view text);

/// Style sheet of the gateway's own pages, served at kPageStylePath.
inline constexpr std::string_view kPageStylePath = "/pages/style.css";
std::string_view PageStyle();

/// The script of pages that speak to their opener.
inline constexpr std::string_view kOpenerScriptPath = "/pages/opener.js";

/// A link at the end of a page.
struct PageLink {
  std::string_view text;
  std::string href;  ///< no link when empty
};

/// A page with a heading and paragraphs; every text is escaped.
std::string MessagePage(std::string_view title, const std::vector<std::string>& paragraphs,
                        const PageLink& link);

/// What a person in a browser reads about an error.
std::string ErrorPage(const absl::Status& status, std::string_view request_id);

/// Asks whether the browser's user is the Shodan Pro user who started the connection.
/// `install` comes back with the form; empty when the window was opened for no page of others.
std::string ConfirmationPage(std::string_view product, std::string_view user_display_name,
                             std::string_view ticket, std::string_view project_id,
                             std::string_view install);

/// What a page in a pop-up window has to say to the page that opened it; JSON, or nothing.
struct OpenerMessage {
  std::string origin;   ///< of the opener; no other page hears it
  std::string message;  ///< posted at once
  bool close = false;   ///< the window closes itself
  std::string if_open;  ///< posted when the window could not close itself
};

/// A page of one paragraph that speaks to its opener.
std::string OpenerPage(std::string_view title, std::string_view text, const OpenerMessage& message);

/// The list of demo users, each a button.
std::string SignInPage(std::string_view product, const std::vector<DemoUser>& users,
                       std::string_view return_to);

}  // namespace shodan::gateway
