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

std::string ReadIdempotencyKey(const http::RequestHead& head,
                               std::vector<FieldViolation>& problems) {
  if (!head.fields.Has("Idempotency-Key")) return {};
  std::string id(head.fields.Get("Idempotency-Key"));
  if (!IsUuid(id)) {
    problems.push_back({"Idempotency-Key", "MALFORMED", "must be a UUID in lower case."});
  }
  return id;
}

std::string ReadRequestId(http::JsonBody& body, const http::RequestHead& head, bool required) {
  std::vector<FieldViolation> problems;
  const std::string key = ReadIdempotencyKey(head, problems);
  for (const FieldViolation& problem : problems) {
    body.AddProblem(problem.field, problem.reason, problem.description);
  }
  const bool given = body.Has("requestId");
  const std::optional<std::string> id = body.OptionalText("requestId");
  if (!given && key.empty()) {
    if (!required) return RandomUuid();
    body.AddProblem("requestId", "REQUIRED", "is required, or the field Idempotency-Key.");
  }
  if (!id.has_value()) return key;
  if (!IsUuid(*id)) {
    body.AddProblem("requestId", "MALFORMED", "must be a UUID in lower case.");
  } else if (!key.empty() && *id != key) {
    body.AddProblem("requestId", "CONFLICT", "must be the same as Idempotency-Key.");
  }
  return *id;
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
