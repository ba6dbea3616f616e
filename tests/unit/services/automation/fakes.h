// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "services/automation/domain/account_links_port.h"
#include "services/automation/domain/errors.h"
#include "services/automation/domain/vault_port.h"
#include "services/automation/domain/webhooks/webhook_store.h"

namespace shodan::automation {

inline const std::string kInboxKeyId = "0a1b2c3d-0000-4000-8000-00000000000f";
inline const std::string kInboxKeyText(32, 'i');
inline const std::string kLinkKeyText(32, 'l');
inline const std::string kEndpointKeyText(32, 'e');

/// A vault in memory. It believes the signature "good".
class FakeVault final : public Vault {
 public:
  absl::StatusOr<VerifiedWebhook> Verify(const IncomingWebhook& webhook, const std::string&,
                                         Deadline) override {
    ++verified;
    if (!failure.ok()) return failure;
    if (webhook.signature != "good") {
      return Unauthenticated(reason::kSignatureInvalid, "no");
    }
    VerifiedWebhook answer;
    answer.project_id = webhook.project_id.empty() ? "demo" : webhook.project_id;
    if (challenge.has_value()) {
      answer.challenge = challenge;
      return answer;
    }
    answer.body_tag = webhook.body;
    answer.inbox_key_id = kInboxKeyId;
    answer.inbox_key = Secret(kInboxKeyText);
    return answer;
  }
  absl::StatusOr<std::shared_ptr<const Secret>> FindInboxKey(const std::string&,
                                                             Deadline) override {
    if (!failure.ok()) return failure;
    if (inbox_key_destroyed) return nullptr;
    return std::make_shared<const Secret>(kInboxKeyText);
  }
  absl::StatusOr<std::optional<LinkLife>> FindLink(const std::string& project_id,
                                                   const std::string& zoom_account_id,
                                                   const std::string& zoom_user_id,
                                                   Deadline) override {
    if (!failure.ok()) return failure;
    const auto found = links.find({project_id, zoom_account_id, zoom_user_id});
    if (found == links.end()) return std::optional<LinkLife>();
    return std::optional<LinkLife>(found->second);
  }
  absl::StatusOr<std::shared_ptr<const LinkDataKey>> FindLinkDataKey(const std::string&,
                                                                     const std::string&, int64_t,
                                                                     Deadline) override {
    if (!failure.ok()) return failure;
    if (link_key_wiped) return nullptr;
    return std::make_shared<const LinkDataKey>(
        LinkDataKey{link_key_generation, Secret(kLinkKeyText)});
  }
  absl::StatusOr<std::shared_ptr<const Secret>> FindEndpointKey(const std::string&,
                                                                Deadline) override {
    if (!failure.ok()) return failure;
    return std::make_shared<const Secret>(kEndpointKeyText);
  }
  absl::StatusOr<std::vector<GrantEvent>> ListGrantEvents(int64_t, int, Deadline) override {
    return std::vector<GrantEvent>();
  }

  absl::Status failure;
  std::optional<ChallengeAnswer> challenge;
  std::map<std::vector<std::string>, LinkLife> links;
  bool inbox_key_destroyed = false;
  bool link_key_wiped = false;
  int64_t link_key_generation = 1;
  int verified = 0;
};

class FakeAccountLinks final : public AccountLinks {
 public:
  absl::Status Deauthorize(const std::string& project_id, const Deauthorization& deauthorization,
                           Deadline) override {
    if (!failure.ok()) return failure;
    calls.emplace_back(project_id, deauthorization);
    return absl::OkStatus();
  }
  std::unique_ptr<LinkStream> WatchLinks(const std::string&, const std::string&) override {
    return nullptr;
  }

  absl::Status failure;
  std::vector<std::pair<std::string, Deauthorization>> calls;
};

/// Remembers what was done with webhooks; hands out what a test put into `to_claim`.
class FakeStore final : public WebhookStore {
 public:
  absl::StatusOr<bool> Insert(const NewWebhook& webhook, std::chrono::milliseconds,
                              Deadline) override {
    if (!failure.ok()) return failure;
    for (const NewWebhook& known : inserted) {
      if (known.body_tag == webhook.body_tag) return false;
    }
    inserted.push_back(webhook);
    return true;
  }
  absl::StatusOr<std::vector<ClaimedWebhook>> Claim(int, std::chrono::milliseconds,
                                                    Deadline) override {
    return std::exchange(to_claim, {});
  }
  absl::Status Hold(const ClaimedWebhook&, const ReadWebhook& read, std::chrono::milliseconds,
                    Deadline) override {
    held.push_back(read);
    done.push_back("held " + read.event);
    return absl::OkStatus();
  }
  absl::Status Settle(const ClaimedWebhook&, std::string_view event, std::string_view reason,
                      Deadline) override {
    done.push_back("settled " + std::string(event) + " " + std::string(reason));
    return absl::OkStatus();
  }
  absl::Status Park(const ClaimedWebhook&, std::string_view event, std::string_view reason,
                    Deadline) override {
    done.push_back("parked " + std::string(event) + " " + std::string(reason));
    return absl::OkStatus();
  }
  absl::Status Retry(const ClaimedWebhook&, std::chrono::milliseconds delay, bool counts,
                     Deadline) override {
    done.push_back("retried after " + std::to_string(delay.count()) + (counts ? "" : " uncounted"));
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<std::string>> ListDueLinks(int, Deadline) override {
    return std::vector<std::string>();
  }
  absl::StatusOr<int> Release(const std::string&, int, Deadline) override { return 0; }
  absl::StatusOr<std::vector<ReleasedEvent>> ListReleased(const std::string&, const std::string&,
                                                          int64_t after, int limit,
                                                          Deadline) override {
    std::vector<ReleasedEvent> found;
    for (const ReleasedEvent& event : released) {
      if (event.sequence > after && static_cast<int>(found.size()) < limit) found.push_back(event);
    }
    return found;
  }
  absl::StatusOr<int64_t> GrantPosition(Deadline) override { return 0; }
  absl::StatusOr<int> ApplyGrantEvents(const std::vector<GrantEvent>&, Deadline) override {
    return 0;
  }
  absl::StatusOr<int> RemoveOld(std::chrono::milliseconds, std::chrono::milliseconds, int,
                                Deadline) override {
    return 0;
  }
  absl::StatusOr<std::vector<WebhookRecord>> List(const WebhookQuery&, Deadline) override {
    return std::vector<WebhookRecord>();
  }
  absl::StatusOr<ReplayResult> Replay(const ReplayRequest&, int, const Actor&, Deadline) override {
    return ReplayResult();
  }

  absl::Status failure;
  std::vector<NewWebhook> inserted;
  std::vector<ClaimedWebhook> to_claim;
  std::vector<ReleasedEvent> released;
  std::vector<ReadWebhook> held;
  std::vector<std::string> done;
};

}  // namespace shodan::automation
