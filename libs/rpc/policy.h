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
  kApiKey,   ///< an API key's: needs an assertion with the rule's scope, same project, any user
};

/// Who may call what: the parsed policy file.
///
///   {"format":1,"trust_domain":"shodan.local",
///    "methods":{"/package.Service/Method":[
///      {"identity":"ns/shodan/sa/gateway","mode":"user"},
///      {"identity":"ns/shodan/sa/gateway","mode":"api_key","scope":"zoom.request"}]}}
///
/// A rule of mode api_key, and no other, names the scope that the key must have. Everything not
/// listed is refused. Immutable; thread-safe.
class Policy {
 public:
  static absl::StatusOr<Policy> Parse(std::string_view json);

  /// The modes in which the SPIFFE id may call the method; empty when it may not.
  std::set<CallMode> ModesFor(std::string_view method, std::string_view spiffe_id) const;
  /// The scope that an API key needs where ModesFor() has kApiKey; empty elsewhere.
  std::string ScopeFor(std::string_view method, std::string_view spiffe_id) const;
  bool Lists(std::string_view method) const;
  std::set<std::string> methods() const;

 private:
  struct Rules {
    std::set<CallMode> modes;
    std::string scope;
  };
  const Rules* Find(std::string_view method, std::string_view spiffe_id) const;

  std::map<std::string, std::map<std::string, Rules, std::less<>>, std::less<>> methods_;
};

}  // namespace shodan::rpc
