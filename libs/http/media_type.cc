// SPDX-License-Identifier: Apache-2.0
#include "libs/http/media_type.h"

#include "libs/http/fields.h"

namespace shodan::http {

bool IsMediaType(std::string_view content_type, std::string_view expected) {
  size_t end = content_type.find(';');
  if (!EqualsIgnoringCase(TrimOws(content_type.substr(0, end)), expected)) return false;
  while (end != std::string_view::npos) {
    content_type.remove_prefix(end + 1);
    end = content_type.find(';');
    const std::string_view parameter = TrimOws(content_type.substr(0, end));
    const size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) return false;
    if (!EqualsIgnoringCase(parameter.substr(0, equals), "charset")) continue;
    std::string_view charset = parameter.substr(equals + 1);
    if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"') {
      charset = charset.substr(1, charset.size() - 2);
    }
    if (!EqualsIgnoringCase(charset, "utf-8")) return false;
  }
  return true;
}

}  // namespace shodan::http
