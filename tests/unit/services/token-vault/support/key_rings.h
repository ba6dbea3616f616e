// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "libs/base/encoding.h"
#include "libs/crypto/key_ring.h"

namespace shodan::testing {

/// An epoch with a key made of one letter; the last one of a ring is primary.
using Epoch = std::pair<int, char>;

inline KeyRing RingOf(std::initializer_list<Epoch> epochs, const std::string& next_tag_key = "") {
  std::string text = R"({"format":1,"epochs":[)";
  for (const Epoch& epoch : epochs) {
    const bool primary = &epoch == epochs.end() - 1;
    text += (&epoch == epochs.begin() ? "" : ",");
    text += R"({"key_epoch":)" + std::to_string(epoch.first) + R"(,"state":")" +
            (primary ? "primary" : "readable") + R"(","key":")" +
            Base64Encode(std::string(32, epoch.second)) + "\"}";
  }
  text += R"(],"tag_keys":[{"tag_version":1,"state":"current","key":")" +
          Base64Encode(std::string(32, 't')) + "\"}";
  if (!next_tag_key.empty()) {
    text += R"(,{"tag_version":2,"state":"next","key":")" + Base64Encode(next_tag_key) + "\"}";
  }
  return *KeyRing::Parse(Secret(text + "]}"));
}

/// Tag keys made of one letter: the current one, and the next.
inline KeyRing RingWithTags(std::pair<int, char> current,
                            const std::optional<std::pair<int, char>>& next = std::nullopt) {
  const auto entry = [](const std::pair<int, char>& key, const std::string& state) {
    return R"({"tag_version":)" + std::to_string(key.first) + R"(,"state":")" + state +
           R"(","key":")" + Base64Encode(std::string(32, key.second)) + "\"}";
  };
  return *KeyRing::Parse(
      Secret(R"({"format":1,"epochs":[{"key_epoch":1,"state":"primary","key":")" +
             Base64Encode(std::string(32, 'a')) + R"("}],"tag_keys":[)" +
             entry(current, "current") + (next ? "," + entry(*next, "next") : "") + "]}"));
}

}  // namespace shodan::testing
