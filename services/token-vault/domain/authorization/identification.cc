// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/authorization/identification.h"

#include "libs/base/status.h"
#include "services/token-vault/domain/errors.h"

namespace shodan::tokenvault {
namespace {

constexpr int kSweepBatch = 20;

}  // namespace

absl::Status Identification::Identify(const PendingGrant& grant, Deadline deadline) {
  const Owner owner{grant.project_id, grant.user_id};
  const ZoomAppPtr app = apps_.ById(grant.zoom_app_id);
  if (app == nullptr) return NotFound(kProjectNotFound, "The project's Zoom app is gone.");
  SHODAN_ASSIGN_OR_RETURN(
      const Secret access_token,
      sealing_.OpenPendingToken(Sealing::TokenKind::kAccess, grant.attempt_id, owner,
                                grant.token_version, grant.sealed_access_token));
  SHODAN_ASSIGN_OR_RETURN(const ZoomProfile profile, zoom_.ReadProfile(*app, access_token));
  const IdentityTags tags = sealing_.Tags(grant.zoom_app_id, profile.account_id, profile.user_id);
  const std::string sealed =
      sealing_.SealPendingProfile(grant.attempt_id, owner, EncodeProfile(profile));
  return pending_.SetIdentity(grant.attempt_id, sealed, tags, sealing_.key_epoch(), deadline);
}

absl::Status Identification::Sweep(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::vector<PendingGrant> due,
                          pending_.TakeUnidentified(kSweepBatch, deadline));
  absl::Status first_error;
  for (const PendingGrant& grant : due) {
    if (deadline.Expired()) break;
    first_error.Update(Identify(grant, deadline));
  }
  return first_error;
}

}  // namespace shodan::tokenvault
