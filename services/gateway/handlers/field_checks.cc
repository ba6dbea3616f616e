// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/field_checks.h"

#include "libs/crypto/random.h"

namespace shodan::gateway {
namespace {

constexpr size_t kIdBytesMax = 255;

}  // namespace

std::string ReadRequestId(http::JsonBody& body) {
  std::string id = body.Text("requestId");
  if (!id.empty() && !IsUuid(id)) {
    body.AddProblem("requestId", "MALFORMED", "must be a UUID in lower case.");
  }
  return id;
}

std::string ReadOpaqueId(http::JsonBody& body, std::string_view name) {
  const std::optional<std::string> id = body.OptionalText(name);
  if (!id.has_value()) return {};
  if (id->empty() || id->size() > kIdBytesMax) {
    body.AddProblem(name, "OUT_OF_RANGE", "must have 1 to 255 bytes.");
  }
  return *id;
}

}  // namespace shodan::gateway
