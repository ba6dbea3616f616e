// SPDX-License-Identifier: Apache-2.0
// The program over gRPC: its configuration, its life, its answers.
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "tests/integration/services/account-link/account_link_program.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {
namespace {

namespace v1 = ::shodan::accountlink::v1;
using shodan::testing::IsError;
using shodan::testing::IsOk;
using Stub = v1::AccountLinkService::Stub;
using Fields = std::set<std::string>;

Fields FieldNames(const absl::Status& status) {
  Fields names;
  for (const FieldViolation& field : FieldsOf(status)) names.insert(field.field);
  return names;
}

template <typename Request>
Request For(const std::string& user) {
  Request request;
  request.set_project_id("demo");
  request.set_user_id(user);
  return request;
}

v1::CreateCallRequest ACallRequest(const std::string& user) {
  auto request = For<v1::CreateCallRequest>(user);
  request.set_request_id(RandomUuid());
  request.mutable_call()->set_number("+81312345678");
  request.mutable_call()->set_input_number("03-1234-5678");
  request.mutable_call()->set_region_code("JP");
  request.mutable_call()->set_company_id("c1");
  return request;
}

}  // namespace

TEST_CASE_METHOD(AccountLinkProgram, "the effective configuration is printed without secrets",
                 "[account-link][program]") {
  std::string output;
  REQUIRE(Run(Config({}), {"--check-config"}, &output) == 0);

  const boost::json::value printed = boost::json::parse(output);
  CHECK(printed.at("reconciler").at("interval_ms") == 20);
  CHECK(printed.at("reconciler").at("grace_ms") == 0);
  CHECK(printed.at("watch").at("poll_interval_ms") == 250);
  CHECK(printed.at("watch").at("heartbeat_ms") == 15'000);
  CHECK(printed.at("watch").at("max_age_s") == 3'600);
  CHECK(printed.at("watch").at("max_streams") == 64);
  CHECK(printed.at("watch").at("retention_s") == 30 * 24 * 3'600);
  CHECK(printed.at("vault").as_object().contains("target"));
  CHECK(printed.at("database").at("password_file") == "[redacted]");
  CHECK(output.find("only-in-tests") == std::string::npos);
}

TEST_CASE_METHOD(AccountLinkProgram, "every problem of the configuration is reported at once",
                 "[account-link][program]") {
  std::string output;
  const std::string config =
      R"({"vault":{"target":"nowhere"},"reconciler":{"interval_ms":1,"pause":2},"watch":{"max_age_s":0},)"
      R"("projects_file":"/nonexistent"})";

  CHECK(Run(config, {"--check-config"}, &output) == 2);

  for (const char* const key :
       {"grpc.listen", "admin.listen", "database.host", "vault.target", "vault.ca_file",
        "reconciler.interval_ms", "reconciler.pause", "watch.max_age_s", "projects_file",
        "policy_file", "assertion_keys_file"}) {
    INFO(key << "\n" << output);
    CHECK(output.find(std::string("configuration: ") + key + ":") != std::string::npos);
  }
}

TEST_CASE_METHOD(AccountLinkProgram, "a database without the schema ends the start",
                 "[account-link][program]") {
  std::string output;

  CHECK(Run(Config({}), {}, &output) == 1);

  INFO(output);
  CHECK(output.find("SCHEMA_OUTDATED") != std::string::npos);
}

TEST_CASE_METHOD(AccountLinkProgram, "the projects of the file are told to the gateway",
                 "[account-link][program]") {
  Start();
  v1::GetProjectRequest request;
  request.set_project_id("demo");

  const auto answer = Call(&Stub::GetProject, request, "");

  REQUIRE_THAT(answer, IsOk());
  CHECK(answer->project().display_name() == "Shodan Pro");
  CHECK(answer->project().settings_url() == "https://localhost:8443/app/settings/integrations");
  REQUIRE(answer->project().token_issuers_size() == 1);
  CHECK(answer->project().token_issuers(0).admin_role() == "admin");
  CHECK(answer->project().token_issuers(0).jwks().find("Ed25519") != std::string::npos);

  request.set_project_id("other");
  CHECK_THAT(Call(&Stub::GetProject, request, ""),
             IsError(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
}

TEST_CASE_METHOD(AccountLinkProgram, "a user connects, disconnects and connects again",
                 "[account-link][program]") {
  Start();
  const absl::StatusOr<v1::Link> never = GetLink("aiko");
  REQUIRE_THAT(never, IsOk());
  CHECK(never->state() == v1::LINK_STATE_NONE);
  CHECK(never->link_id().empty());
  CHECK(never->generation() == 0);

  const absl::StatusOr<v1::Link> link =
      CompleteLink("aiko", vault.ExchangedAttempt({"demo", "aiko"}, "zoom-1"));
  REQUIRE_THAT(link, IsOk());
  CHECK(link->state() == v1::LINK_STATE_ACTIVE);
  CHECK(link->generation() == 1);
  CHECK(link->has_connect_time());

  const absl::StatusOr<v1::DisconnectResponse> ended = Disconnect("aiko");
  REQUIRE_THAT(ended, IsOk());
  CHECK(ended->link().state() == v1::LINK_STATE_NONE);
  CHECK(ended->link().cause() == v1::LINK_CAUSE_DISCONNECTED);
  CHECK(ended->receipt().link_id() == link->link_id());
  CHECK(ended->receipt().generation() == 2);
  CHECK(ended->receipt().revoked_at_zoom());
  CHECK(ended->receipt().has_start_time());
  CHECK(ended->receipt().has_end_time());

  const absl::StatusOr<v1::Link> again =
      CompleteLink("aiko", vault.ExchangedAttempt({"demo", "aiko"}, "zoom-2"));
  REQUIRE_THAT(again, IsOk());
  CHECK(again->link_id() == link->link_id());
  CHECK(again->generation() == 3);
}

TEST_CASE_METHOD(AccountLinkProgram, "an administrator disconnects another user",
                 "[account-link][program]") {
  Connected("aiko", "zoom-1");
  Start();
  auto request = For<v1::AdminDisconnectRequest>("aiko");
  request.set_request_id(RandomUuid());

  CHECK_THAT(Call(&Stub::AdminDisconnect, request, "ben"),
             IsError(absl::StatusCode::kPermissionDenied, "ADMIN_ROLE_REQUIRED"));
  const auto ended = Call(&Stub::AdminDisconnect, request, "root");

  REQUIRE_THAT(ended, IsOk());
  CHECK(ended->link().cause() == v1::LINK_CAUSE_DISCONNECTED_BY_ADMIN);
  CHECK(Query("SELECT actor AS value FROM audit WHERE action = 'link.disconnected'") ==
        "admin:root");
}

TEST_CASE_METHOD(AccountLinkProgram, "a disconnect that Zoom has not confirmed answers so far",
                 "[account-link][program]") {
  Connected("aiko", "zoom-1");
  Start();
  vault.set_zoom_confirms(false);

  const absl::StatusOr<v1::DisconnectResponse> begun = Disconnect("aiko");

  REQUIRE_THAT(begun, IsOk());
  CHECK(begun->link().state() == v1::LINK_STATE_DISCONNECTING);
  CHECK_FALSE(begun->receipt().has_end_time());

  vault.FinishErasures(/*revoked_at_zoom=*/false);
  Await("aiko", v1::LINK_STATE_NONE);
}

TEST_CASE_METHOD(AccountLinkProgram, "calls and notes work while the vault is away",
                 "[account-link][program]") {
  Connected("aiko", "zoom-1");
  Start();
  StopVault();

  CHECK_THAT(WriteNote("aiko", "while the vault is away"), IsOk());
  CHECK_THAT(Call(&Stub::CreateCall, ACallRequest("aiko"), "aiko"), IsOk());
  CHECK_THAT(GetLink("aiko"), IsOk());
  CHECK_THAT(Disconnect("aiko"), IsError(absl::StatusCode::kUnavailable, "VAULT_UNAVAILABLE"));
  CHECK(GetLink("aiko")->state() == v1::LINK_STATE_DISCONNECTING);

  StartVault();
  Await("aiko", v1::LINK_STATE_NONE);
}

TEST_CASE_METHOD(AccountLinkProgram, "an absent vault is logged when it goes and when it is back",
                 "[account-link][program]") {
  const auto times = [this](const std::string& text) {
    int found = 0;
    for (size_t at = output().find(text); at != std::string::npos;
         at = output().find(text, at + 1)) {
      ++found;
    }
    return found;
  };
  Start();
  StopVault();
  REQUIRE(program().WaitForOutput("The reconciler cannot work."));
  vault.ExchangedAttempt({"demo", "aiko"}, "zoom-1");

  StartVault();
  REQUIRE(program().WaitForOutput("The reconciler works again."));
  AwaitQuery("SELECT count(*)::text AS value FROM links WHERE state = 'active'", "1");
  CHECK(Kill(SIGTERM) == 0);

  CHECK(times("The reconciler cannot work.") == 1);
  CHECK(times("The reconciler works again.") == 1);
}

TEST_CASE_METHOD(AccountLinkProgram, "a vault that hangs does not keep notes waiting",
                 "[account-link][program]") {
  Start({.crash_points = {}, .grace = std::chrono::seconds(60)});
  std::mutex mutex;
  std::condition_variable changed;
  bool released = false;
  std::atomic<int> waiting = 0;
  vault.OnCall([&](VaultCall call) {
    if (call != VaultCall::kGetAttempt) return;
    std::unique_lock lock(mutex);
    ++waiting;
    changed.notify_all();
    changed.wait(lock, [&] { return released; });
  });
  std::vector<std::thread> callers;
  for (int i = 0; i < 16; ++i) {
    const UserKey owner{"demo", "user-" + std::to_string(i)};
    const std::string attempt = vault.ExchangedAttempt(owner, owner.user_id);
    callers.emplace_back([this, owner, attempt] { (void)CompleteLink(owner.user_id, attempt); });
  }
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return waiting >= 8; });
  }

  CHECK_THAT(WriteNote("aiko", "not kept waiting"), IsOk());
  CHECK_THAT(GetLink("aiko"), IsOk());

  {
    const std::lock_guard lock(mutex);
    released = true;
  }
  changed.notify_all();
  for (std::thread& caller : callers) caller.join();
  vault.OnCall({});
}

TEST_CASE_METHOD(AccountLinkProgram, "records come back through every RPC",
                 "[account-link][program]") {
  Start();
  const auto created = Call(&Stub::CreateCall, ACallRequest("aiko"), "aiko");
  REQUIRE_THAT(created, IsOk());
  const std::string call_id = created->call().call_id();

  auto update = For<v1::UpdateCallRequest>("aiko");
  update.mutable_call()->set_call_id(call_id);
  update.mutable_call()->set_outcome(v1::CALL_OUTCOME_VOICEMAIL);
  update.mutable_call()->mutable_duration()->set_seconds(12);
  update.mutable_call()->set_etag(created->call().etag());
  update.mutable_update_mask()->add_paths("outcome");
  const auto updated = Call(&Stub::UpdateCall, update, "aiko");
  REQUIRE_THAT(updated, IsOk());
  CHECK(updated->call().outcome() == v1::CALL_OUTCOME_VOICEMAIL);
  CHECK_FALSE(updated->call().has_duration());
  CHECK_THAT(Call(&Stub::UpdateCall, update, "aiko"),
             IsError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));

  auto note = For<v1::CreateCallNoteRequest>("aiko");
  note.set_request_id(RandomUuid());
  note.mutable_note()->set_text("  byte for byte \U0001F4DE\n");
  note.mutable_note()->set_call_id(call_id);
  const auto noted = Call(&Stub::CreateCallNote, note, "aiko");
  REQUIRE_THAT(noted, IsOk());
  CHECK(noted->note().text() == note.note().text());
  CHECK(Call(&Stub::CreateCallNote, note, "aiko")->note().note_id() == noted->note().note_id());
  note.mutable_note()->set_text("other");
  CHECK_THAT(Call(&Stub::CreateCallNote, note, "aiko"),
             IsError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));

  auto remove = For<v1::DeleteCallRequest>("aiko");
  remove.set_call_id(call_id);
  REQUIRE_THAT(Call(&Stub::DeleteCall, remove, "aiko"), IsOk());
  CHECK_THAT(Call(&Stub::DeleteCall, remove, "aiko"),
             IsError(absl::StatusCode::kNotFound, "CALL_NOT_FOUND"));

  auto list = For<v1::ListCallNotesRequest>("aiko");
  list.set_call_id(call_id);
  CHECK(Call(&Stub::ListCallNotes, list, "aiko")->notes_size() == 1);

  auto edit = For<v1::UpdateCallNoteRequest>("aiko");
  edit.mutable_note()->set_note_id(noted->note().note_id());
  edit.mutable_note()->set_text("edited");
  CHECK(Call(&Stub::UpdateCallNote, edit, "aiko")->note().text() == "edited");

  auto drop = For<v1::DeleteCallNoteRequest>("aiko");
  drop.set_note_id(noted->note().note_id());
  REQUIRE_THAT(Call(&Stub::DeleteCallNote, drop, "aiko"), IsOk());
  auto get = For<v1::GetCallNoteRequest>("aiko");
  get.set_note_id(noted->note().note_id());
  CHECK_THAT(Call(&Stub::GetCallNote, get, "aiko"),
             IsError(absl::StatusCode::kNotFound, "NOTE_NOT_FOUND"));
}

TEST_CASE_METHOD(AccountLinkProgram, "another user's records do not exist",
                 "[account-link][program]") {
  Start();
  const std::string call_id = Call(&Stub::CreateCall, ACallRequest("ben"), "ben")->call().call_id();
  const std::string note_id = WriteNote("ben", "of ben")->note_id();
  auto get_call = For<v1::GetCallRequest>("aiko");
  get_call.set_call_id(call_id);
  auto get_note = For<v1::GetCallNoteRequest>("aiko");
  get_note.set_note_id(note_id);

  CHECK_THAT(Call(&Stub::GetCall, get_call, "aiko"),
             IsError(absl::StatusCode::kNotFound, "CALL_NOT_FOUND"));
  CHECK_THAT(Call(&Stub::GetCallNote, get_note, "aiko"),
             IsError(absl::StatusCode::kNotFound, "NOTE_NOT_FOUND"));
  CHECK(Call(&Stub::ListCalls, For<v1::ListCallsRequest>("aiko"), "aiko")->calls().empty());
  get_call.set_user_id("ben");
  CHECK_THAT(Call(&Stub::GetCall, get_call, "aiko"),
             IsError(absl::StatusCode::kPermissionDenied, "ASSERTION_USER_MISMATCH"));
}

TEST_CASE_METHOD(AccountLinkProgram, "bad fields are named as the browser knows them",
                 "[account-link][program]") {
  Start();
  auto call = ACallRequest("aiko");
  call.set_request_id("1");
  call.mutable_call()->set_number("110");
  call.mutable_call()->set_company_id(std::string(256, 'c'));
  CHECK(FieldNames(Call(&Stub::CreateCall, call, "aiko").status()) ==
        Fields{"requestId", "number", "companyId"});

  auto update = For<v1::UpdateCallRequest>("aiko");
  update.mutable_call()->set_call_id("x");
  update.mutable_call()->set_outcome(static_cast<v1::CallOutcome>(99));
  update.mutable_call()->mutable_duration()->set_nanos(1);
  for (const char* path : {"outcome", "duration", "number"}) {
    update.mutable_update_mask()->add_paths(path);
  }
  CHECK(FieldNames(Call(&Stub::UpdateCall, update, "aiko").status()) ==
        Fields{"callId", "outcome", "durationSeconds", "updateMask"});
  update.clear_update_mask();
  update.mutable_call()->set_call_id(RandomUuid());
  CHECK(FieldNames(Call(&Stub::UpdateCall, update, "aiko").status()) == Fields{"updateMask"});

  auto note = For<v1::CreateCallNoteRequest>("aiko");
  note.mutable_note()->set_text(std::string("a\0b", 3));
  CHECK(FieldNames(Call(&Stub::CreateCallNote, note, "aiko").status()) ==
        Fields{"requestId", "text", "companyId"});

  auto list = For<v1::ListCallNotesRequest>("aiko");
  list.set_page_size(101);
  list.set_page_token("AAAA");
  list.set_call_id("x");
  CHECK(FieldNames(Call(&Stub::ListCallNotes, list, "aiko").status()) ==
        Fields{"pageSize", "pageToken", "callId"});

  CHECK(FieldNames(CompleteLink("aiko", "x").status()) == Fields{"attemptId"});
  auto disconnect = For<v1::DisconnectRequest>("aiko");
  CHECK(FieldNames(Call(&Stub::Disconnect, disconnect, "aiko").status()) == Fields{"requestId"});
}

TEST_CASE_METHOD(AccountLinkProgram, "SIGTERM ends it cleanly, and its log holds no content",
                 "[account-link][program]") {
  Start();
  REQUIRE_THAT(WriteNote("aiko", "private-note-text"), IsOk());
  REQUIRE_THAT(Call(&Stub::CreateCall, ACallRequest("aiko"), "aiko"), IsOk());

  CHECK(Kill(SIGTERM) == 0);

  CHECK(output().find("request-1") != std::string::npos);
  CHECK(output().find("private-note-text") == std::string::npos);
  CHECK(output().find("312345678") == std::string::npos);
  CHECK(output().find("only-in-tests") == std::string::npos);
}

}  // namespace shodan::account_link::testing
