// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "services/call-link/domain/call_link.h"

namespace shodan::calllink {

/// Remembers a bounded number of links by the text they were built from: a company's screen shows
/// the same numbers again and again, and understanding one costs far more than looking it up.
/// What was not asked for in a while is forgotten. Thread-safe.
class CallLinkCache {
 public:
  /// Holds about `capacity` links at most, at least one for each shard.
  explicit CallLinkCache(size_t capacity);

  /// nullptr when unknown.
  std::shared_ptr<const CallLink> Find(std::string_view key);
  void Store(std::string_view key, std::shared_ptr<const CallLink> link);
  /// For tests.
  size_t size() const;

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Links =
      std::unordered_map<std::string, std::shared_ptr<const CallLink>, Hash, std::equal_to<>>;
  /// Two generations: when the young one is full the old one goes. What is used moves to the young.
  struct Shard {
    mutable std::mutex mutex;  // guards both
    Links young;
    Links old;
  };
  static constexpr size_t kShards = 16;

  Shard& ShardOf(std::string_view key) { return shards_[Hash()(key) % kShards]; }
  // The shard is locked.
  void Insert(Shard& shard, std::string key, std::shared_ptr<const CallLink> link);

  const size_t generation_capacity_;
  std::array<Shard, kShards> shards_;
};

}  // namespace shodan::calllink
