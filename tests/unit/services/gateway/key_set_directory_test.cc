// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/auth/key_set_directory.h"

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"
#include "tests/unit/libs/jwt/rfc_examples.h"
#include "tests/unit/services/gateway/run_coroutine.h"

namespace shodan::gateway {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::IsError;
using testing::IsOk;

class FakeHttps final : public HttpsClient {
 public:
  HttpsOutcome Send(const HttpsRequest& request) override {
    ++requests;
    last_url = request.url;
    HttpsOutcome outcome;
    outcome.status = status;
    outcome.body = Secret(body);
    if (status == 0) outcome.error = absl::UnavailableError("down");
    return outcome;
  }
  int status = 200;
  std::string body = jwt::rfc::SetOf(jwt::rfc::kEdJwk);
  int requests = 0;
  std::string last_url;
};

struct Fixture {
  FakeHttps https;
  WorkerPool pool{1, 4};
  steady_clock::time_point now{seconds(100'000)};
  KeySetDirectory directory{https, pool, {}, [this] { return now; }};

  absl::StatusOr<jwt::KeySet> Get(bool unknown_key = false,
                                  const std::string& url = "https://issuer.example/jwks") {
    return RunCoroutine(directory.Get(url, unknown_key));
  }
};

TEST_CASE("Published keys are fetched once and kept for ten minutes") {
  Fixture f;
  REQUIRE_THAT(f.Get(), IsOk());
  CHECK(f.Get()->size() == 1);
  CHECK(f.https.requests == 1);
  CHECK(f.https.last_url == "https://issuer.example/jwks");

  f.now += seconds(600);
  REQUIRE_THAT(f.Get(), IsOk());
  CHECK(f.https.requests == 2);
}

TEST_CASE("An unknown key fetches again, but at most once in thirty seconds") {
  Fixture f;
  REQUIRE_THAT(f.Get(), IsOk());
  for (int i = 0; i < 100; ++i) REQUIRE_THAT(f.Get(true), IsOk());
  CHECK(f.https.requests == 1);

  f.now += seconds(30);
  for (int i = 0; i < 100; ++i) REQUIRE_THAT(f.Get(true), IsOk());
  CHECK(f.https.requests == 2);
}

TEST_CASE("The last keys stay in use while the issuer is down or talks nonsense") {
  Fixture f;
  REQUIRE_THAT(f.Get(), IsOk());
  f.https.status = 0;
  f.now += seconds(600);
  CHECK_THAT(f.Get(), IsOk());
  f.https.status = 200;
  f.https.body = "<html>";
  f.now += seconds(600);
  CHECK_THAT(f.Get(), IsOk());
  CHECK(f.https.requests == 3);
}

TEST_CASE("Keys that were never there are told, and not asked for by every request") {
  Fixture f;
  f.https.status = 404;
  for (int i = 0; i < 10; ++i) {
    CHECK_THAT(f.Get(), IsError(absl::StatusCode::kUnavailable, "ISSUER_KEYS_UNAVAILABLE"));
  }
  CHECK(f.https.requests == 1);
}

TEST_CASE("Keys are fetched by https, or by http from this machine only") {
  for (const char* url :
       {"https://a.example/x", "http://localhost:80/x", "http://127.0.0.1/x", "http://[::1]:1"}) {
    CHECK(IsKeySetUrlAllowed(url));
  }
  for (const char* url : {"http://a.example/x", "http://localhost.evil/x", "http://127.0.0.1.evil",
                          "ftp://a", "file:///etc/passwd", "http://localhost@evil.example", ""}) {
    CHECK_FALSE(IsKeySetUrlAllowed(url));
  }
  Fixture f;
  CHECK_FALSE(f.Get(false, "http://a.example/jwks").ok());
  CHECK(f.https.requests == 0);
}

}  // namespace
}  // namespace shodan::gateway
