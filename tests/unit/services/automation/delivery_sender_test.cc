// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/deliveries/delivery_sender.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "services/automation/domain/deliveries/secret_sealing.h"
#include "services/automation/domain/deliveries/signature.h"
#include "tests/unit/services/automation/fakes.h"

namespace shodan::automation {
namespace {

using Kind = AttemptEnd::Kind;

const Time kNow{std::chrono::seconds(1'700'000'000)};

class FakeDeliveries final : public DeliveryStore {
 public:
  absl::StatusOr<std::optional<ClaimedDelivery>> Claim(const EndpointRules&,
                                                       std::chrono::milliseconds,
                                                       Deadline) override {
    return std::exchange(to_claim, std::nullopt);
  }
  absl::Status Finish(const ClaimedDelivery&, const AttemptEnd& end, const EndpointRules&,
                      Deadline) override {
    ends.push_back(end);
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<DeliveryRecord>> List(const DeliveryQuery&, Deadline) override {
    return std::vector<DeliveryRecord>();
  }
  absl::StatusOr<int> Replay(const DeliveryReplay&, int, const Actor&, Deadline) override {
    return 0;
  }
  absl::StatusOr<int> RemoveOldDeliveries(std::chrono::milliseconds, int, Deadline) override {
    return 0;
  }

  std::optional<ClaimedDelivery> to_claim;
  std::vector<AttemptEnd> ends;
};

class FakeHttps final : public HttpsClient {
 public:
  HttpsOutcome Send(const HttpsRequest& request) override {
    ++sent;
    url = request.url;
    body = request.body.Expose(SecretAccess::ForTest());
    public_only = request.public_addresses_only;
    headers.clear();
    for (const auto& [name, value] : request.headers) {
      headers[name] = value.Expose(SecretAccess::ForTest());
    }
    HttpsOutcome outcome;
    outcome.status = status;
    return outcome;
  }

  int status = 204;
  int sent = 0;
  std::string url;
  std::string body;
  bool public_only = false;
  std::map<std::string, std::string> headers;
};

struct World {
  World() {
    const Secret key(kEndpointKeyText);
    ClaimedDelivery claimed;
    claimed.project_id = "demo";
    claimed.url = "https://crm.example/hook";
    claimed.secrets = {SealEndpointSecret(key, "demo", secret)};
    claimed.message_id = "0a1b2c3d-0000-4000-8000-00000000000a";
    claimed.event_type = "link.connected";
    claimed.payload = R"({"type":"link.connected"})";
    claimed.attempts = 1;
    store.to_claim = std::move(claimed);
  }
  AttemptEnd Run() {
    DeliverySender sender({store, vault, https, metrics, [] { return kNow; }, [] { return 0.5; }},
                          {});
    const auto ran = sender.RunOnce(Deadline::After(std::chrono::seconds(30)));
    REQUIRE(ran.ok());
    REQUIRE(*ran);
    REQUIRE(store.ends.size() == 1);
    return store.ends[0];
  }
  StoredEvent Meeting() const {
    StoredEvent event;
    event.webhook_id = "0a1b2c3d-0000-4000-8000-00000000000b";
    event.link = {"demo", "ann", "0a1b2c3d-0000-4000-8000-00000000000c", 1};
    event.event_time = kNow;
    event.received_at = kNow;
    event.sealed_body = SealForLink(
        Secret(kLinkKeyText), event.webhook_id, event.link,
        Secret(R"({"event":"meeting.created","event_ts":1700000000000,"payload":{"account_id":"a",)"
               R"("object":{"id":98884753832,"host_id":"h","topic":"T\"opic"}}})"));
    return event;
  }
  void BecomeMeeting() {
    store.to_claim->event_type = "meeting.created";
    store.to_claim->payload.reset();
    store.to_claim->event = Meeting();
  }

  const Secret secret = NewEndpointSecret();
  FakeDeliveries store;
  FakeVault vault;
  FakeHttps https;
  Metrics metrics;
};

}  // namespace

TEST_CASE("the bytes that are sent are those that are signed, with their id and time",
          "[deliveries]") {
  World world;
  CHECK(world.Run().kind == Kind::kDelivered);
  CHECK(world.https.url == "https://crm.example/hook");
  CHECK(world.https.body == R"({"type":"link.connected"})");
  CHECK(world.https.public_only);
  CHECK(world.https.headers["webhook-id"] == "0a1b2c3d-0000-4000-8000-00000000000a");
  CHECK(world.https.headers["webhook-timestamp"] == "1700000000");
  std::vector<Secret> secrets;
  secrets.push_back(world.secret.Clone());
  CHECK(
      world.https.headers["webhook-signature"] ==
      StandardSignature(secrets, {"0a1b2c3d-0000-4000-8000-00000000000a", kNow, world.https.body}));
  CHECK(world.https.headers["x-nango-hmac-sha256"] ==
        NangoSignature(world.secret, world.https.body));
}

TEST_CASE("an event of Zoom's is opened for the moment it is sent", "[deliveries]") {
  World world;
  world.BecomeMeeting();
  CHECK(world.Run().kind == Kind::kDelivered);
  CHECK(world.https.body.find(R"("meetingId":"98884753832")") != std::string::npos);
  CHECK(world.https.body.find(R"("topic":"T\"opic")") != std::string::npos);
  CHECK(world.https.body.starts_with(
      R"({"type":"meeting.created","timestamp":"2023-11-14T22:13:20.000Z","data":{"projectId":"demo","userId":"ann",)"));
}

TEST_CASE("nothing is sent of a link whose key is wiped, and the delivery goes", "[deliveries]") {
  World world;
  world.BecomeMeeting();
  world.vault.link_key_wiped = true;
  CHECK(world.Run().kind == Kind::kErased);
  CHECK(world.https.sent == 0);
}

TEST_CASE("while the vault is away nothing is sent, and no attempt counts", "[deliveries]") {
  World world;
  world.vault.failure = Unavailable("VAULT_UNAVAILABLE", "away");
  const AttemptEnd end = world.Run();
  CHECK(end.kind == Kind::kPutBack);
  CHECK(end.answer == "VAULT_UNAVAILABLE");
  CHECK(world.https.sent == 0);
}

TEST_CASE("a delivery that ended its process at every attempt is given up", "[deliveries]") {
  World world;
  world.store.to_claim->attempts = kDeliveryAttempts + 1;
  const AttemptEnd end = world.Run();
  CHECK(end.kind == Kind::kUntellable);
  CHECK(end.answer == "ATTEMPTS_EXHAUSTED");
  CHECK(world.https.sent == 0);
}

}  // namespace shodan::automation
