// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/intent.h"

#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "services/zoom-api/domain/body_digest.h"
#include "services/zoom-api/domain/endpoint_template.h"

namespace shodan::zoomapi {
namespace {

ApiRequest Example() {
  ApiRequest request;
  request.request_id = "6fa459ea-ee8a-4ca4-894e-db77e160355e";
  request.method = Method::kPost;
  request.target = RequestTarget::Of({"users", "me", "meetings"});
  request.content_type = "application/json";
  request.content_length = 2;
  return request;
}

std::string DigestOf(std::initializer_list<std::string> pieces) {
  BodyDigest digest;
  for (const std::string& piece : pieces) digest.Add(piece);
  return digest.Finish();
}

}  // namespace

TEST_CASE("a fingerprint tells requests apart by everything that Zoom sees", "[zoom-api]") {
  std::set<std::string> fingerprints = {HeadFingerprint(Example())};
  CHECK(fingerprints.contains(HeadFingerprint(Example())));
  ApiRequest other = Example();
  other.method = Method::kPut;
  fingerprints.insert(HeadFingerprint(other));
  other = Example();
  other.target = RequestTarget::Of({"users", "me", "webinars"});
  fingerprints.insert(HeadFingerprint(other));
  other = Example();
  other.target = RequestTarget::Of({"users", "me", "meetings"}, {{"a", "b"}});
  fingerprints.insert(HeadFingerprint(other));
  other = Example();
  other.content_type = "text/plain";
  fingerprints.insert(HeadFingerprint(other));
  other = Example();
  other.content_length = 3;
  fingerprints.insert(HeadFingerprint(other));
  // The request id salts it: equal requests of other ids cannot be told to be equal.
  other = Example();
  other.request_id = "00000000-0000-4000-8000-000000000000";
  fingerprints.insert(HeadFingerprint(other));
  CHECK(fingerprints.size() == 7);
  CHECK(BodyFingerprint("a", "digest") != BodyFingerprint("b", "digest"));
}

TEST_CASE("a body's digest does not depend on where it was cut", "[zoom-api]") {
  const std::string long_text(200'000, 'a');
  CHECK(DigestOf({long_text}) ==
        DigestOf({long_text.substr(0, 1), long_text.substr(1, 65'535), long_text.substr(65'536)}));
  CHECK(DigestOf({"ab"}) == DigestOf({"a", "", "b"}));
  CHECK(DigestOf({"ab"}) != DigestOf({"ba"}));
  CHECK(DigestOf({}) != DigestOf({"a"}));
  CHECK(DigestOf({long_text}) != DigestOf({long_text + "a"}));
  const std::string block(64 << 10, 'b');
  CHECK(DigestOf({block}) != DigestOf({block, block}));
}

TEST_CASE("an endpoint's template holds no id", "[zoom-api]") {
  CHECK(EndpointTemplate(RequestTarget::Of({"users", "me", "meetings"})) == "/users/me/meetings");
  CHECK(EndpointTemplate(RequestTarget::Of({"meetings", "85746065432", "registrants", "fdgsfh2ey"},
                                           {{"occurrence_id", "1"}})) ==
        "/meetings/{id}/registrants/{id}");
  CHECK(EndpointTemplate(RequestTarget::Of({"past_meetings", "/ajXp112QmuoKj4854875A=="})) ==
        "/past_meetings/{id}");
  CHECK(EndpointTemplate(RequestTarget::Of({"users", "aiko@example.com"})) == "/users/{id}");
}

}  // namespace shodan::zoomapi
