// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace shodan::http {

/// The methods that any route may offer.
enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

/// The method's name (RFC 9110 section 9, case-sensitive); nullopt for every other method.
std::optional<Method> ParseMethod(std::string_view name);
std::string_view NameOf(Method method);

/// RFC 9110 section 9.2.1.
constexpr bool IsSafe(Method method) {
  return method == Method::kGet || method == Method::kHead || method == Method::kOptions;
}

}  // namespace shodan::http
