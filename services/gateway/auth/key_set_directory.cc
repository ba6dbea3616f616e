// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/auth/key_set_directory.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/concurrency/offload.h"

namespace shodan::gateway {
namespace {

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

absl::Status KeysUnavailable() {
  return Unavailable("ISSUER_KEYS_UNAVAILABLE",
                     "The sign-in service's keys cannot be read now. Try again in a moment.");
}

}  // namespace

bool IsKeySetUrlAllowed(std::string_view url) {
  if (StartsWith(url, "https://")) return true;
  for (const std::string_view host : {"http://localhost", "http://127.0.0.1", "http://[::1]"}) {
    if (!StartsWith(url, host)) continue;
    const std::string_view rest = url.substr(host.size());
    return rest.empty() || rest.front() == ':' || rest.front() == '/';
  }
  return false;
}

KeySetDirectory::KeySetDirectory(HttpsClient& client, WorkerPool& pool, Options options,
                                 Clock clock)
    : client_(client), pool_(pool), options_(options), clock_(std::move(clock)) {}

boost::asio::awaitable<absl::StatusOr<jwt::KeySet>> KeySetDirectory::Get(std::string url,
                                                                         bool unknown_key) {
  if (!IsKeySetUrlAllowed(url)) co_return KeysUnavailable();
  {
    const std::lock_guard lock(mutex_);
    if (!entries_.contains(url) && entries_.size() >= options_.urls_max) entries_.clear();
    const auto now = clock_();
    const auto [position, inserted] = entries_.try_emplace(url);
    Entry& entry = position->second;
    const auto age = now - entry.fetched;
    const bool due = entry.keys.has_value() && !unknown_key ? age >= options_.fresh_for
                                                            : age >= options_.refetch_pause;
    if (!inserted && !due) {
      if (entry.keys.has_value()) co_return *entry.keys;
      co_return KeysUnavailable();
    }
    entry.fetched = now;  // others use what is there meanwhile
  }
  HttpsRequest request;
  request.url = url;
  request.timeout = options_.fetch_time_limit;
  auto shared = std::make_shared<HttpsRequest>(std::move(request));
  std::function<absl::StatusOr<jwt::KeySet>()> fetch = [this,
                                                        shared]() -> absl::StatusOr<jwt::KeySet> {
    const HttpsOutcome outcome = client_.Send(*shared);
    if (!outcome.error.ok() || outcome.status != 200) return KeysUnavailable();
    return jwt::KeySet::Parse(outcome.body.Expose(SecretAccess::ForConnection()));
  };
  auto operation = Offload<absl::StatusOr<jwt::KeySet>>(pool_, std::move(fetch), KeysUnavailable());
  const absl::StatusOr<jwt::KeySet> fetched = co_await std::move(operation);
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[url];
  if (fetched.ok()) entry.keys = *fetched;
  if (entry.keys.has_value()) co_return *entry.keys;
  co_return KeysUnavailable();
}

}  // namespace shodan::gateway
