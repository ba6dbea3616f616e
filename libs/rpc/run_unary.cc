// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/run_unary.h"

#include <string_view>

namespace shodan::rpc {

void ReportCall(const ServiceRuntime& runtime, const std::string& method, const CallContext* call,
                const absl::Status& status, std::chrono::steady_clock::time_point started) {
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  const std::string code = absl::StatusCodeToString(status.code());
  runtime.metrics.ObserveSeconds("shodan_rpc_server_seconds", "Duration of handled RPCs.",
                                 {{"method", method}}, seconds);
  runtime.metrics.Count("shodan_rpc_server_total", "Handled RPCs by status code.",
                        {{"method", method}, {"code", code}});
  const std::string reason = ReasonOf(status);
  const std::string_view caller = call == nullptr ? "" : std::string_view(call->caller);
  const std::string_view request_id = call == nullptr ? "" : std::string_view(call->request_id);
  const double milliseconds = seconds * 1000;
  const bool failed = status.code() == absl::StatusCode::kInternal ||
                      status.code() == absl::StatusCode::kDataLoss ||
                      status.code() == absl::StatusCode::kUnknown;
  if (failed) {
    // Our own messages hold no secret and no data of Zoom's; here they are the only diagnosis.
    runtime.log.Error(
        "rpc failed",
        {{"method", method},
         {"caller", caller},
         {"request_id", request_id},
         {"code", code},
         {"reason", reason},
         {"detail", std::string_view(status.message().data(), status.message().size())},
         {"ms", milliseconds}});
    return;
  }
  runtime.log.Info("rpc", {{"method", method},
                           {"caller", caller},
                           {"request_id", request_id},
                           {"code", code},
                           {"reason", reason},
                           {"ms", milliseconds}});
}

}  // namespace shodan::rpc
