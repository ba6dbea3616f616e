// SPDX-License-Identifier: Apache-2.0
// AWS's Signature Version 4 test suite and the signing example of its documentation: the requests
// that a client of a service other than S3 can make.
#include "libs/kms/sigv4.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace shodan::kms {
namespace {

struct Example {
  const char* name;
  SigV4Request request;
  const char* signed_headers;
  const char* signature;
  const char* service = "service";
};

constexpr char kVanilla[] = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
constexpr char kUnreserved[] = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr char kPlain[] = "host;x-amz-date";
constexpr char kSessionToken[] =
    "AQoDYXdzEPT//////////"
    "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIe"
    "oIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/"
    "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq"
    "5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+"
    "scqKmlzm8FDrypNC"
    "9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

AwsCredentials Credentials(const char* session_token = "") {
  return {"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), Secret(session_token)};
}

std::string Sign(const SigV4Request& request, const char* service, const char* session_token = "") {
  // 2015-08-30 12:36:00 UTC
  const auto now = std::chrono::system_clock::from_time_t(1'440'938'160);
  const SigV4Headers headers =
      SignSigV4(request, Credentials(session_token), "us-east-1", service, now);
  CHECK(headers.date == "20150830T123600Z");
  return std::string(headers.authorization.Expose(SecretAccess::ForTest()));
}

std::string Expected(const char* service, const char* signed_headers, const char* signature) {
  return std::string("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/") + service +
         "/aws4_request, SignedHeaders=" + signed_headers + ", Signature=" + signature;
}

SigV4Request Get(const std::string& path, const std::string& query = "",
                 std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {"GET", "example.amazonaws.com", path, query, std::move(headers), ""};
}

SigV4Request Post(const std::string& query = "",
                  std::vector<std::pair<std::string, std::string>> headers = {},
                  std::string_view body = "") {
  return {"POST", "example.amazonaws.com", "/", query, std::move(headers), body};
}

std::vector<Example> QueryAndPathExamples() {
  const std::string unreserved = kUnreserved;
  return {
      {"get-vanilla", Get("/"), kPlain, kVanilla},
      {"get-vanilla-query", Get("/", "Param1=value1"), kPlain,
       "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
      {"get-vanilla-query-order-key-case", Get("/", "Param2=value2&Param1=value1"), kPlain,
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"get-vanilla-query-order-key", Get("/", "Param1=value2&Param1=value1"), kPlain,
       "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
      {"get-vanilla-query-order-value", Get("/", "Param1=value2&Param1=Value1"), kPlain,
       "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
      {"get-vanilla-query-unreserved", Get("/", unreserved + "=" + unreserved), kPlain,
       "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
      {"get-vanilla-utf8-query", Get("/", "%E1%88%B4=bar"), kPlain,
       "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
      {"get-unreserved", Get("/" + unreserved), kPlain,
       "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
      {"get-relative", Get("/example/.."), kPlain, kVanilla},
      {"get-relative-relative", Get("/example1/example2/../.."), kPlain, kVanilla},
      {"get-slash", Get("//"), kPlain, kVanilla},
      {"get-slash-dot-slash", Get("/./"), kPlain, kVanilla},
      {"get-slash-pointless-dot", Get("/./example"), kPlain,
       "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
      {"get-slashes", Get("//example//"), kPlain,
       "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
      {"get-space", Get("/example%20space/"), kPlain,
       "446b817944c553435b35e813c261ff4e161fff982d1bacdef1c87f6785dd1662"},
  };
}

std::vector<Example> HeaderAndBodyExamples() {
  static constexpr char kMine[] = "host;my-header1;x-amz-date";
  static constexpr char kTyped[] = "content-type;host;x-amz-date";
  return {
      {"get-header-value-trim",
       Get("/", "", {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}),
       "host;my-header1;my-header2;x-amz-date",
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {"get-header-key-duplicate",
       Get("/", "", {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}}),
       kMine, "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
      {"get-header-value-order",
       Get("/", "",
           {{"My-Header1", "value4"},
            {"My-Header1", "value1"},
            {"My-Header1", "value3"},
            {"My-Header1", "value2"}}),
       kMine, "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
      {"post-vanilla", Post(), kPlain,
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"post-vanilla-query", Post("Param1=value1"), kPlain,
       "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
      {"post-header-key-sort", Post("", {{"My-Header1", "value1"}}), kMine,
       "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
      {"post-header-value-case", Post("", {{"My-Header1", "VALUE1"}}), kMine,
       "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
      {"post-x-www-form-urlencoded",
       Post("", {{"Content-Type", "application/x-www-form-urlencoded"}}, "Param1=value1"), kTyped,
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
      {"post-x-www-form-urlencoded-parameters",
       Post("", {{"Content-Type", "application/x-www-form-urlencoded; charset=utf8"}},
            "Param1=value1"),
       kTyped, "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
      {"ListUsers, of the documentation",
       {"GET",
        "iam.amazonaws.com",
        "/",
        "Action=ListUsers&Version=2010-05-08",
        {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
        ""},
       kTyped,
       "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
       "iam"},
  };
}

TEST_CASE("AWS's published requests get AWS's published signatures") {
  std::vector<Example> examples = QueryAndPathExamples();
  for (Example& example : HeaderAndBodyExamples()) examples.push_back(std::move(example));
  for (const Example& example : examples) {
    CAPTURE(example.name);
    CHECK(Sign(example.request, example.service) ==
          Expected(example.service, example.signed_headers, example.signature));
  }
}

TEST_CASE("A session token is signed with the rest (post-sts-header-before)") {
  CHECK(Sign(Post(), "service", kSessionToken) ==
        Expected("service", "host;x-amz-date;x-amz-security-token",
                 "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"));
}

TEST_CASE("Anything that differs gives another signature") {
  const std::string vanilla = Sign(Post(), "service");
  CHECK(Sign(Post("", {}, "x"), "service") != vanilla);
  CHECK(Sign(Post("a"), "service") != vanilla);
  CHECK(Sign(Post(), "kms") != vanilla);
  SigV4Request other_host = Post();
  other_host.host = "example.amazonaws.com:8443";
  CHECK(Sign(other_host, "service") != vanilla);
}

}  // namespace
}  // namespace shodan::kms
