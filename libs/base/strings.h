// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace shodan {

/// Debian's Abseil is built with its own string_view, which does not convert to or from the
/// standard one. These two are the only seam.
inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

/// Concatenates; each argument is something a std::string can be appended with.
template <typename... Parts>
std::string Join(const Parts&... parts) {
  std::string out;
  (out.append(parts), ...);
  return out;
}

}  // namespace shodan
