// SPDX-License-Identifier: Apache-2.0
// Cookies, query parameters, media types, targets and JSON bodies. The first byte chooses.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "libs/http/cookies.h"
#include "libs/http/json_body.h"
#include "libs/http/media_type.h"
#include "libs/http/target.h"

namespace {

using namespace shodan::http;

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckCookie(std::string_view text) {
  const auto value = FindCookie(text, "__Host-a");
  if (!value.has_value()) return;
  const std::string field = HostCookie("__Host-a", *value, std::chrono::seconds(1));
  Require(value->size() > 4000 || field.rfind("__Host-a=" + *value + "; Path=/", 0) == 0);
  Require(value->find_first_of("\r\n;, \"\\") == std::string::npos);
}

void CheckParameters(std::string_view text) {
  const auto parameters = ParseParameters(text);
  if (!parameters.ok()) return;
  std::string again;
  for (const auto& [name, value] : *parameters) {
    Require(IsUtf8(name) && IsUtf8(value) && value.find('\0') == std::string::npos);
    again += (again.empty() ? "" : "&") + PercentEncode(name) + "=" + PercentEncode(value);
  }
  const auto reparsed = ParseParameters(again);
  Require(reparsed.ok() || again.size() > 65536);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      CheckCookie(text);
      break;
    case 1:
      CheckParameters(text);
      break;
    case 2:
      static_cast<void>(IsMediaType(text, "application/json"));
      break;
    case 3:
      if (const auto target = ParseTarget(text); target.ok()) {
        Require(ParseTarget(target->Path()).ok());
      }
      break;
    default:
      if (auto body = JsonBody::ParseText(text); body.ok()) {
        body->Text("a");
        body->Texts("b", 1, 3);
        body->OptionalInteger("c", 0, 9);
        static_cast<void>(body->Finish());
      }
  }
  return 0;
}
