// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/assertion_signer.h"

#include <utility>

#include "libs/crypto/digest.h"
#include "libs/rpc/assertion.h"

namespace shodan::gateway {
namespace {

// A reused assertion must outlive the longest call it goes with (20 s), with room for clocks.
constexpr std::chrono::seconds kReuse = rpc::kAssertionLifetime - std::chrono::seconds(30);
constexpr size_t kSignedMax = 10'000;

}  // namespace

AssertionSigner::AssertionSigner(jwt::SigningKey key, Clock clock)
    : key_(std::move(key)), clock_(std::move(clock)) {}

std::string AssertionSigner::For(std::string_view audience, const Person& person) {
  const auto now = clock_();
  const bool by_key = !person.api_key_id().empty();
  // A key acts for any user of its project: what is asserted does not name one.
  const std::string user_id = by_key ? std::string() : person.user_id();
  std::string scopes;
  for (const std::string& scope : person.scopes()) scopes += LengthPrefixed({scope});
  const std::string id =
      LengthPrefixed({audience, person.project_id(), user_id, person.admin() ? "admin" : "user",
                      person.api_key_id(), scopes});
  {
    const std::lock_guard lock(mutex_);
    const auto found = signed_.find(id);
    if (found != signed_.end() && now < found->second.reuse_until) return found->second.text;
  }
  rpc::Assertion assertion;
  assertion.audience = std::string(audience);
  assertion.project_id = person.project_id();
  assertion.user_id = user_id;
  assertion.api_key_id = person.api_key_id();
  assertion.scopes = person.scopes();
  assertion.admin = person.admin();
  std::string text = rpc::SignAssertion(key_, assertion, now);
  const std::lock_guard lock(mutex_);
  if (signed_.size() >= kSignedMax) {
    std::erase_if(signed_, [&](const auto& entry) { return entry.second.reuse_until <= now; });
  }
  if (signed_.size() >= kSignedMax) signed_.clear();
  signed_.insert_or_assign(id, Signed{text, now + kReuse});
  return text;
}

}  // namespace shodan::gateway
