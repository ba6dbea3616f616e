// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/deliveries/secret_sealing.h"

#include "libs/crypto/random.h"
#include "libs/crypto/sealed_field.h"

namespace shodan::automation {
namespace {

SealCoordinates Place(const std::string& project_id, const std::string& secret_id) {
  SealCoordinates at;
  at.table = "endpoint_secrets";
  at.field = "secret";
  at.row_id = secret_id;
  at.project_id = project_id;
  return at;
}

}  // namespace

SealedSecret SealEndpointSecret(const Secret& project_key, const std::string& project_id,
                                const Secret& secret) {
  SealedSecret sealed;
  sealed.secret_id = RandomUuid();
  sealed.sealed = SealField(KeyRing::OfOneKey(project_key.Clone()),
                            Place(project_id, sealed.secret_id), secret);
  return sealed;
}

absl::StatusOr<Secret> OpenEndpointSecret(const Secret& project_key, const std::string& project_id,
                                          const SealedSecret& sealed) {
  return OpenField(KeyRing::OfOneKey(project_key.Clone()), Place(project_id, sealed.secret_id),
                   sealed.sealed);
}

}  // namespace shodan::automation
