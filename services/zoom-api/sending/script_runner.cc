// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/sending/script_runner.h"

#include <utility>
#include <vector>

#include "libs/base/status.h"

namespace shodan::zoomapi {
namespace {

using redis::Reply;

// A restarted Redis has forgotten its scripts.
bool IsMissing(const absl::StatusOr<Reply>& reply) {
  return reply.ok() && reply->type == Reply::Type::kError && reply->text.starts_with("NOSCRIPT");
}

}  // namespace

boost::asio::awaitable<absl::StatusOr<Reply>> ScriptRunner::Run(ScriptCall call) {
  const char* const script = call.script.data();
  absl::StatusOr<Reply> reply = Internal("REDIS_NOT_ASKED", "No script was run.");
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (hashes_[script].empty()) {
      std::vector<std::string> load{"SCRIPT", "LOAD", std::string(call.script)};
      auto loading = redis_.Execute(std::move(load), redis::kCommandTimeLimit);
      reply = co_await std::move(loading);
      if (!reply.ok() || reply->type != Reply::Type::kString) co_return reply;
      hashes_[script] = reply->text;
    }
    std::vector<std::string> arguments{"EVALSHA", hashes_[script]};
    arguments.insert(arguments.end(), call.arguments.begin(), call.arguments.end());
    auto running = redis_.Execute(std::move(arguments), redis::kCommandTimeLimit);
    reply = co_await std::move(running);
    if (!IsMissing(reply)) co_return reply;
    hashes_[script].clear();
  }
  co_return reply;
}

}  // namespace shodan::zoomapi
