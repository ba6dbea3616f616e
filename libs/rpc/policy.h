// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace shodan::rpc {

/// On whose behalf a call is made.
enum class CallMode {
  kService,  ///< the caller's own; the request names any user, audited with the caller
  kUser,     ///< a person's: needs an assertion whose project and user equal the request's
  kAdmin,    ///< an administrator's: needs an assertion with the admin role, same project
};

/// Who may call what: the parsed policy file.
///
///   {"format":1,"trust_domain":"shodan.local",
///    "methods":{"/package.Service/Method":[{"identity":"ns/shodan/sa/gateway","mode":"user"}]}}
///
/// Everything not listed is refused. Immutable; thread-safe.
class Policy {
 public:
  static absl::StatusOr<Policy> Parse(std::string_view json);

  /// The modes in which the SPIFFE id may call the method; empty when it may not.
  std::set<CallMode> ModesFor(std::string_view method, std::string_view spiffe_id) const;
  bool Lists(std::string_view method) const;
  std::set<std::string> methods() const;

 private:
  std::map<std::string, std::map<std::string, std::set<CallMode>>, std::less<>> methods_;
};

}  // namespace shodan::rpc
