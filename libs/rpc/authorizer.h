// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <grpcpp/grpcpp.h>

#include "absl/status/statusor.h"
#include "libs/jwt/jws.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/policy.h"

namespace google::protobuf {
class Message;
}

namespace shodan::rpc {

/// Whether a call may go on for as long as it likes. Only streams may: they have an age limit.
enum class DeadlineRule { kRequired, kOptional };

/// Decides from certificate, policy and assertion whether a call may go on. Thread-safe.
class Authorizer {
 public:
  /// `audience` is this service's name.
  Authorizer(Policy policy, jwt::KeySet assertion_keys, std::string audience);

  /// Fills the context or refuses: INVALID_ARGUMENT/DEADLINE_REQUIRED, UNAUTHENTICATED/
  /// PEER_IDENTITY_MISSING, PERMISSION_DENIED/CALLER_NOT_ALLOWED, UNAUTHENTICATED/
  /// ASSERTION_REQUIRED, /ASSERTION_INVALID, PERMISSION_DENIED/ASSERTION_USER_MISMATCH when the
  /// request's project_id or user_id (in the request itself) differ from the assertion's, and
  /// PERMISSION_DENIED/ADMIN_ROLE_REQUIRED, or /SCOPE_REQUIRED (metadata "scope") of an API key. On
  /// behalf of an API key the request's project alone is compared.
  absl::StatusOr<CallContext> Authorize(const grpc::ServerContextBase& context,
                                        std::string_view method,
                                        const google::protobuf::Message& request,
                                        DeadlineRule rule = DeadlineRule::kRequired) const;

  /// The two halves of Authorize(), for a stream whose first message says whose it is: all that can
  /// be told before it has come, and then what it says against the assertion.
  absl::StatusOr<CallContext> Admit(const grpc::ServerContextBase& context, std::string_view method,
                                    DeadlineRule rule = DeadlineRule::kRequired) const;
  static absl::Status CheckRequest(const CallContext& call,
                                   const google::protobuf::Message& request);

 private:
  Policy policy_;
  jwt::KeySet assertion_keys_;
  std::string audience_;
};

}  // namespace shodan::rpc
