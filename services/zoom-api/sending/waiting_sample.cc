// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/sending/waiting_sample.h"

#include <algorithm>
#include <utility>

#include "libs/crypto/digest.h"

namespace shodan::zoomapi {
namespace {

constexpr size_t kUsersMax = 64;
constexpr size_t kHashBytes = 8;

}  // namespace

WaitingSample SampleOf(const std::string& budget_name, const std::vector<std::string>& users) {
  std::vector<std::pair<std::string, std::string>> hashed;
  hashed.reserve(users.size());
  for (const std::string& user : users) {
    hashed.emplace_back(Sha256(LengthPrefixed({budget_name, user})).substr(0, kHashBytes), user);
  }
  std::sort(hashed.begin(), hashed.end());
  hashed.resize(std::min(hashed.size(), kUsersMax));
  WaitingSample sample;
  for (auto& [hash, user] : hashed) {
    sample.hashes += hash;
    sample.users.push_back(std::move(user));
  }
  return sample;
}

}  // namespace shodan::zoomapi
