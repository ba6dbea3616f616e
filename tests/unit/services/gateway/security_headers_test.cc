// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http/security_headers.h"

#include <catch2/catch.hpp>

namespace shodan::gateway {
namespace {

TEST_CASE("Every answer gets the security headers") {
  http::Response response;
  AddSecurityHeaders(response, true);

  CHECK(response.fields.Get("Strict-Transport-Security") == "max-age=31536000; includeSubDomains");
  CHECK(response.fields.Get("X-Content-Type-Options") == "nosniff");
  CHECK(response.fields.Get("Referrer-Policy") == "no-referrer");
  CHECK(response.fields.Get("Cross-Origin-Opener-Policy") == "same-origin-allow-popups");
  CHECK(response.fields.Get("Cross-Origin-Resource-Policy") == "same-origin");
  CHECK(response.fields.Get("Cache-Control") == "no-store");
  CHECK(response.fields.Has("Permissions-Policy"));
  CHECK(response.fields.Get("Content-Security-Policy") ==
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'");
}

TEST_CASE("What an answer says itself stays, and development on loopback pins nothing") {
  http::Response response;
  response.fields.Set("Cache-Control", "public, max-age=60");
  AddSecurityHeaders(response, false);

  CHECK(response.fields.Get("Cache-Control") == "public, max-age=60");
  CHECK(response.fields.Count("Cache-Control") == 1);
  CHECK(response.fields.Get("Strict-Transport-Security") == "max-age=0");
}

}  // namespace
}  // namespace shodan::gateway
