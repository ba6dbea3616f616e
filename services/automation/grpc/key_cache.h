// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "libs/base/deadline.h"

namespace shodan::automation {

/// Keeps what the vault handed out for a short time: a key that it destroys is unknown here soon
/// after. Bounded. Thread-safe.
template <typename Value>
class KeyCache {
 public:
  static constexpr std::chrono::seconds kLifetime{30};
  static constexpr size_t kEntriesMax = 10'000;

  /// nullptr when it is not known, or no longer.
  std::shared_ptr<const Value> Find(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(name);
    if (found == entries_.end()) return nullptr;
    if (!found->second.end.Expired()) return found->second.value;
    entries_.erase(found);
    return nullptr;
  }

  void Put(const std::string& name, std::shared_ptr<const Value> value) {
    const std::scoped_lock lock(mutex_);
    if (entries_.size() >= kEntriesMax) {
      std::erase_if(entries_, [](const auto& entry) { return entry.second.end.Expired(); });
    }
    if (entries_.size() >= kEntriesMax) entries_.clear();
    entries_.insert_or_assign(name, Entry{std::move(value), Deadline::After(kLifetime)});
  }

 private:
  struct Entry {
    std::shared_ptr<const Value> value;
    Deadline end;
  };

  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace shodan::automation
