// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/resolver.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <netdb.h>
#include <sys/socket.h>

#include "libs/postgres/errors.h"

namespace shodan::postgres {
namespace {

std::vector<std::string> LookUp(const std::string& host, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  std::vector<std::string> addresses;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return addresses;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof(text), nullptr, 0,
                    NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text);
    }
  }
  freeaddrinfo(list);
  return addresses;
}

// Shared with the thread that looks the name up, which may outlive the wait.
struct Lookup {
  std::mutex mutex;  // guards the other two
  std::condition_variable ended;
  bool done = false;
  std::vector<std::string> addresses;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> ResolveHost(const std::string& host, Deadline deadline) {
  std::vector<std::string> addresses = LookUp(host, AI_NUMERICHOST);
  if (!addresses.empty()) return addresses;
  if (deadline.Expired()) return DatabaseTimeout("looking up the database's host name");

  const auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host] {
    std::vector<std::string> found = LookUp(host, AI_ADDRCONFIG);
    const std::lock_guard lock(lookup->mutex);
    lookup->addresses = std::move(found);
    lookup->done = true;
    lookup->ended.notify_one();
  }).detach();

  std::unique_lock lock(lookup->mutex);
  if (!lookup->ended.wait_until(lock, deadline.when(), [&] { return lookup->done; })) {
    return DatabaseTimeout("looking up the database's host name");
  }
  if (lookup->addresses.empty()) return DatabaseUnavailable("its host name has no address");
  return std::move(lookup->addresses);
}

}  // namespace shodan::postgres
