// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>

#include "libs/base/status.h"
#include "services/account-link/domain/limits.h"
#include "services/account-link/grpc/account_link_service.h"
#include "services/account-link/grpc/conversion.h"
#include "services/account-link/grpc/method_name.h"

namespace shodan::account_link {
namespace {

// A connection that has less time left is not begun: its answer would not be heard.
constexpr std::chrono::seconds kTimeForOne{5};

static_assert(static_cast<int>(ImportOutcome::kUnavailable) + 1 == v1::IMPORT_OUTCOME_UNAVAILABLE);
static_assert(static_cast<int>(ImportOutcome::kRefusedOtherUser) + 1 ==
              v1::IMPORT_OUTCOME_REFUSED_OTHER_USER);

void Write(const ImportResult& result, v1::ImportResult& message) {
  message.set_outcome(static_cast<v1::ImportOutcome>(static_cast<int>(result.outcome) + 1));
  message.set_field(result.field);
  message.set_reason(result.reason);
}

absl::Status Check(const v1::ImportConnectionsRequest& request) {
  RequestCheck check;
  check.ProjectId(request.project_id());
  if (request.connections_size() < 1 || request.connections_size() > kMaxImportedConnections) {
    check.Add("connections", "OUT_OF_RANGE", "must be 1 to 20");
  }
  return check.Finish();
}

}  // namespace

grpc::ServerUnaryReactor* AccountLinkService::ImportConnections(
    grpc::CallbackServerContext* context, const v1::ImportConnectionsRequest* request,
    v1::ImportConnectionsResponse* response) {
  return rpc::RunUnary(
      context, saga_, MethodName("ImportConnections"), request, response,
      [this](const rpc::CallContext& call, const v1::ImportConnectionsRequest& got)
          -> absl::StatusOr<v1::ImportConnectionsResponse> {
        SHODAN_RETURN_IF_ERROR(Check(got));
        const CallScope scope = ScopeOf(call);
        SHODAN_RETURN_IF_ERROR(use_cases_.directory.GetProject(got.project_id(), scope).status());
        v1::ImportConnectionsResponse answer;
        for (const v1::ConnectionToImport& connection : got.connections()) {
          if (call.deadline.Remaining() < kTimeForOne) {
            Write({ImportOutcome::kUnavailable, "", "NOT_TRIED"}, *answer.add_results());
            continue;
          }
          Write(use_cases_.import_connections.Run(
                    {.owner = {got.project_id(), connection.user_id()},
                     .external_id = connection.external_id(),
                     .scopes = {connection.scopes().begin(), connection.scopes().end()},
                     .envelope = connection.envelope()},
                    got.validate_only(), scope),
                *answer.add_results());
        }
        return answer;
      });
}

}  // namespace shodan::account_link
