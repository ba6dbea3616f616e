// SPDX-License-Identifier: Apache-2.0
#include "libs/projects/url_rules.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include <boost/url.hpp>

namespace shodan::projects {
namespace {

namespace urls = boost::urls;

constexpr size_t kMaxUrlSize = 2048;

// A URL split at its outer delimiters. Boost.URL 1.81 checks the grammar, but its idea of the host
// is not used: it takes "127.0.0.1.example" for the address 127.0.0.1, and folds port 99999.
struct Parts {
  std::string_view scheme;
  bool has_userinfo = false;
  std::string_view host;  // IPv6 addresses in their brackets
  std::optional<std::string_view> port;
  std::string_view rest;  // path, query and fragment
};

Parts Split(std::string_view url) {
  Parts parts;
  const size_t colon = url.find(':');
  parts.scheme = url.substr(0, colon);
  std::string_view after = url.substr(colon + 1);
  if (!after.starts_with("//")) return parts;
  after.remove_prefix(2);
  const size_t end = std::min(after.find_first_of("/?#"), after.size());
  parts.rest = after.substr(end);
  std::string_view authority = after.substr(0, end);
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    parts.has_userinfo = true;
    authority.remove_prefix(at + 1);
  }
  const size_t bracket = authority.rfind(']');
  const size_t port = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.host = authority.substr(0, port);
  if (port != std::string_view::npos) parts.port = authority.substr(port + 1);
  return parts;
}

bool IsHost(std::string_view host) {
  if (host.starts_with('[')) {
    const std::string_view address = host.substr(1, host.size() - 2);
    return urls::parse_ipv6_address({address.data(), address.size()}).has_value();
  }
  // Narrower than RFC 3986: no percent-encoding, so that every reader sees the same name.
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

std::optional<uint16_t> PortNumber(std::string_view text) {
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

bool IsLoopback(std::string_view host) {
  if (host == "localhost") return true;
  if (host.starts_with('[')) {
    const std::string_view address = host.substr(1, host.size() - 2);
    const auto parsed = urls::parse_ipv6_address({address.data(), address.size()});
    return parsed.has_value() && parsed->is_loopback();
  }
  const auto parsed = urls::parse_ipv4_address({host.data(), host.size()});
  return parsed.has_value() && parsed->is_loopback();
}

std::string Problem(const Parts& parts, bool allow_http_on_loopback) {
  if (parts.has_userinfo) return "must not hold a user name or password";
  if (!IsHost(parts.host)) return "must name a host";
  if (parts.port.has_value() && !PortNumber(*parts.port).has_value()) {
    return "must hold a port from 1 to 65535 or none";
  }
  if (parts.rest.find('#') != std::string_view::npos) return "must not hold a fragment";
  if (parts.scheme == "https") return "";
  if (parts.scheme != "http") return "must start with https://";
  if (!allow_http_on_loopback) return "must use https";
  return IsLoopback(parts.host) ? "" : "must use https: plain http is for loopback hosts only";
}

}  // namespace

std::string UrlProblem(std::string_view text, bool allow_http_on_loopback) {
  if (text.size() > kMaxUrlSize) return "must not be longer than 2048 bytes";
  if (!urls::parse_uri({text.data(), text.size()}).has_value()) return "must be an absolute URL";
  return Problem(Split(text), allow_http_on_loopback);
}

std::string OriginProblem(std::string_view text, bool allow_http_on_loopback) {
  if (std::string problem = UrlProblem(text, allow_http_on_loopback); !problem.empty()) {
    return problem;
  }
  const Parts parts = Split(text);
  if (!parts.rest.empty()) return "must be scheme://host[:port] only, without a slash at its end";
  if (std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return "must be in lower case, as browsers send it";
  }
  if (parts.port == (parts.scheme == "https" ? "443" : "80")) {
    return "must leave out the default port, as browsers do";
  }
  return "";
}

}  // namespace shodan::projects
