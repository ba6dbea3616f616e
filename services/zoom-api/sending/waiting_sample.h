// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace shodan::zoomapi {

/// Some of the users who wait for a budget, so that replicas see who waits at several of them.
struct WaitingSample {
  std::string hashes;              ///< of 8 bytes each, in the order of `users`
  std::vector<std::string> users;  ///< at most 64
};

/// The users with the lowest hashes: replicas choose the same ones. What is hashed depends on the
/// budget's name, so that no hash follows a user through budgets. Thread-safe.
WaitingSample SampleOf(const std::string& budget_name, const std::vector<std::string>& users);

}  // namespace shodan::zoomapi
