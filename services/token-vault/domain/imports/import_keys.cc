// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/imports/import_keys.h"

#include <optional>
#include <utility>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "libs/jwt/jwe.h"
#include "services/token-vault/domain/errors.h"

namespace shodan::tokenvault {
namespace {

absl::Status NoProject() { return NotFound(kProjectNotFound, "There is no such project."); }

absl::Status NoKey() {
  return NotFound(kImportKeyNotFound,
                  "The project has no such import key, or its time is over. Make one, and encrypt "
                  "the tokens again.");
}

absl::Status Undecryptable() {
  return InvalidArgument(kImportUndecryptable,
                         "The envelope is no JWE with ECDH-ES and A256GCM for an import key of the "
                         "project, or it was changed.");
}

}  // namespace

absl::StatusOr<ImportKey> ImportKeys::Create(const std::string& project_id,
                                             std::chrono::milliseconds lifetime, const Actor& actor,
                                             Deadline deadline) {
  if (apps_.ForProject(project_id) == nullptr) return NoProject();
  const jwt::DecryptionKey key = jwt::DecryptionKey::Generate();
  NewImportKey made;
  made.import_key_id = RandomUuid();
  made.project_id = project_id;
  made.public_jwk = key.PublicJwk(made.import_key_id);
  made.sealed_private_key = sealing_.SealImportKey(made.import_key_id, project_id, key.ToPkcs8());
  made.lifetime = lifetime;
  SHODAN_ASSIGN_OR_RETURN(const std::optional<ImportKey> stored,
                          store_.InsertKey(made, kKeysMax, actor, deadline));
  if (!stored.has_value()) {
    return ResourceExhausted(kTooManyImportKeys,
                             "The project has 20 import keys already: destroy one first.");
  }
  return *stored;
}

absl::StatusOr<std::vector<ImportKey>> ImportKeys::List(const std::string& project_id,
                                                        Deadline deadline) {
  if (apps_.ForProject(project_id) == nullptr) return NoProject();
  return store_.ListKeys(project_id, deadline);
}

absl::Status ImportKeys::Destroy(const std::string& import_key_id, const Actor& actor,
                                 Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const bool known, store_.DestroyKey(import_key_id, actor, deadline));
  return known ? absl::OkStatus() : NoKey();
}

absl::StatusOr<ImportKeys::Opened> ImportKeys::Open(const std::string& project_id,
                                                    std::string_view envelope, Deadline deadline) {
  const std::optional<std::string> kid = jwt::PeekKeyId(envelope);
  if (!kid.has_value()) return Undecryptable();
  if (!IsUuid(*kid)) return NoKey();
  SHODAN_ASSIGN_OR_RETURN(const std::optional<std::string> sealed,
                          store_.FindKey(*kid, project_id, deadline));
  if (!sealed.has_value()) return NoKey();
  SHODAN_ASSIGN_OR_RETURN(const Secret der, sealing_.OpenImportKey(*kid, project_id, *sealed));
  SHODAN_ASSIGN_OR_RETURN(const jwt::DecryptionKey key, jwt::DecryptionKey::FromPkcs8(der));
  absl::StatusOr<Secret> content = key.Decrypt(envelope);
  if (!content.ok()) return Undecryptable();
  return Opened{*kid, *std::move(content)};
}

}  // namespace shodan::tokenvault
