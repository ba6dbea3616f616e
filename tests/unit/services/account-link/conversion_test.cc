// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/grpc/conversion.h"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "libs/rpc/status_mapping.h"
#include "services/account-link/grpc/vault_client.h"
#include "services/account-link/grpc/vault_conversion.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link {
namespace {

namespace vault = ::shodan::tokenvault::v1;
using testing::IsError;

constexpr char kId[] = "6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e";

std::vector<std::string> FieldNames(const RequestCheck& check) {
  std::vector<std::string> names;
  for (const FieldViolation& field : FieldsOf(check.Finish())) names.push_back(field.field);
  return names;
}

v1::UpdateCallRequest AnUpdate(const std::vector<std::string>& paths) {
  v1::UpdateCallRequest request;
  for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
  return request;
}

vault::GrantEvent AnEvent() {
  vault::GrantEvent event;
  event.set_event_id(7);
  event.set_link_id(kId);
  event.set_project_id("demo");
  event.set_user_id("aiko");
  event.set_generation(3);
  event.set_state(vault::GRANT_STATE_NONE);
  event.set_cause(vault::GRANT_CAUSE_TAKEN_OVER);
  event.mutable_create_time()->set_seconds(1'763'700'000);
  event.mutable_create_time()->set_nanos(123'456'000);
  return event;
}

}  // namespace

TEST_CASE("times keep their microseconds, also before 1970", "[account-link][grpc]") {
  const Time time(std::chrono::microseconds(1'763'700'000'123'456));
  CHECK(ToProto(time).seconds() == 1'763'700'000);
  CHECK(ToProto(time).nanos() == 123'456'000);
  const Time early(std::chrono::microseconds(-1));
  CHECK(ToProto(early).seconds() == -1);
  CHECK(ToProto(early).nanos() == 999'999'000);
}

TEST_CASE("a link that was never connected has no times on the wire", "[account-link][grpc]") {
  Link link;
  link.owner = {"demo", "aiko"};

  const v1::Link out = ToProto(link);

  CHECK(out.project_id() == "demo");
  CHECK(out.user_id() == "aiko");
  CHECK(out.link_id().empty());
  CHECK(out.state() == v1::LINK_STATE_NONE);
  CHECK(out.cause() == v1::LINK_CAUSE_UNSPECIFIED);
  CHECK_FALSE(out.has_connect_time());
  CHECK_FALSE(out.has_update_time());
}

TEST_CASE("every state and cause has its own value on the wire", "[account-link][grpc]") {
  const std::vector<std::pair<LinkCause, v1::LinkCause>> causes = {
      {LinkCause::kUnspecified, v1::LINK_CAUSE_UNSPECIFIED},
      {LinkCause::kLostResponse, v1::LINK_CAUSE_LOST_RESPONSE},
      {LinkCause::kRevoked, v1::LINK_CAUSE_REVOKED},
      {LinkCause::kAccountInactive, v1::LINK_CAUSE_ACCOUNT_INACTIVE},
      {LinkCause::kReauthorizedElsewhere, v1::LINK_CAUSE_REAUTHORIZED_ELSEWHERE},
      {LinkCause::kExpired, v1::LINK_CAUSE_EXPIRED},
      {LinkCause::kTakenOver, v1::LINK_CAUSE_TAKEN_OVER},
      {LinkCause::kDisconnected, v1::LINK_CAUSE_DISCONNECTED},
      {LinkCause::kDisconnectedByAdmin, v1::LINK_CAUSE_DISCONNECTED_BY_ADMIN},
      {LinkCause::kAppReplaced, v1::LINK_CAUSE_APP_REPLACED},
  };
  for (const auto& [ours, wire] : causes) {
    Link link;
    link.cause = ours;
    CHECK(ToProto(link).cause() == wire);
  }
  const std::vector<std::pair<LinkState, v1::LinkState>> states = {
      {LinkState::kNone, v1::LINK_STATE_NONE},
      {LinkState::kActive, v1::LINK_STATE_ACTIVE},
      {LinkState::kReconnectRequired, v1::LINK_STATE_RECONNECT_REQUIRED},
      {LinkState::kDisconnecting, v1::LINK_STATE_DISCONNECTING},
  };
  for (const auto& [ours, wire] : states) {
    Link link;
    link.state = ours;
    CHECK(ToProto(link).state() == wire);
  }
}

TEST_CASE("an event of a watch carries its token, and its link where it tells of one",
          "[account-link][grpc]") {
  LinkEvent event;
  event.kind = LinkEventKind::kChange;
  event.resume = ChangePosition{7, Time(std::chrono::seconds(5))};
  event.link.owner = {"demo", "aiko"};
  event.link.link_id = "link";
  event.link.change_time = Time(std::chrono::seconds(5));
  event.link.generation = 3;
  event.link.state = LinkState::kReconnectRequired;
  event.link.cause = LinkCause::kExpired;

  v1::LinkEvent out = ToProto(event, "demo");
  CHECK(out.kind() == v1::LINK_EVENT_KIND_CHANGE);
  CHECK(DecodeResumeToken(out.resume_token(), "demo") == event.resume);
  CHECK(out.event_time().seconds() == 5);
  CHECK(out.project_id() == "demo");
  CHECK(out.user_id() == "aiko");
  CHECK(out.link_id() == "link");
  CHECK(out.generation() == 3);
  CHECK(out.state() == v1::LINK_STATE_RECONNECT_REQUIRED);
  CHECK(out.cause() == v1::LINK_CAUSE_EXPIRED);

  event.kind = LinkEventKind::kSnapshot;
  event.resume.reset();
  out = ToProto(event, "demo");
  CHECK(out.kind() == v1::LINK_EVENT_KIND_SNAPSHOT);
  CHECK(out.resume_token().empty());
  CHECK(out.user_id() == "aiko");
  for (const auto& [kind, wire] :
       {std::pair(LinkEventKind::kSnapshotEnd, v1::LINK_EVENT_KIND_SNAPSHOT_END),
        std::pair(LinkEventKind::kHeartbeat, v1::LINK_EVENT_KIND_HEARTBEAT)}) {
    event.kind = kind;
    out = ToProto(event, "demo");
    CHECK(out.kind() == wire);
    CHECK(out.user_id().empty());
    CHECK(out.state() == v1::LINK_STATE_UNSPECIFIED);
  }
}

TEST_CASE("a receipt's date for backups goes through both ways", "[account-link][grpc]") {
  vault::EraseGrantResponse erasure;
  erasure.set_state(vault::GRANT_STATE_NONE);
  erasure.mutable_receipt()->set_generation(2);
  CHECK_FALSE(ReadErasure(erasure)->backups_unreadable_time.has_value());
  CHECK_FALSE(ToProto(DisconnectReceipt()).has_backups_unreadable_time());

  erasure.mutable_receipt()->mutable_backups_unreadable_time()->set_seconds(77);
  DisconnectReceipt receipt;
  receipt.backups_unreadable_time = ReadErasure(erasure)->backups_unreadable_time;
  CHECK(ToProto(receipt).backups_unreadable_time().seconds() == 77);
}

TEST_CASE("an update changes what its mask names", "[account-link][grpc]") {
  v1::UpdateCallRequest request = AnUpdate({"outcome"});
  request.mutable_call()->set_outcome(v1::CALL_OUTCOME_BUSY);
  request.mutable_call()->mutable_duration()->set_seconds(5);
  RequestCheck check;

  const CallChange change = ChangeOf(request, check);

  CHECK(FieldNames(check).empty());
  CHECK(change.outcome == CallOutcome::kBusy);
  CHECK_FALSE(change.duration.has_value());
}

TEST_CASE("a duration that is named and absent becomes unknown", "[account-link][grpc]") {
  RequestCheck check;

  const CallChange change = ChangeOf(AnUpdate({"duration"}), check);

  CHECK(FieldNames(check).empty());
  REQUIRE(change.duration.has_value());
  CHECK_FALSE(change.duration->has_value());
}

TEST_CASE("an update without a mask, or with another field, is refused", "[account-link][grpc]") {
  for (const std::vector<std::string>& paths :
       {std::vector<std::string>{}, {"number"}, {"*"}, {"call.outcome"}, {"outcome", "etag"}}) {
    RequestCheck check;
    ChangeOf(AnUpdate(paths), check);
    CHECK(FieldNames(check) == std::vector<std::string>{"updateMask"});
  }
}

TEST_CASE("values that no caller should send are named", "[account-link][grpc]") {
  v1::UpdateCallRequest request = AnUpdate({"outcome", "duration"});
  request.mutable_call()->set_outcome(static_cast<v1::CallOutcome>(6));
  request.mutable_call()->mutable_duration()->set_nanos(500'000'000);
  RequestCheck check;

  ChangeOf(request, check);

  CHECK(FieldNames(check) == std::vector<std::string>{"outcome", "durationSeconds"});
}

TEST_CASE("an event of the vault is read in every field", "[account-link][grpc]") {
  const absl::StatusOr<GrantEvent> event = ReadGrantEvent(AnEvent());

  REQUIRE(event.ok());
  CHECK(event->event_id == 7);
  CHECK(event->link_id == kId);
  CHECK(event->owner == UserKey{"demo", "aiko"});
  CHECK(event->generation == 3);
  CHECK(event->state == LinkState::kNone);
  CHECK(event->cause == LinkCause::kTakenOver);
  CHECK(event->create_time == Time(std::chrono::microseconds(1'763'700'000'123'456)));
}

TEST_CASE("an answer of the vault that is not understood is never guessed at",
          "[account-link][grpc]") {
  const auto unknown = IsError(absl::StatusCode::kInternal, "VAULT_ANSWER_UNKNOWN");
  vault::GrantEvent event = AnEvent();
  event.set_state(vault::GRANT_STATE_UNSPECIFIED);
  CHECK_THAT(ReadGrantEvent(event), unknown);
  event = AnEvent();
  event.set_cause(static_cast<vault::GrantCause>(99));
  CHECK_THAT(ReadGrantEvent(event), unknown);
  event = AnEvent();
  event.set_link_id("x");
  CHECK_THAT(ReadGrantEvent(event), unknown);

  vault::GetAttemptResponse attempt;
  CHECK_THAT(ReadAttempt(attempt), unknown);

  vault::EraseGrantResponse erasure;
  erasure.set_state(vault::GRANT_STATE_ACTIVE);
  erasure.mutable_receipt()->set_generation(2);
  CHECK_THAT(ReadErasure(erasure), unknown);
  CHECK_THAT(ReadActivation(vault::ActivateGrantResponse()), unknown);
}

TEST_CASE("reasons of the vault that decide what happens next are kept", "[account-link][grpc]") {
  const std::vector<std::pair<absl::StatusCode, std::string>> kept = {
      {absl::StatusCode::kNotFound, "ATTEMPT_NOT_FOUND"},
      {absl::StatusCode::kAborted, "GENERATION_MISMATCH"},
      {absl::StatusCode::kNotFound, "PENDING_GRANT_NOT_FOUND"},
      {absl::StatusCode::kFailedPrecondition, "PENDING_GRANT_DEAD"},
      {absl::StatusCode::kUnavailable, "PENDING_GRANT_NOT_PROVED"},
      {absl::StatusCode::kFailedPrecondition, "LINK_DISCONNECTING"},
      {absl::StatusCode::kNotFound, "GRANT_NOT_FOUND"},
      {absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"},
  };
  for (const auto& [code, reason] : kept) {
    const grpc::Status wire =
        rpc::ToGrpcStatus(MakeError(code, reason, "message"), "tokenvault.shodan");
    CHECK_THAT(FromVaultStatus(wire), IsError(code, reason));
  }
}

TEST_CASE("everything else the vault fails with is its absence", "[account-link][grpc]") {
  const std::vector<grpc::Status> failures = {
      {grpc::UNAVAILABLE, "connection refused"},
      {grpc::DEADLINE_EXCEEDED, ""},
      {grpc::UNIMPLEMENTED, ""},
      {grpc::NOT_FOUND, "no details"},
      rpc::ToGrpcStatus(Unavailable("DATABASE_UNAVAILABLE", "x"), "tokenvault.shodan"),
      rpc::ToGrpcStatus(ResourceExhausted("SERVER_BUSY", "x"), "tokenvault.shodan"),
      rpc::ToGrpcStatus(PermissionDenied("CALLER_NOT_ALLOWED", "x"), "tokenvault.shodan"),
      rpc::ToGrpcStatus(Internal("UNEXPECTED", "x"), "tokenvault.shodan"),
  };
  for (const grpc::Status& failure : failures) {
    const absl::Status status = FromVaultStatus(failure);
    CHECK_THAT(status, IsError(absl::StatusCode::kUnavailable, "VAULT_UNAVAILABLE"));
    CHECK(RetryAfterOf(status).has_value());
    CHECK(std::string(status.message()).find("connection refused") == std::string::npos);
  }
}

}  // namespace shodan::account_link
