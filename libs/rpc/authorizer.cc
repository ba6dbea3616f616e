// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/authorizer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpc/grpc_security_constants.h>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"

namespace shodan::rpc {
namespace {

constexpr std::string_view kSpiffePrefix = "spiffe://";
constexpr size_t kRequestIdSizeMax = 64;

std::string PeerSpiffeId(const grpc::ServerContextBase& context) {
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  if (auth == nullptr || !auth->IsPeerAuthenticated()) return "";
  const std::vector<grpc::string_ref> ids =
      auth->FindPropertyValues(GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
  // More than one URI name would leave open who is calling.
  if (ids.size() != 1) return "";
  std::string id(ids[0].data(), ids[0].size());
  return id.starts_with(kSpiffePrefix) ? id : "";
}

std::optional<std::string> MetadataValue(const grpc::ServerContextBase& context, const char* key) {
  const auto& metadata = context.client_metadata();
  const auto [begin, end] = metadata.equal_range(key);
  if (begin == end || std::next(begin) != end) return std::nullopt;
  return std::string(begin->second.data(), begin->second.size());
}

std::optional<std::string> StringField(const google::protobuf::Message& message, const char* name) {
  const google::protobuf::FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    return std::nullopt;
  }
  return message.GetReflection()->GetString(message, field);
}

std::string RequestIdOf(const grpc::ServerContextBase& context) {
  std::optional<std::string> id = MetadataValue(context, kRequestIdKey);
  if (!id.has_value() || id->empty() || id->size() > kRequestIdSizeMax) return RandomUuid();
  for (const char c : *id) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_';
    if (!plain) return RandomUuid();
  }
  return *std::move(id);
}

absl::Status Mismatch() {
  return PermissionDenied("ASSERTION_USER_MISMATCH",
                          "The request names another project or user than the assertion.");
}

// A message without the field cannot contradict the assertion, but such a method must not be called
// on behalf of a person at all: the user would be unchecked.
absl::Status CheckUser(const Assertion& assertion, const google::protobuf::Message& request,
                       bool same_user) {
  const std::optional<std::string> user = StringField(request, "user_id");
  if (!user.has_value()) return Mismatch();
  return !same_user || *user == assertion.user_id ? absl::OkStatus() : Mismatch();
}

// The mode in which an assertion carries the call; the caller has at least one of them.
absl::StatusOr<CallMode> ModeOf(const Assertion& assertion, const std::set<CallMode>& modes,
                                const std::string& scope) {
  const bool by_key = !assertion.api_key_id.empty();
  if (by_key && modes.contains(CallMode::kApiKey)) {
    const auto& scopes = assertion.scopes;
    if (std::find(scopes.begin(), scopes.end(), scope) != scopes.end()) return CallMode::kApiKey;
    return MakeError(absl::StatusCode::kPermissionDenied, "SCOPE_REQUIRED",
                     Join("The API key does not have the scope ", scope, "."), {{"scope", scope}});
  }
  if (!by_key && modes.contains(CallMode::kUser)) return CallMode::kUser;
  if (!by_key && modes.contains(CallMode::kAdmin)) {
    if (assertion.admin) return CallMode::kAdmin;
    return PermissionDenied("ADMIN_ROLE_REQUIRED", "The method needs the administrator's role.");
  }
  return PermissionDenied("ASSERTION_NOT_ALLOWED",
                          by_key ? "The method is not offered to API keys."
                                 : "The method is not offered on behalf of a person.");
}

}  // namespace

std::string ActorOf(const CallContext& call) {
  if (call.mode == CallMode::kAdmin) return "admin:" + call.assertion->user_id;
  if (call.mode == CallMode::kUser) return "user:" + call.assertion->user_id;
  if (call.mode == CallMode::kApiKey) return "api_key:" + call.assertion->api_key_id;
  return "service:" + call.caller.substr(call.caller.rfind('/') + 1);
}

Authorizer::Authorizer(Policy policy, jwt::KeySet assertion_keys, std::string audience)
    : policy_(std::move(policy)),
      assertion_keys_(std::move(assertion_keys)),
      audience_(std::move(audience)) {}

absl::StatusOr<CallContext> Authorizer::Authorize(const grpc::ServerContextBase& context,
                                                  std::string_view method,
                                                  const google::protobuf::Message& request,
                                                  DeadlineRule rule) const {
  SHODAN_ASSIGN_OR_RETURN(CallContext call, Admit(context, method, rule));
  SHODAN_RETURN_IF_ERROR(CheckRequest(call, request));
  return call;
}

absl::Status Authorizer::CheckRequest(const CallContext& call,
                                      const google::protobuf::Message& request) {
  if (!call.assertion.has_value()) return absl::OkStatus();
  if (StringField(request, "project_id") != call.assertion->project_id) return Mismatch();
  if (call.mode == CallMode::kApiKey) return absl::OkStatus();
  return CheckUser(*call.assertion, request, call.mode == CallMode::kUser);
}

absl::StatusOr<CallContext> Authorizer::Admit(const grpc::ServerContextBase& context,
                                              std::string_view method, DeadlineRule rule) const {
  CallContext call;
  call.method = method;
  call.caller = PeerSpiffeId(context);
  if (call.caller.empty()) {
    return Unauthenticated("PEER_IDENTITY_MISSING", "The client certificate names no service.");
  }
  const std::set<CallMode> modes = policy_.ModesFor(method, call.caller);
  if (modes.empty()) {
    return PermissionDenied("CALLER_NOT_ALLOWED", "The calling service may not use this method.");
  }
  const auto now = std::chrono::system_clock::now();
  if (context.deadline() == std::chrono::system_clock::time_point::max()) {
    if (rule == DeadlineRule::kRequired) {
      return InvalidArgument("DEADLINE_REQUIRED", "The call needs a deadline.");
    }
    call.deadline = Deadline::At(Deadline::Clock::time_point::max());
  } else {
    call.deadline = Deadline::After(
        std::max(std::chrono::milliseconds(0),
                 std::chrono::duration_cast<std::chrono::milliseconds>(context.deadline() - now)));
  }
  call.request_id = RequestIdOf(context);

  const bool sent = context.client_metadata().count(kAssertionKey) > 0;
  if (!sent) {
    if (!modes.contains(CallMode::kService)) {
      return Unauthenticated("ASSERTION_REQUIRED",
                             "The method acts for a person or an API key: send an assertion.");
    }
    return call;
  }
  const std::optional<std::string> token = MetadataValue(context, kAssertionKey);
  SHODAN_ASSIGN_OR_RETURN(Assertion assertion,
                          VerifyAssertion(token.value_or(""), assertion_keys_, audience_, now));
  SHODAN_ASSIGN_OR_RETURN(call.mode,
                          ModeOf(assertion, modes, policy_.ScopeFor(method, call.caller)));
  call.assertion = std::move(assertion);
  return call;
}

}  // namespace shodan::rpc
