// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace shodan::http {

struct Field {
  std::string name;
  std::string value;
};

/// Header fields in their order. Names compare without regard to case.
class Fields {
 public:
  void Add(std::string_view name, std::string_view value);
  /// Replaces every field of that name by one.
  void Set(std::string_view name, std::string_view value);
  /// The first value; empty when there is none.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;
  size_t Count(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

/// ASCII only, as RFC 9110 section 5.1 wants it.
bool EqualsIgnoringCase(std::string_view a, std::string_view b);
/// Without spaces and tabs at both ends.
std::string_view TrimOws(std::string_view text);
/// RFC 9110 section 5.6.2: at least one tchar and nothing else.
bool IsToken(std::string_view text);

}  // namespace shodan::http
