// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/webhooks/webhooks.h"

#include <mutex>
#include <set>
#include <string>

#include "libs/base/encoding.h"
#include "libs/crypto/digest.h"
#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::testing {
namespace {

using tokenvault::InboxKey;
using tokenvault::VerifiedWebhook;
using tokenvault::ZoomAppChange;

constexpr char kTime[] = "1720547519";
constexpr char kBody[] = R"({"event":"meeting.created","payload":{}})";

std::string Sign(const std::string& secret, const std::string& body,
                 const std::string& time = kTime) {
  return "v0=" + HexEncode(HmacSha256(Secret(secret), "v0:" + time + ":" + body));
}

class WebhookWorld : public VaultWorld {
 public:
  void SetSecret(const std::string& secret) {
    ZoomAppChange change;
    change.project_id = "demo";
    change.etag = apps.FindRecord("demo", TestDeadline()).value()->etag;
    change.webhook_secret = Secret(secret);
    REQUIRE_THAT(apps.Change(change, kKeepPrevious, actor, TestDeadline()), IsOk());
  }
  absl::StatusOr<VerifiedWebhook> Verify(const std::string& secret, const std::string& body = kBody,
                                         const tokenvault::WebhookAddressee& to = {"demo", ""}) {
    return vault.webhooks.Verify(to, {kTime, Sign(secret, body), body}, TestDeadline());
  }
};

}  // namespace

TEST_CASE_METHOD(WebhookWorld, "Without a webhook secret nothing is accepted") {
  CHECK_THAT(Verify("any"),
             IsError(absl::StatusCode::kFailedPrecondition, "WEBHOOK_SECRET_MISSING"));
}

TEST_CASE_METHOD(WebhookWorld,
                 "The project is named by itself, by its client id, or is the only one") {
  SetSecret("first");
  CHECK(Verify("first")->project_id == "demo");
  CHECK(Verify("first", kBody, {"", "client"})->project_id == "demo");
  CHECK(Verify("first", kBody, {"", ""})->project_id == "demo");
  CHECK_THAT(Verify("first", kBody, {"nowhere", ""}),
             IsError(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
  CHECK_THAT(Verify("first", kBody, {"", "stranger"}),
             IsError(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
}

TEST_CASE_METHOD(WebhookWorld,
                 "The secret before the present one is accepted until it is removed") {
  SetSecret("first");
  SetSecret("second");
  CHECK_FALSE(Verify("second")->by_previous_secret);
  CHECK(Verify("first")->by_previous_secret);

  ZoomAppChange change;
  change.project_id = "demo";
  change.etag = apps.FindRecord("demo", TestDeadline()).value()->etag;
  change.remove_previous_webhook_secret = true;
  REQUIRE_THAT(apps.Change(change, kKeepPrevious, actor, TestDeadline()), IsOk());
  CHECK_THAT(Verify("first"),
             IsError(absl::StatusCode::kUnauthenticated, "WEBHOOK_SIGNATURE_INVALID"));
}

TEST_CASE_METHOD(WebhookWorld,
                 "A challenge is answered under the secret that signed it, an unsigned one never") {
  const std::string body =
      R"({"event":"endpoint.url_validation","payload":{"plainToken":"abc"},"event_ts":1})";
  SetSecret("first");
  SetSecret("second");
  for (const char* secret : {"first", "second"}) {
    const auto verified = Verify(secret, body);
    REQUIRE_THAT(verified, IsOk());
    CHECK(verified->challenge->encrypted_token == HexEncode(HmacSha256(Secret(secret), "abc")));
    CHECK(verified->body_tag.empty());
    CHECK(verified->inbox_key.key.empty());
  }
  CHECK_THAT(Verify("other", body),
             IsError(absl::StatusCode::kUnauthenticated, "WEBHOOK_SIGNATURE_INVALID"));
  CHECK_THAT(
      Verify("second", R"({"event":"endpoint.url_validation","payload":{"plainToken":"v0:1:{}"}})"),
      IsError(absl::StatusCode::kInvalidArgument, "WEBHOOK_CHALLENGE_INVALID"));
  CHECK(Count("inbox_keys") == 0);
}

TEST_CASE_METHOD(WebhookWorld,
                 "A body has the same tag whenever it comes, and no other body has it") {
  SetSecret("first");
  const auto first = Verify("first");
  SetSecret("second");
  const auto again = Verify("second");
  const auto other = Verify("second", std::string(kBody) + " ");
  CHECK(first->body_tag.size() == 32);
  CHECK(first->body_tag == again->body_tag);
  CHECK(first->body_tag != other->body_tag);
  CHECK(first->body_tag != Sha256(std::string_view(kBody)));
}

TEST_CASE_METHOD(WebhookWorld, "Every day has one inbox key, whichever replica asks first") {
  SetSecret("first");
  std::mutex mutex;
  std::set<std::string> ids;
  AtOnce(8, [&](int) {
    const auto verified = Verify("first");
    const std::scoped_lock lock(mutex);
    ids.insert(verified->inbox_key.inbox_key_id);
  });
  CHECK(ids.size() == 1);
  CHECK(Count("inbox_keys") == 2);

  const auto today = Verify("first");
  const auto found = vault.webhooks.FindKey(today->inbox_key.inbox_key_id, TestDeadline());
  REQUIRE_THAT(found, IsOk());
  CHECK(found->key == today->inbox_key.key);
  Run("UPDATE inbox_keys SET day = day - 1 WHERE day IS NOT NULL");
  CHECK(Verify("first")->inbox_key.inbox_key_id != today->inbox_key.inbox_key_id);
  CHECK_THAT(vault.webhooks.FindKey(today->inbox_key.inbox_key_id, TestDeadline()), IsOk());
}

TEST_CASE_METHOD(WebhookWorld,
                 "An inbox key is destroyed when its time is over; the tag key stays") {
  SetSecret("first");
  const auto verified = Verify("first");
  const auto days =
      std::chrono::duration_cast<std::chrono::hours>(lifetimes.inbox_key).count() / 24;
  Run("UPDATE inbox_keys SET day = day - " + std::to_string(days) + " WHERE day IS NOT NULL");
  REQUIRE_THAT(vault.webhooks.Sweep(TestDeadline()), IsOk());
  CHECK_THAT(vault.webhooks.FindKey(verified->inbox_key.inbox_key_id, TestDeadline()), IsOk());
  Run("UPDATE inbox_keys SET day = day - 1 WHERE day IS NOT NULL");
  REQUIRE_THAT(vault.webhooks.Sweep(TestDeadline()), IsOk());
  CHECK_THAT(vault.webhooks.FindKey(verified->inbox_key.inbox_key_id, TestDeadline()),
             IsError(absl::StatusCode::kNotFound, "INBOX_KEY_NOT_FOUND"));
  CHECK(Verify("first")->body_tag == verified->body_tag);
}

TEST_CASE_METHOD(WebhookWorld, "The key of webhook endpoints is the project's, and stays") {
  SetSecret("first");
  const auto key = vault.webhooks.EndpointKey("demo", TestDeadline());
  REQUIRE_THAT(key, IsOk());
  CHECK(key->size() == 32);
  Run("UPDATE inbox_keys SET day = day - 100 WHERE day IS NOT NULL");
  REQUIRE_THAT(vault.webhooks.Sweep(TestDeadline()), IsOk());
  CHECK(*vault.webhooks.EndpointKey("demo", TestDeadline()) == *key);
  CHECK_THAT(vault.webhooks.EndpointKey("elsewhere", TestDeadline()),
             IsError(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
}

TEST_CASE_METHOD(WebhookWorld, "A link's data key is its own, and goes with the link") {
  const ConnectedLink ann = Connect("zoe");
  const ConnectedLink bob = Connect("yuki");
  const auto key = vault.profiles.GetLinkDataKey("demo", ann.user_id, TestDeadline());
  REQUIRE_THAT(key, IsOk());
  CHECK(key->link_id == ann.link_id);
  CHECK(key->generation == ann.generation);
  CHECK(key->key.size() == 32);
  CHECK_FALSE(key->key == vault.profiles.GetLinkDataKey("demo", bob.user_id, TestDeadline())->key);

  REQUIRE_THAT(BeginErasure(ann), IsOk());
  FileWiped();
  CHECK_THAT(vault.profiles.GetLinkDataKey("demo", ann.user_id, TestDeadline()),
             IsError(absl::StatusCode::kNotFound, "GRANT_NOT_FOUND"));
  CHECK_THAT(vault.profiles.GetLinkDataKey("demo", "nobody", TestDeadline()),
             IsError(absl::StatusCode::kNotFound, "GRANT_NOT_FOUND"));
}

}  // namespace shodan::testing
