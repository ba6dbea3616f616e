// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"
#include "services/gateway/handlers/field_checks.h"
#include "services/gateway/handlers/nango_errors.h"
#include "services/gateway/handlers/nango_handlers.h"
#include "services/gateway/handlers/nango_json.h"

namespace shodan::gateway {
namespace {

constexpr size_t kIdBytesMax = 255;
constexpr std::string_view kPassedPrefix = "nango-proxy-";
/// What a program may set in the request to Zoom. The rest is ours to say, the token first of all.
constexpr std::string_view kSettable[] = {"accept", "content-type", "idempotency-key"};

bool IsPassed(std::string_view name) {
  return name.size() > kPassedPrefix.size() &&
         http::EqualsIgnoringCase(name.substr(0, kPassedPrefix.size()), kPassedPrefix);
}

absl::StatusOr<std::string> ReadOnce(const http::Fields& fields, std::string_view name) {
  std::string value(fields.Get(name));
  if (value.empty() || value.size() > kIdBytesMax || fields.Count(name) != 1) {
    return InvalidHeader(name, "is required once, with 1 to 255 bytes.");
  }
  return value;
}

absl::Status CheckFields(const http::Fields& fields) {
  for (const http::Field& field : fields) {
    if (http::EqualsIgnoringCase(field.name, "base-url-override") && !field.value.empty()) {
      return InvalidHeader("Base-Url-Override", "must be absent: requests go to Zoom alone.");
    }
    if (!IsPassed(field.name)) continue;
    bool settable = false;
    for (const std::string_view name : kSettable) {
      settable = settable || http::EqualsIgnoringCase(
                                 std::string_view(field.name).substr(kPassedPrefix.size()), name);
    }
    if (!settable || fields.Count(field.name) != 1) {
      return InvalidHeader("Nango-Proxy-*",
                           "may set Accept, Content-Type and Idempotency-Key, each once.");
    }
  }
  return absl::OkStatus();
}

struct ProxyHead {
  std::string connection_id;
  ZoomRequest request;
};

absl::StatusOr<ProxyHead> ReadHead(const RequestContext& context) {
  const http::Fields& fields = context.request.head.fields;
  SHODAN_RETURN_IF_ERROR(CheckFields(fields));
  ProxyHead head;
  SHODAN_ASSIGN_OR_RETURN(head.connection_id, ReadOnce(fields, "Connection-Id"));
  SHODAN_ASSIGN_OR_RETURN(const std::string key, ReadOnce(fields, "Provider-Config-Key"));
  if (key != kNangoIntegration) return UnknownProviderConfig();
  // As if the fields for Zoom had been sent as they are to be.
  http::RequestHead meant = context.request.head;
  for (const std::string_view name : kSettable) {
    const std::string_view value = fields.Get(Join(kPassedPrefix, name));
    if (!value.empty()) meant.fields.Set(name, value);
  }
  SHODAN_ASSIGN_OR_RETURN(head.request, ReadZoomRequest(meant, context.parameter("path")));
  return head;
}

}  // namespace

HandlerResult NangoHandlers::Proxy(const RequestContext& context) {
  absl::StatusOr<ProxyHead> head = ReadHead(context);
  if (!head.ok()) co_return head.status();
  auto finding = parts_.connections.Resolve(context.backend_call(), context.api_key->project_id,
                                            std::move(head->connection_id));
  const absl::StatusOr<Connection> connection = co_await std::move(finding);
  if (!connection.ok()) co_return connection.status();
  auto sending = parts_.zoom.Send(context, Person(*context.api_key, connection->link.user_id),
                                  std::move(head->request));
  co_return co_await std::move(sending);
}

}  // namespace shodan::gateway
