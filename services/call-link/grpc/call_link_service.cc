// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/grpc/call_link_service.h"

#include <string>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/call-link/domain/errors.h"
#include "services/call-link/domain/limits.h"

namespace shodan::calllink {
namespace {

constexpr char kBuildCallLink[] = "/shodan.calllink.v1.CallLinkService/BuildCallLink";
constexpr char kBuildCallLinks[] = "/shodan.calllink.v1.CallLinkService/BuildCallLinks";

v1::CallLink ToProto(const CallLink& link) {
  v1::CallLink proto;
  proto.set_call_uri(link.call_uri);
  proto.set_tel_uri(link.tel_uri);
  proto.set_e164(link.e164);
  proto.set_national_format(link.national_format);
  proto.set_international_format(link.international_format);
  proto.set_region_code(link.region_code);
  proto.set_extension(link.extension);
  for (const Notice& notice : link.notices) {
    v1::Notice& added = *proto.add_notices();
    added.set_reason(notice.reason);
    added.set_detail(notice.detail);
  }
  return proto;
}

// Names the request's field that the refusal is about, for callers that show forms.
absl::Status WithField(absl::Status refusal) {
  const std::string reason = ReasonOf(refusal);
  SetFields(refusal, {{reason == kNumberRegionInvalid ? "defaultRegion" : "number", reason,
                       std::string(ToStd(refusal.message()))}});
  return refusal;
}

}  // namespace

grpc::ServerUnaryReactor* CallLinkService::BuildCallLink(grpc::CallbackServerContext* context,
                                                         const v1::BuildCallLinkRequest* request,
                                                         v1::BuildCallLinkResponse* response) {
  return rpc::RunUnary(context, runtime_, kBuildCallLink, request, response,
                       [this](const rpc::CallContext&, const v1::BuildCallLinkRequest& one) {
                         return BuildOne(one);
                       });
}

grpc::ServerUnaryReactor* CallLinkService::BuildCallLinks(grpc::CallbackServerContext* context,
                                                          const v1::BuildCallLinksRequest* request,
                                                          v1::BuildCallLinksResponse* response) {
  return rpc::RunUnary(context, runtime_, kBuildCallLinks, request, response,
                       [this](const rpc::CallContext&, const v1::BuildCallLinksRequest& many) {
                         return BuildMany(many);
                       });
}

absl::StatusOr<v1::BuildCallLinkResponse> CallLinkService::BuildOne(
    const v1::BuildCallLinkRequest& request) const {
  const absl::StatusOr<CallLink> link = Build(request.number(), request.default_region());
  if (!link.ok()) return WithField(link.status());
  v1::BuildCallLinkResponse response;
  *response.mutable_call_link() = ToProto(*link);
  return response;
}

absl::StatusOr<v1::BuildCallLinksResponse> CallLinkService::BuildMany(
    const v1::BuildCallLinksRequest& request) const {
  const auto count = static_cast<size_t>(request.numbers_size());
  if (count == 0 || count > kNumbersPerBatchMax) {
    return InvalidField("numbers", count == 0 ? "REQUIRED" : "TOO_MANY",
                        Join("must hold 1 to ", std::to_string(kNumbersPerBatchMax), " numbers"));
  }
  v1::BuildCallLinksResponse response;
  for (const std::string& number : request.numbers()) {
    const absl::StatusOr<CallLink> link = Build(number, request.default_region());
    v1::BuildCallLinksResponse::Entry& entry = *response.add_entries();
    if (link.ok()) {
      *entry.mutable_call_link() = ToProto(*link);
    } else {
      entry.mutable_problem()->set_reason(ReasonOf(link.status()));
      entry.mutable_problem()->set_detail(std::string(ToStd(link.status().message())));
    }
  }
  return response;
}

absl::StatusOr<CallLink> CallLinkService::Build(const std::string& number,
                                                const std::string& region) const {
  absl::StatusOr<CallLink> link = builder_.Build(number, region);
  runtime_.metrics.Count("shodan_call_link_numbers_total", "Numbers by outcome.",
                         {{"outcome", link.ok() ? "linked" : ReasonOf(link.status())}});
  return link;
}

}  // namespace shodan::calllink
