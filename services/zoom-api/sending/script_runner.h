// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_map>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "libs/redis/client.h"
#include "services/zoom-api/sending/budget_script.h"

namespace shodan::zoomapi {

/// Runs scripts by their hash, after loading those that Redis does not have. Used on one strand.
class ScriptRunner {
 public:
  /// Redis outlives the runner.
  explicit ScriptRunner(redis::Commands& redis) : redis_(redis) {}

  /// Errors as redis::Commands::Execute(); an error of the script is a reply. The runner lives
  /// until it completes.
  boost::asio::awaitable<absl::StatusOr<redis::Reply>> Run(ScriptCall call);

 private:
  redis::Commands& redis_;
  std::unordered_map<const char*, std::string> hashes_;  ///< as Redis told them
};

}  // namespace shodan::zoomapi
