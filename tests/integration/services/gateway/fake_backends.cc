// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/services/gateway/fake_backends.h"

#include <algorithm>
#include <utility>

#include "shodan/accountlink/v1/account_link_service.grpc.pb.h"
#include "shodan/automation/v1/automation_service.grpc.pb.h"
#include "shodan/calllink/v1/call_link_service.grpc.pb.h"
#include "shodan/tokenvault/v1/token_vault_service.grpc.pb.h"

#include "libs/base/status.h"
#include "libs/config/config_reader.h"
#include "libs/crypto/random.h"
#include "libs/rpc/authorizer.h"
#include "libs/rpc/status_mapping.h"

namespace shodan::gateway {
namespace {

namespace al = shodan::accountlink::v1;
namespace tv = shodan::tokenvault::v1;
namespace cl = shodan::calllink::v1;
namespace am = shodan::automation::v1;

rpc::Policy RealPolicy() {
  return *rpc::Policy::Parse(*ReadFile(SHODAN_SOURCE_DIR "/services/policy.json"));
}

// Authorizes, records and runs one call under the lock.
class Front {
 public:
  Front(FakeBackends& backends, std::string service, const jwt::KeySet& keys, std::string audience)
      : backends_(backends),
        service_(std::move(service)),
        authorizer_(RealPolicy(), keys, std::move(audience)) {}

  template <typename Request, typename Body>
  grpc::Status Run(grpc::ServerContext* context, const std::string& method, const Request& request,
                   Body body) {
    const auto call = authorizer_.Authorize(*context, "/" + service_ + "/" + method, request);
    if (!call.ok()) return rpc::ToGrpcStatus(call.status(), "fake");
    const std::lock_guard lock(backends_.mutex);
    const std::string user = call->assertion.has_value() ? call->assertion->user_id : "-";
    backends_.calls.push_back(method + " " + user);
    return rpc::ToGrpcStatus(body(), "fake");
  }

 private:
  FakeBackends& backends_;
  const std::string service_;
  const rpc::Authorizer authorizer_;
};

class FakeAccountLink final : public al::AccountLinkService::Service {
 public:
  FakeAccountLink(FakeBackends& backends, const jwt::KeySet& keys)
      : b_(backends),
        front_(backends, "shodan.accountlink.v1.AccountLinkService", keys, "account-link") {}

  grpc::Status GetProject(grpc::ServerContext* c, const al::GetProjectRequest* q,
                          al::GetProjectResponse* r) override {
    return front_.Run(c, "GetProject", *q, [&]() -> absl::Status {
      if (q->project_id() != b_.project.project_id()) return NotFound("PROJECT_NOT_FOUND", "none");
      *r->mutable_project() = b_.project;
      return absl::OkStatus();
    });
  }
  grpc::Status GetLink(grpc::ServerContext* c, const al::GetLinkRequest* q,
                       al::GetLinkResponse* r) override {
    std::function<void()> before;
    {
      const std::lock_guard lock(b_.mutex);
      before = b_.before_get_link;
    }
    if (before) before();
    return front_.Run(c, "GetLink", *q, [&] {
      *r->mutable_link() = LinkOf(q->project_id(), q->user_id());
      return absl::OkStatus();
    });
  }
  grpc::Status CompleteLink(grpc::ServerContext* c, const al::CompleteLinkRequest* q,
                            al::CompleteLinkResponse* r) override {
    return front_.Run(c, "CompleteLink", *q, [&] {
      *r->mutable_link() = LinkOf(q->project_id(), q->user_id());
      return b_.complete_link;
    });
  }
  grpc::Status Disconnect(grpc::ServerContext* c, const al::DisconnectRequest* q,
                          al::DisconnectResponse* r) override {
    return front_.Run(c, "Disconnect", *q,
                      [&] { return End(q->user_id(), al::LINK_CAUSE_DISCONNECTED, *r); });
  }
  grpc::Status AdminDisconnect(grpc::ServerContext* c, const al::AdminDisconnectRequest* q,
                               al::AdminDisconnectResponse* r) override {
    return front_.Run(c, "AdminDisconnect", *q,
                      [&] { return End(q->user_id(), al::LINK_CAUSE_DISCONNECTED_BY_ADMIN, *r); });
  }
  grpc::Status CreateCall(grpc::ServerContext* c, const al::CreateCallRequest* q,
                          al::CreateCallResponse* r) override {
    return front_.Run(c, "CreateCall", *q, [&] {
      al::Call call = q->call();
      call.set_call_id(RandomUuid());
      call.set_etag("1");
      calls_[call.call_id()] = {q->user_id(), call};
      *r->mutable_call() = call;
      return absl::OkStatus();
    });
  }
  grpc::Status GetCall(grpc::ServerContext* c, const al::GetCallRequest* q,
                       al::GetCallResponse* r) override {
    return front_.Run(c, "GetCall", *q, [&]() -> absl::Status {
      al::Call* call = FindCall(q->user_id(), q->call_id());
      if (call == nullptr) return NotFound("CALL_NOT_FOUND", "There is no such call.");
      *r->mutable_call() = *call;
      return absl::OkStatus();
    });
  }
  grpc::Status ListCalls(grpc::ServerContext* c, const al::ListCallsRequest* q,
                         al::ListCallsResponse* r) override {
    return front_.Run(c, "ListCalls", *q, [&]() -> absl::Status {
      if (!q->page_token().empty())
        return InvalidField("pageToken", "MALFORMED", "is not of this list.");
      for (const auto& [id, entry] : calls_) {
        if (entry.first == q->user_id() &&
            (q->company_id().empty() || entry.second.company_id() == q->company_id())) {
          *r->add_calls() = entry.second;
        }
      }
      if (r->calls_size() > q->page_size()) r->set_next_page_token("more");
      return absl::OkStatus();
    });
  }
  grpc::Status UpdateCall(grpc::ServerContext* c, const al::UpdateCallRequest* q,
                          al::UpdateCallResponse* r) override {
    return front_.Run(c, "UpdateCall", *q, [&]() -> absl::Status {
      al::Call* call = FindCall(q->user_id(), q->call().call_id());
      if (call == nullptr) return NotFound("CALL_NOT_FOUND", "There is no such call.");
      if (!q->call().etag().empty() && q->call().etag() != call->etag())
        return Aborted("ETAG_MISMATCH", "Read it again.");
      for (const std::string& path : q->update_mask().paths()) {
        if (path == "outcome") call->set_outcome(q->call().outcome());
        if (path == "duration") *call->mutable_duration() = q->call().duration();
      }
      call->set_etag("2");
      *r->mutable_call() = *call;
      return absl::OkStatus();
    });
  }
  grpc::Status DeleteCall(grpc::ServerContext* c, const al::DeleteCallRequest* q,
                          al::DeleteCallResponse*) override {
    return front_.Run(c, "DeleteCall", *q, [&]() -> absl::Status {
      if (FindCall(q->user_id(), q->call_id()) == nullptr)
        return NotFound("CALL_NOT_FOUND", "There is no such call.");
      calls_.erase(q->call_id());
      return absl::OkStatus();
    });
  }
  grpc::Status CreateCallNote(grpc::ServerContext* c, const al::CreateCallNoteRequest* q,
                              al::CreateCallNoteResponse* r) override {
    return front_.Run(c, "CreateCallNote", *q, [&]() -> absl::Status {
      if (q->note().text().empty())
        return InvalidField("text", "OUT_OF_RANGE", "must have 1 to 10,000 characters.");
      al::CallNote note = q->note();
      note.set_note_id(RandomUuid());
      note.set_etag("1");
      notes_[note.note_id()] = {q->user_id(), note};
      *r->mutable_note() = note;
      return absl::OkStatus();
    });
  }
  grpc::Status GetCallNote(grpc::ServerContext* c, const al::GetCallNoteRequest* q,
                           al::GetCallNoteResponse* r) override {
    return front_.Run(c, "GetCallNote", *q, [&]() -> absl::Status {
      al::CallNote* note = FindNote(q->user_id(), q->note_id());
      if (note == nullptr) return NotFound("NOTE_NOT_FOUND", "There is no such note.");
      *r->mutable_note() = *note;
      return absl::OkStatus();
    });
  }
  grpc::Status ListCallNotes(grpc::ServerContext* c, const al::ListCallNotesRequest* q,
                             al::ListCallNotesResponse* r) override {
    return front_.Run(c, "ListCallNotes", *q, [&] {
      for (const auto& [id, entry] : notes_) {
        if (entry.first == q->user_id()) *r->add_notes() = entry.second;
      }
      return absl::OkStatus();
    });
  }
  grpc::Status UpdateCallNote(grpc::ServerContext* c, const al::UpdateCallNoteRequest* q,
                              al::UpdateCallNoteResponse* r) override {
    return front_.Run(c, "UpdateCallNote", *q, [&]() -> absl::Status {
      al::CallNote* note = FindNote(q->user_id(), q->note().note_id());
      if (note == nullptr) return NotFound("NOTE_NOT_FOUND", "There is no such note.");
      if (!q->note().etag().empty() && q->note().etag() != note->etag())
        return Aborted("ETAG_MISMATCH", "Read it again.");
      note->set_text(q->note().text());
      note->set_etag("2");
      *r->mutable_note() = *note;
      return absl::OkStatus();
    });
  }
  grpc::Status DeleteCallNote(grpc::ServerContext* c, const al::DeleteCallNoteRequest* q,
                              al::DeleteCallNoteResponse*) override {
    return front_.Run(c, "DeleteCallNote", *q, [&]() -> absl::Status {
      if (FindNote(q->user_id(), q->note_id()) == nullptr)
        return NotFound("NOTE_NOT_FOUND", "There is no such note.");
      notes_.erase(q->note_id());
      return absl::OkStatus();
    });
  }
  grpc::Status GetUserMetadata(grpc::ServerContext* c, const al::GetUserMetadataRequest* q,
                               al::GetUserMetadataResponse* r) override {
    return front_.Run(c, "GetUserMetadata", *q, [&] {
      r->set_metadata(R"({"Name":"Ann"})");
      return absl::OkStatus();
    });
  }
  grpc::Status UpdateUserMetadata(grpc::ServerContext* c, const al::UpdateUserMetadataRequest* q,
                                  al::UpdateUserMetadataResponse* r) override {
    return front_.Run(c, "UpdateUserMetadata", *q, [&] {
      r->set_metadata(q->metadata());
      return absl::OkStatus();
    });
  }

 private:
  al::Link LinkOf(const std::string& project, const std::string& user) {
    al::Link link = b_.links[user];
    link.set_project_id(project);
    link.set_user_id(user);
    return link;
  }
  template <typename Response>
  absl::Status End(const std::string& user, al::LinkCause cause, Response& response) {
    al::Link& link = b_.links[user];
    if (link.generation() == 0) return NotFound("LINK_NOT_FOUND", "This user never connected.");
    link.set_state(b_.disconnect_takes_long ? al::LINK_STATE_DISCONNECTING : al::LINK_STATE_NONE);
    link.set_cause(cause);
    link.set_generation(link.generation() + 1);
    *response.mutable_link() = link;
    response.mutable_receipt()->set_link_id(link.link_id());
    response.mutable_receipt()->set_generation(link.generation());
    response.mutable_receipt()->set_revoked_at_zoom(!b_.disconnect_takes_long);
    if (!b_.disconnect_takes_long) {
      response.mutable_receipt()->mutable_backups_unreadable_time()->set_seconds(1'796'000'000);
    }
    return absl::OkStatus();
  }
  al::Call* FindCall(const std::string& user, const std::string& id) {
    const auto found = calls_.find(id);
    return found == calls_.end() || found->second.first != user ? nullptr : &found->second.second;
  }
  al::CallNote* FindNote(const std::string& user, const std::string& id) {
    const auto found = notes_.find(id);
    return found == notes_.end() || found->second.first != user ? nullptr : &found->second.second;
  }

  FakeBackends& b_;
  Front front_;
  std::map<std::string, std::pair<std::string, al::Call>> calls_;
  std::map<std::string, std::pair<std::string, al::CallNote>> notes_;
};

class FakeTokenVault final : public tv::TokenVaultService::Service {
 public:
  FakeTokenVault(FakeBackends& backends, const jwt::KeySet& keys)
      : b_(backends),
        front_(backends, "shodan.tokenvault.v1.TokenVaultService", keys, "token-vault") {}

  grpc::Status StartAuthorization(grpc::ServerContext* c, const tv::StartAuthorizationRequest* q,
                                  tv::StartAuthorizationResponse* r) override {
    return front_.Run(c, "StartAuthorization", *q, [&] {
      r->mutable_attempt()->set_attempt_id(q->attempt_id().empty() ? "attempt-of-" + q->user_id()
                                                                   : q->attempt_id());
      r->mutable_attempt()->mutable_expire_time()->set_seconds(1'700'000'000);
      r->set_ticket(q->purpose() == tv::AUTHORIZATION_PURPOSE_RECONNECT ? "ticket-reconnect"
                                                                        : "ticket-connect");
      return absl::OkStatus();
    });
  }
  grpc::Status RedeemTicket(grpc::ServerContext* c, const tv::RedeemTicketRequest* q,
                            tv::RedeemTicketResponse* r) override {
    return front_.Run(c, "RedeemTicket", *q, [&] { return Answer(b_.redeem_ticket(*q), *r); });
  }
  grpc::Status ExchangeCode(grpc::ServerContext* c, const tv::ExchangeCodeRequest* q,
                            tv::ExchangeCodeResponse* r) override {
    return front_.Run(c, "ExchangeCode", *q,
                      [&] { return Answer(b_.exchange_code(*q), *r->mutable_attempt()); });
  }
  grpc::Status GetAttempt(grpc::ServerContext* c, const tv::GetAttemptRequest* q,
                          tv::GetAttemptResponse* r) override {
    return front_.Run(c, "GetAttempt", *q,
                      [&] { return Answer(b_.get_attempt(*q), *r->mutable_attempt()); });
  }
  grpc::Status GetProfile(grpc::ServerContext* c, const tv::GetProfileRequest* q,
                          tv::GetProfileResponse* r) override {
    return front_.Run(c, "GetProfile", *q,
                      [&] { return Answer(b_.profile, *r->mutable_profile()); });
  }

 private:
  template <typename T>
  static absl::Status Answer(const absl::StatusOr<T>& answer, T& response) {
    if (answer.ok()) response = *answer;
    return answer.status();
  }

  FakeBackends& b_;
  Front front_;
};

class FakeCallLink final : public cl::CallLinkService::Service {
 public:
  FakeCallLink(FakeBackends& backends, const jwt::KeySet& keys)
      : front_(backends, "shodan.calllink.v1.CallLinkService", keys, "call-link") {}

  grpc::Status BuildCallLink(grpc::ServerContext* c, const cl::BuildCallLinkRequest* q,
                             cl::BuildCallLinkResponse* r) override {
    return front_.Run(c, "BuildCallLink", *q, [&]() -> absl::Status {
      if (q->number() == "110") return InvalidArgument("NUMBER_EMERGENCY", "Dial it by hand.");
      *r->mutable_call_link() = LinkTo(q->number());
      return absl::OkStatus();
    });
  }
  grpc::Status BuildCallLinks(grpc::ServerContext* c, const cl::BuildCallLinksRequest* q,
                              cl::BuildCallLinksResponse* r) override {
    return front_.Run(c, "BuildCallLinks", *q, [&] {
      for (const std::string& number : q->numbers()) {
        auto* entry = r->add_entries();
        if (number == "110") {
          entry->mutable_problem()->set_reason("NUMBER_EMERGENCY");
          entry->mutable_problem()->set_detail("Dial it by hand.");
        } else {
          *entry->mutable_call_link() = LinkTo(number);
        }
      }
      return absl::OkStatus();
    });
  }

 private:
  static cl::CallLink LinkTo(const std::string& number) {
    cl::CallLink link;
    link.set_call_uri("zoomphonecall://" + number);
    link.set_tel_uri("tel:" + number);
    link.set_e164(number);
    link.set_national_format("national");
    link.set_international_format("international");
    link.set_region_code("JP");
    return link;
  }

  Front front_;
};

class FakeAutomation final : public am::AutomationService::Service {
 public:
  FakeAutomation(FakeBackends& backends, const jwt::KeySet& keys)
      : b_(backends),
        front_(backends, "shodan.automation.v1.AutomationService", keys, "automation") {}

  grpc::Status IngestWebhook(grpc::ServerContext* c, const am::IngestWebhookRequest* q,
                             am::IngestWebhookResponse* r) override {
    return front_.Run(c, "IngestWebhook", *q, [&]() -> absl::Status {
      const auto answer = b_.ingest_webhook(*q);
      if (answer.ok()) *r = *answer;
      return answer.status();
    });
  }

 private:
  FakeBackends& b_;
  Front front_;
};

}  // namespace

struct FakeBackends::Services {
  Services(FakeBackends& backends, const jwt::KeySet& keys)
      : account_link(backends, keys),
        token_vault(backends, keys),
        call_link(backends, keys),
        zoom_api(MakeFakeZoomApiService(backends.zoom, keys)),
        automation(backends, keys) {}

  FakeAccountLink account_link;
  FakeTokenVault token_vault;
  FakeCallLink call_link;
  std::unique_ptr<grpc::Service> zoom_api;
  FakeAutomation automation;
  std::unique_ptr<rpc::Server> account_link_server;
  std::unique_ptr<rpc::Server> token_vault_server;
  std::unique_ptr<rpc::Server> call_link_server;
  std::unique_ptr<rpc::Server> zoom_api_server;
  std::unique_ptr<rpc::Server> automation_server;
};

FakeBackends::FakeBackends(const std::function<rpc::TlsFiles(const std::string&)>& issue,
                           const jwt::KeySet& assertion_keys)
    : profile(NotFound("GRANT_NOT_FOUND", "none")) {
  get_attempt = [](const tv::GetAttemptRequest&) { return NotFound("ATTEMPT_NOT_FOUND", "none"); };
  services_ = std::make_unique<Services>(*this, assertion_keys);
  const auto start = [&](const std::string& name, grpc::Service& service) {
    return *rpc::Server::Start("127.0.0.1:0", issue(name), {&service});
  };
  services_->account_link_server = start("account-link", services_->account_link);
  services_->token_vault_server = start("token-vault", services_->token_vault);
  services_->call_link_server = start("call-link", services_->call_link);
  services_->zoom_api_server = start("zoom-api", *services_->zoom_api);
  services_->automation_server = start("automation", services_->automation);
}

FakeBackends::~FakeBackends() = default;

std::string FakeBackends::account_link_target() const {
  return "localhost:" + std::to_string(services_->account_link_server->port());
}
std::string FakeBackends::token_vault_target() const {
  return "localhost:" + std::to_string(services_->token_vault_server->port());
}
std::string FakeBackends::call_link_target() const {
  return "localhost:" + std::to_string(services_->call_link_server->port());
}

std::string FakeBackends::zoom_api_target() const {
  return "localhost:" + std::to_string(services_->zoom_api_server->port());
}

std::string FakeBackends::automation_target() const {
  return "localhost:" + std::to_string(services_->automation_server->port());
}

void FakeBackends::StopAccountLink() {
  services_->account_link_server->Drain(std::chrono::milliseconds(10));
  services_->account_link_server.reset();
}

size_t FakeBackends::CountCalls(const std::string& method) {
  const std::lock_guard lock(mutex);
  return static_cast<size_t>(
      std::count_if(calls.begin(), calls.end(),
                    [&](const std::string& call) { return call.rfind(method + " ", 0) == 0; }));
}

}  // namespace shodan::gateway
