// SPDX-License-Identifier: Apache-2.0
// Webhooks of Zoom's: the bytes go on as they came, without a session, and Zoom learns what it
// needs.
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/gateway/limits.h"
#include "tests/integration/services/gateway/running_gateway.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::automation::v1;

// Remembers what came and answers as told.
struct Inbox {
  explicit Inbox(RunningGateway& gateway) {
    gateway.backends().ingest_webhook = [this](const v1::IngestWebhookRequest& request) {
      seen = request;
      return answer;
    };
  }

  v1::IngestWebhookRequest seen;
  absl::StatusOr<v1::IngestWebhookResponse> answer = v1::IngestWebhookResponse();
};

RequestText Webhook(const std::string& target, const std::string& body) {
  return {"POST",
          target,
          {"Content-Type: application/json; charset=utf-8", "clientid: client",
           "X-Zm-Request-Timestamp: 1720547519", "x-zm-signature: v0=00",
           "Authorization: legacy-verification-token", "User-Agent: Zoom Marketplace/1.0a"},
          body};
}

}  // namespace

TEST_CASE("A webhook goes on byte for byte with its headers, and is answered without content") {
  RunningGateway gateway;
  Inbox inbox(gateway);
  const std::string body = std::string("{\"a\": \"\\uD83D\\uDE92 \xE2\x80\x99\"}\r\n\0", 28);

  const RawResponse stored = gateway.Send(Webhook("/webhooks/zoom/demo", body));

  CHECK(stored.status == 204);
  CHECK(stored.body.empty());
  CHECK(inbox.seen.project_id() == "demo");
  CHECK(inbox.seen.client_id() == "client");
  CHECK(inbox.seen.timestamp() == "1720547519");
  CHECK(inbox.seen.signature() == "v0=00");
  CHECK(inbox.seen.body() == body);
}

TEST_CASE("An address without a project leaves it to the client id") {
  RunningGateway gateway;
  Inbox inbox(gateway);
  CHECK(gateway.Send(Webhook("/webhooks/zoom", "{}")).status == 204);
  CHECK(inbox.seen.project_id().empty());
  CHECK(inbox.seen.client_id() == "client");
}

TEST_CASE("Zoom's challenge is answered with JSON") {
  RunningGateway gateway;
  Inbox inbox(gateway);
  inbox.answer->set_challenge_answer(R"({"plainToken":"a","encryptedToken":"b"})");
  const RawResponse answer = gateway.Send(Webhook("/webhooks/zoom/demo", "{}"));
  CHECK(answer.status == 200);
  CHECK(answer.Field("content-type") == "application/json");
  CHECK(answer.body == R"({"plainToken":"a","encryptedToken":"b"})");
}

TEST_CASE("What is to be sent again is answered with 5xx, what never will fit with 4xx") {
  RunningGateway gateway;
  Inbox inbox(gateway);
  const auto problem = [&] {
    return ProblemOf(gateway.Send(Webhook("/webhooks/zoom/demo", "{}")));
  };

  inbox.answer = Unauthenticated("WEBHOOK_SIGNATURE_INVALID", "no");
  CHECK(problem() == "401 WEBHOOK_SIGNATURE_INVALID");
  inbox.answer = Unavailable("DATABASE_UNAVAILABLE", "no");
  CHECK(problem() == "503 DATABASE_UNAVAILABLE");
}

TEST_CASE("A body over the limit is refused before it is read, and nothing is passed on") {
  RunningGateway gateway;
  Inbox inbox(gateway);
  const std::string largest(kWebhookBodyBytesMax, 'x');
  CHECK(gateway.Send(Webhook("/webhooks/zoom/demo", largest)).status == 204);
  CHECK(inbox.seen.body() == largest);
  CHECK(ProblemOf(gateway.Send(Webhook("/webhooks/zoom/demo", largest + "x"))) ==
        "413 BODY_TOO_LARGE");
  CHECK(gateway.backends().CountCalls("IngestWebhook") == 1);
}

TEST_CASE("A header that comes twice says nothing; other methods and projects are refused") {
  RunningGateway gateway;
  Inbox inbox(gateway);
  RequestText twice = Webhook("/webhooks/zoom/demo", "{}");
  twice.fields.emplace_back("x-zm-signature: v0=01");
  CHECK(gateway.Send(twice).status == 204);
  CHECK(inbox.seen.signature().empty());

  RequestText get = Webhook("/webhooks/zoom/demo", "");
  get.method = "GET";
  CHECK(ProblemOf(gateway.Send(get)) == "405 METHOD_NOT_ALLOWED");
  CHECK(gateway.Send(Webhook("/webhooks/zoom/DEMO", "{}")).status == 400);
}

TEST_CASE("Webhooks have a limit of their own for each address, and people's requests none of it") {
  RunningGateway gateway([](Config& config) { config.rates.webhooks_per_address_per_minute = 1; });
  Inbox inbox(gateway);
  CHECK(gateway.Send(Webhook("/webhooks/zoom/demo", "{}")).status == 204);
  const RawResponse refused = gateway.Send(Webhook("/webhooks/zoom/demo", "{}"));
  CHECK(ProblemOf(refused) == "429 RATE_LIMITED");
  CHECK_FALSE(refused.Field("retry-after").empty());
  CHECK(gateway.Get("/v1/openapi.json").status == 200);
}

}  // namespace shodan::gateway
