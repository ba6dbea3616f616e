// SPDX-License-Identifier: Apache-2.0
// Import of grants from other systems, and the keys they are encrypted to.
#include <algorithm>
#include <string>

#include <google/protobuf/util/time_util.h>

#include "services/token-vault/grpc/convert.h"
#include "services/token-vault/grpc/field_checks.h"
#include "services/token-vault/grpc/token_vault_service.h"

namespace shodan::tokenvault {
namespace {

using rpc::CallContext;

constexpr size_t kEnvelopeBytesMax = 16'384;
constexpr int kScopesMax = 100;
constexpr size_t kScopeBytesMax = 128;

v1::ImportKey ToProto(const ImportKey& key) {
  v1::ImportKey message;
  message.set_import_key_id(key.import_key_id);
  message.set_project_id(key.project_id);
  message.set_public_jwk(key.public_jwk);
  *message.mutable_create_time() = tokenvault::ToProto(key.created_at);
  *message.mutable_expire_time() = tokenvault::ToProto(key.expires_at);
  message.set_stored_count(key.stored);
  return message;
}

// RFC 6749 section 3.3: scope-token.
bool IsScope(const std::string& text) {
  return !text.empty() && text.size() <= kScopeBytesMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
}

absl::Status Check(const v1::ImportGrantRequest& in) {
  FieldChecks checks;
  checks.Project("projectId", in.project_id())
      .User("userId", in.user_id())
      .Text("envelope", in.envelope(), 1, kEnvelopeBytesMax)
      .Range("scopes", in.scopes_size(), 0, kScopesMax)
      .That(std::all_of(in.scopes().begin(), in.scopes().end(), IsScope), "scopes",
            "scopes of 1 to 128 characters without spaces, quotes or backslashes");
  return checks.Result();
}

}  // namespace

grpc::ServerUnaryReactor* TokenVaultServiceImpl::CreateImportKey(
    grpc::CallbackServerContext* context, const v1::CreateImportKeyRequest* request,
    v1::CreateImportKeyResponse* response) {
  auto handler =
      [this](const CallContext& call,
             const v1::CreateImportKeyRequest& in) -> absl::StatusOr<v1::CreateImportKeyResponse> {
    constexpr std::chrono::seconds kMin = ImportKeys::kLifetimeMin;
    constexpr std::chrono::seconds kMax = ImportKeys::kLifetimeMax;
    const std::chrono::seconds lifetime = in.has_lifetime()
                                              ? std::chrono::seconds(in.lifetime().seconds())
                                              : std::chrono::seconds(ImportKeys::kLifetimeDefault);
    FieldChecks checks;
    checks.Project("projectId", in.project_id())
        .That(lifetime >= kMin && lifetime <= kMax && in.lifetime().nanos() == 0, "lifetime",
              "whole seconds, from 1 hour to 30 days");
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_ASSIGN_OR_RETURN(
        const ImportKey key,
        vault_.import_keys.Create(in.project_id(), lifetime, ActorFrom(call), call.deadline));
    v1::CreateImportKeyResponse out;
    *out.mutable_import_key() = ToProto(key);
    return out;
  };
  return Run(context, "CreateImportKey", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::GetImportKeys(
    grpc::CallbackServerContext* context, const v1::GetImportKeysRequest* request,
    v1::GetImportKeysResponse* response) {
  auto handler =
      [this](const CallContext& call,
             const v1::GetImportKeysRequest& in) -> absl::StatusOr<v1::GetImportKeysResponse> {
    FieldChecks checks;
    SHODAN_RETURN_IF_ERROR(checks.Project("projectId", in.project_id()).Result());
    SHODAN_ASSIGN_OR_RETURN(const std::vector<ImportKey> keys,
                            vault_.import_keys.List(in.project_id(), call.deadline));
    v1::GetImportKeysResponse out;
    for (const ImportKey& key : keys) *out.add_import_keys() = ToProto(key);
    return out;
  };
  return Run(context, "GetImportKeys", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::DestroyImportKey(
    grpc::CallbackServerContext* context, const v1::DestroyImportKeyRequest* request,
    v1::DestroyImportKeyResponse* response) {
  auto handler = [this](const CallContext& call, const v1::DestroyImportKeyRequest& in)
      -> absl::StatusOr<v1::DestroyImportKeyResponse> {
    FieldChecks checks;
    SHODAN_RETURN_IF_ERROR(checks.Uuid("importKeyId", in.import_key_id()).Result());
    SHODAN_RETURN_IF_ERROR(
        vault_.import_keys.Destroy(in.import_key_id(), ActorFrom(call), call.deadline));
    return v1::DestroyImportKeyResponse();
  };
  return Run(context, "DestroyImportKey", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::ImportGrant(grpc::CallbackServerContext* context,
                                                             const v1::ImportGrantRequest* request,
                                                             v1::ImportGrantResponse* response) {
  auto handler = [this](
                     const CallContext& call,
                     const v1::ImportGrantRequest& in) -> absl::StatusOr<v1::ImportGrantResponse> {
    SHODAN_RETURN_IF_ERROR(Check(in));
    SHODAN_ASSIGN_OR_RETURN(
        const ImportedGrant imported,
        vault_.grant_import.Import({.project_id = in.project_id(),
                                    .user_id = in.user_id(),
                                    .envelope = in.envelope(),
                                    .scopes = {in.scopes().begin(), in.scopes().end()},
                                    .validate_only = in.validate_only(),
                                    .known_only = in.known_only()},
                                   ActorFrom(call), call.deadline));
    v1::ImportGrantResponse out;
    if (imported.attempt.has_value())
      *out.mutable_attempt() = tokenvault::ToProto(*imported.attempt);
    out.set_known(imported.known);
    return out;
  };
  return Run(context, "ImportGrant", request, response, std::move(handler));
}

}  // namespace shodan::tokenvault
