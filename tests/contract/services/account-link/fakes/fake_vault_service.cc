// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/services/account-link/fakes/fake_vault_service.h"

#include <chrono>
#include <string>

#include "libs/rpc/status_mapping.h"
#include "services/account-link/grpc/conversion.h"

namespace shodan::account_link::testing {
namespace {

namespace vault = ::shodan::tokenvault::v1;

// The numbers are the wire's, written here a second time on purpose: a mistake in the client's
// tables must not be repeated by sharing them.
vault::AttemptState ToWire(AttemptState state) {
  return static_cast<vault::AttemptState>(static_cast<int>(state) + 1);
}
vault::AttemptResult ToWire(AttemptResult result) {
  return static_cast<vault::AttemptResult>(static_cast<int>(result));
}
vault::IdentityMatch ToWire(IdentityMatch match) {
  return static_cast<vault::IdentityMatch>(static_cast<int>(match));
}
vault::GrantState ToWire(LinkState state) {
  return static_cast<vault::GrantState>(static_cast<int>(state) + 1);
}
vault::GrantCause ToWire(LinkCause cause) {
  return static_cast<vault::GrantCause>(static_cast<int>(cause));
}

grpc::Status Fail(const absl::Status& status) {
  return rpc::ToGrpcStatus(status, "tokenvault.shodan");
}

CallScope AnyScope() {
  return {.actor = {}, .deadline = Deadline::After(std::chrono::seconds(30))};
}

}  // namespace

grpc::Status FakeVaultService::GetAttempt(grpc::ServerContext*,
                                          const vault::GetAttemptRequest* request,
                                          vault::GetAttemptResponse* response) {
  const auto attempt = vault_.GetAttempt({request->project_id(), request->user_id()},
                                         request->attempt_id(), AnyScope());
  if (!attempt.ok()) return Fail(attempt.status());
  vault::Attempt& out = *response->mutable_attempt();
  out.set_attempt_id(attempt->attempt_id);
  out.set_project_id(attempt->owner.project_id);
  out.set_user_id(attempt->owner.user_id);
  out.set_purpose(static_cast<vault::AuthorizationPurpose>(static_cast<int>(attempt->purpose) + 1));
  out.set_state(ToWire(attempt->state));
  out.set_result(ToWire(attempt->result));
  response->set_identity_match(ToWire(attempt->identity_match));
  if (attempt->held_elsewhere) response->set_existing_link_id("another link");
  return grpc::Status::OK;
}

grpc::Status FakeVaultService::ActivateGrant(grpc::ServerContext*,
                                             const vault::ActivateGrantRequest* request,
                                             vault::ActivateGrantResponse* response) {
  const auto grant = vault_.ActivateGrant({.owner = {request->project_id(), request->user_id()},
                                           .attempt_id = request->attempt_id(),
                                           .link_id = request->link_id(),
                                           .expected_generation = request->expected_generation(),
                                           .decision_id = request->decision_id()},
                                          AnyScope());
  if (!grant.ok()) return Fail(grant.status());
  response->set_generation(grant->generation);
  if (grant->superseded.has_value()) {
    auto& ended = *response->mutable_superseded_link();
    ended.set_link_id(grant->superseded->link_id);
    ended.set_project_id(grant->superseded->owner.project_id);
    ended.set_user_id(grant->superseded->owner.user_id);
    ended.set_generation(grant->superseded->generation);
  }
  return grpc::Status::OK;
}

grpc::Status FakeVaultService::DiscardPendingGrant(grpc::ServerContext*,
                                                   const vault::DiscardPendingGrantRequest* request,
                                                   vault::DiscardPendingGrantResponse*) {
  const absl::Status status =
      vault_.DiscardPendingGrant({.attempt_id = request->attempt_id(),
                                  .result = static_cast<AttemptResult>(request->result()),
                                  .decision_id = request->decision_id()},
                                 AnyScope());
  return status.ok() ? grpc::Status::OK : Fail(status);
}

grpc::Status FakeVaultService::ResolveIdentity(grpc::ServerContext*,
                                               const vault::ResolveIdentityRequest* request,
                                               vault::ResolveIdentityResponse* response) {
  const auto link = vault_.ResolveIdentity(
      {request->project_id(), request->zoom_account_id(), request->zoom_user_id()}, AnyScope());
  if (!link.ok()) return Fail(link.status());
  response->set_link_id(link->link_id);
  response->set_user_id(link->owner.user_id);
  response->set_generation(link->generation);
  return grpc::Status::OK;
}

grpc::Status FakeVaultService::EraseGrant(grpc::ServerContext*,
                                          const vault::EraseGrantRequest* request,
                                          vault::EraseGrantResponse* response) {
  const auto erasure = vault_.EraseGrant({.owner = {request->project_id(), request->user_id()},
                                          .link_id = request->link_id(),
                                          .expected_generation = request->expected_generation(),
                                          .decision_id = request->decision_id(),
                                          .cause = static_cast<LinkCause>(request->cause())},
                                         AnyScope());
  if (!erasure.ok()) return Fail(erasure.status());
  response->set_state(ToWire(erasure->state));
  vault::ErasureReceipt& receipt = *response->mutable_receipt();
  receipt.set_link_id(request->link_id());
  receipt.set_generation(erasure->generation);
  if (erasure->start_time.has_value()) {
    *receipt.mutable_start_time() = ToProto(*erasure->start_time);
  }
  if (erasure->end_time.has_value()) *receipt.mutable_end_time() = ToProto(*erasure->end_time);
  receipt.set_revoked_at_zoom(erasure->revoked_at_zoom);
  if (erasure->backups_unreadable_time.has_value()) {
    *receipt.mutable_backups_unreadable_time() = ToProto(*erasure->backups_unreadable_time);
  }
  return grpc::Status::OK;
}

grpc::Status FakeVaultService::ListPendingGrants(grpc::ServerContext*,
                                                 const vault::ListPendingGrantsRequest* request,
                                                 vault::ListPendingGrantsResponse* response) {
  const auto min_age = std::chrono::seconds(request->min_age().seconds()) +
                       std::chrono::nanoseconds(request->min_age().nanos());
  const auto page =
      vault_.ListPendingGrants(std::chrono::duration_cast<std::chrono::milliseconds>(min_age),
                               request->page_token(), AnyScope());
  if (!page.ok()) return Fail(page.status());
  for (const PendingGrant& grant : page->grants) {
    vault::PendingGrant& out = *response->add_pending_grants();
    out.set_attempt_id(grant.attempt_id);
    out.set_project_id(grant.owner.project_id);
    out.set_user_id(grant.owner.user_id);
  }
  response->set_next_page_token(page->next_page);
  return grpc::Status::OK;
}

grpc::Status FakeVaultService::ListGrantEvents(grpc::ServerContext*,
                                               const vault::ListGrantEventsRequest* request,
                                               vault::ListGrantEventsResponse* response) {
  const auto events =
      vault_.ListGrantEvents(request->after_event_id(), request->page_size(), AnyScope());
  if (!events.ok()) return Fail(events.status());
  for (const GrantEvent& event : *events) {
    vault::GrantEvent& out = *response->add_events();
    out.set_event_id(event.event_id);
    out.set_link_id(event.link_id);
    out.set_project_id(event.owner.project_id);
    out.set_user_id(event.owner.user_id);
    out.set_generation(event.generation);
    out.set_state(ToWire(event.state));
    out.set_cause(ToWire(event.cause));
    *out.mutable_create_time() = ToProto(event.create_time);
  }
  return grpc::Status::OK;
}

}  // namespace shodan::account_link::testing
