// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/policy.h"

#include <optional>

#include <boost/json.hpp>

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan::rpc {
namespace {

namespace json = boost::json;

absl::Status Invalid(std::string_view what) {
  return InvalidArgument("POLICY_INVALID", Join("The policy file is invalid: ", what));
}

const json::string* StringMember(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_string();
}

std::optional<CallMode> ParseMode(std::string_view text) {
  if (text == "service") return CallMode::kService;
  if (text == "user") return CallMode::kUser;
  if (text == "admin") return CallMode::kAdmin;
  if (text == "api_key") return CallMode::kApiKey;
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Policy> Policy::Parse(std::string_view text) {
  boost::system::error_code error;
  const json::value document = json::parse({text.data(), text.size()}, error);
  if (error || !document.is_object()) return Invalid("it is not a JSON object.");
  const json::object& root = document.get_object();
  const json::string* domain = StringMember(root, "trust_domain");
  const json::value* methods = root.if_contains("methods");
  const json::value* format = root.if_contains("format");
  if (format == nullptr || !format->is_int64() || format->get_int64() != 1 || domain == nullptr ||
      methods == nullptr || !methods->is_object() || root.size() != 3) {
    return Invalid("it needs exactly format 1, trust_domain and methods.");
  }
  Policy policy;
  for (const auto& [name, rules] : methods->get_object()) {
    auto& allowed = policy.methods_[std::string(std::string_view(name))];
    if (!rules.is_array()) return Invalid("a method's rules are not a list.");
    for (const json::value& rule : rules.get_array()) {
      const json::object* object = rule.if_object();
      if (object == nullptr) return Invalid("a rule is malformed.");
      const json::string* identity = StringMember(*object, "identity");
      const json::string* mode_text = StringMember(*object, "mode");
      if (identity == nullptr || mode_text == nullptr) return Invalid("a rule is malformed.");
      const std::optional<CallMode> mode = ParseMode(std::string_view(*mode_text));
      if (!mode.has_value()) return Invalid("a mode must be service, user, admin or api_key.");
      const json::string* scope = StringMember(*object, "scope");
      const bool by_key = *mode == CallMode::kApiKey;
      if (object->size() != (by_key ? 3U : 2U) || by_key != (scope != nullptr && !scope->empty())) {
        return Invalid("a rule is malformed.");
      }
      Rules& rules_of_identity =
          allowed[Join("spiffe://", std::string_view(*domain), "/", std::string_view(*identity))];
      if (by_key && !rules_of_identity.scope.empty()) {
        return Invalid("a method has more than one rule of mode api_key for an identity.");
      }
      rules_of_identity.modes.insert(*mode);
      if (by_key) rules_of_identity.scope = std::string(std::string_view(*scope));
    }
  }
  return policy;
}

const Policy::Rules* Policy::Find(std::string_view method, std::string_view spiffe_id) const {
  const auto found = methods_.find(method);
  if (found == methods_.end()) return nullptr;
  const auto rules = found->second.find(spiffe_id);
  return rules == found->second.end() ? nullptr : &rules->second;
}

std::set<CallMode> Policy::ModesFor(std::string_view method, std::string_view spiffe_id) const {
  const Rules* rules = Find(method, spiffe_id);
  return rules == nullptr ? std::set<CallMode>() : rules->modes;
}

std::string Policy::ScopeFor(std::string_view method, std::string_view spiffe_id) const {
  const Rules* rules = Find(method, spiffe_id);
  return rules == nullptr ? std::string() : rules->scope;
}

bool Policy::Lists(std::string_view method) const { return methods_.contains(method); }

std::set<std::string> Policy::methods() const {
  std::set<std::string> names;
  for (const auto& [name, rules] : methods_) names.insert(name);
  return names;
}

}  // namespace shodan::rpc
