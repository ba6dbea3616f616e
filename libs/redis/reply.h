// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace shodan::redis {

/// One value of Redis' protocol (RESP2).
struct Reply {
  enum class Type { kNil, kString, kStatus, kError, kInteger, kArray };

  Type type = Type::kNil;
  std::string text;             ///< kString, kStatus, kError
  int64_t integer = 0;          ///< kInteger
  std::vector<Reply> elements;  ///< kArray
};

}  // namespace shodan::redis
