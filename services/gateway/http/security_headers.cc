// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http/security_headers.h"

namespace shodan::gateway {

void AddSecurityHeaders(http::Response& response, bool pin_https) {
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!response.fields.Has(name)) response.fields.Add(name, value);
  };
  add("Content-Security-Policy", kContentSecurityPolicy);
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin-allow-popups");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  add("Strict-Transport-Security", pin_https ? "max-age=31536000; includeSubDomains" : "max-age=0");
  add("Cache-Control", "no-store");
}

}  // namespace shodan::gateway
