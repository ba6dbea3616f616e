// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/domain/call_link_cache.h"

#include <algorithm>
#include <utility>

namespace shodan::calllink {

CallLinkCache::CallLinkCache(size_t capacity)
    : generation_capacity_(std::max<size_t>(1, capacity / (2 * kShards))) {}

std::shared_ptr<const CallLink> CallLinkCache::Find(std::string_view key) {
  Shard& shard = ShardOf(key);
  const std::scoped_lock lock(shard.mutex);
  if (const auto young = shard.young.find(key); young != shard.young.end()) return young->second;
  const auto old = shard.old.find(key);
  if (old == shard.old.end()) return nullptr;
  auto node = shard.old.extract(old);
  std::shared_ptr<const CallLink> link = node.mapped();
  Insert(shard, std::move(node.key()), link);
  return link;
}

void CallLinkCache::Store(std::string_view key, std::shared_ptr<const CallLink> link) {
  Shard& shard = ShardOf(key);
  const std::scoped_lock lock(shard.mutex);
  Insert(shard, std::string(key), std::move(link));
}

size_t CallLinkCache::size() const {
  size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::scoped_lock lock(shard.mutex);
    size += shard.young.size() + shard.old.size();
  }
  return size;
}

void CallLinkCache::Insert(Shard& shard, std::string key, std::shared_ptr<const CallLink> link) {
  if (shard.young.size() >= generation_capacity_) {
    shard.old = std::move(shard.young);
    shard.young.clear();
  }
  shard.young.insert_or_assign(std::move(key), std::move(link));
}

}  // namespace shodan::calllink
