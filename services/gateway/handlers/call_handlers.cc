// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/call_handlers.h"

#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/http/json_body.h"
#include "libs/http/parameters.h"
#include "services/gateway/handlers/field_checks.h"
#include "services/gateway/handlers/json.h"

namespace shodan::gateway {
namespace {

constexpr std::string_view kOutcomes[] = {"unspecified", "connected", "missed",
                                          "busy",        "voicemail", "failed"};
constexpr int64_t kDurationSecondsMax = 7 * 24 * 3600;

struct Batch {
  std::vector<std::string> numbers;
  std::string default_region;
};

absl::StatusOr<Batch> ReadBatch(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  Batch batch;
  batch.numbers = body.Texts("numbers", 1, kNumbersPerBatchMax);
  batch.default_region = body.OptionalText("defaultRegion").value_or("");
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return batch;
}

struct NewCall {
  std::string request_id;
  std::string default_region;
  Call call;
};

absl::StatusOr<NewCall> ReadNewCall(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  NewCall read;
  read.request_id = ReadRequestId(body);
  read.call.input_number = body.Text("number");
  read.default_region = body.OptionalText("defaultRegion").value_or("");
  read.call.company_id = ReadOpaqueId(body, "companyId");
  read.call.person_id = ReadOpaqueId(body, "personId");
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return read;
}

absl::StatusOr<CallUpdate> ReadUpdate(const RequestContext& context) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(context.request));
  CallUpdate update;
  update.call_id = context.parameter("call");
  update.outcome = body.OptionalText("outcome");
  if (update.outcome.has_value() && std::find(std::begin(kOutcomes), std::end(kOutcomes),
                                              *update.outcome) == std::end(kOutcomes)) {
    body.AddProblem("outcome", "OUT_OF_RANGE",
                    "must be unspecified, connected, missed, busy, voicemail or failed.");
  }
  if (const auto seconds = body.OptionalInteger("durationSeconds", 0, kDurationSecondsMax)) {
    update.duration = std::chrono::seconds(*seconds);
  }
  update.etag = body.OptionalText("etag").value_or("");
  SHODAN_RETURN_IF_ERROR(body.Finish());
  if (!update.outcome.has_value() && !update.duration.has_value()) {
    return InvalidFields({{"outcome", "REQUIRED", "is required, or durationSeconds."}});
  }
  return update;
}

absl::StatusOr<RecordQuery> ReadQuery(const http::Request& request) {
  http::Parameters parameters(request.head.target.query);
  RecordQuery query;
  query.company_id = parameters.Text("companyId");
  query.person_id = parameters.Text("personId");
  query.page_size =
      static_cast<int>(parameters.Integer("pageSize", 1, kPageSizeMax, kPageSizeDefault));
  query.page_token = parameters.Text("pageToken");
  SHODAN_RETURN_IF_ERROR(parameters.Finish());
  return query;
}

// A refused number is a wrong field of this request, with call-link's reason.
absl::Status NameField(absl::Status status) {
  const std::string reason = ReasonOf(status);
  if (reason.rfind("NUMBER_", 0) == 0 && FieldsOf(status).empty()) {
    SetFields(status, {{reason == "NUMBER_REGION_INVALID" ? "defaultRegion" : "number", reason,
                        std::string(ToStd(status.message()))}});
  }
  return status;
}

}  // namespace

HandlerResult CallHandlers::BuildLinks(const RequestContext& context) {
  const absl::StatusOr<Batch> batch = ReadBatch(context.request);
  if (!batch.ok()) co_return batch.status();
  auto operation =
      call_links_.BuildCallLinks(context.backend_call(), batch->numbers, batch->default_region);
  const absl::StatusOr<std::vector<CallLinkEntry>> entries = co_await std::move(operation);
  if (!entries.ok()) co_return entries.status();
  boost::json::array links;
  for (size_t i = 0; i < entries->size(); ++i) {
    links.push_back(ToJson((*entries)[i], batch->numbers[i]));
  }
  co_return JsonAnswer(200, {{"callLinks", std::move(links)}});
}

HandlerResult CallHandlers::Create(const RequestContext& context) {
  absl::StatusOr<NewCall> read = ReadNewCall(context.request);
  if (!read.ok()) co_return read.status();
  auto reading = accounts_.GetLink(context.backend_call(), context.person());
  const absl::StatusOr<Link> link = co_await std::move(reading);
  if (!link.ok()) co_return link.status();
  if (link->state != LinkState::kActive && link->state != LinkState::kReconnectRequired) {
    co_return FailedPrecondition(
        "LINK_NOT_ACTIVE", "No Zoom account is connected. Connect one in Settings, Integrations.");
  }
  auto building = call_links_.BuildCallLink(context.backend_call(), read->call.input_number,
                                            read->default_region);
  const absl::StatusOr<CallLink> built = co_await std::move(building);
  if (!built.ok()) co_return NameField(built.status());
  read->call.number = built->e164;
  read->call.region = built->region;
  auto creating =
      accounts_.CreateCall(context.backend_call(), context.person(), read->request_id, read->call);
  const absl::StatusOr<Call> call = co_await std::move(creating);
  if (!call.ok()) co_return call.status();
  boost::json::value notice = nullptr;
  if (built->notice.has_value()) notice = ToJson(*built->notice);
  co_return JsonAnswer(201, {{"call", ToJson(*call)},
                             {"callUri", built->call_uri},
                             {"telUri", built->tel_uri},
                             {"notice", std::move(notice)}});
}

HandlerResult CallHandlers::List(const RequestContext& context) {
  const absl::StatusOr<RecordQuery> query = ReadQuery(context.request);
  if (!query.ok()) co_return query.status();
  auto operation = accounts_.ListCalls(context.backend_call(), context.person(), *query);
  const absl::StatusOr<Page<Call>> page = co_await std::move(operation);
  if (!page.ok()) co_return page.status();
  boost::json::array calls;
  for (const Call& call : page->records) calls.push_back(ToJson(call));
  co_return JsonAnswer(200,
                       {{"calls", std::move(calls)}, {"nextPageToken", page->next_page_token}});
}

HandlerResult CallHandlers::Get(const RequestContext& context) {
  auto operation =
      accounts_.GetCall(context.backend_call(), context.person(), context.parameter("call"));
  const absl::StatusOr<Call> call = co_await std::move(operation);
  if (!call.ok()) co_return call.status();
  co_return JsonAnswer(200, ToJson(*call));
}

HandlerResult CallHandlers::Update(const RequestContext& context) {
  const absl::StatusOr<CallUpdate> update = ReadUpdate(context);
  if (!update.ok()) co_return update.status();
  auto operation = accounts_.UpdateCall(context.backend_call(), context.person(), *update);
  const absl::StatusOr<Call> call = co_await std::move(operation);
  if (!call.ok()) co_return call.status();
  co_return JsonAnswer(200, ToJson(*call));
}

HandlerResult CallHandlers::Delete(const RequestContext& context) {
  auto operation =
      accounts_.DeleteCall(context.backend_call(), context.person(), context.parameter("call"));
  const absl::StatusOr<bool> deleted = co_await std::move(operation);
  if (!deleted.ok()) co_return deleted.status();
  co_return NoContent();
}

}  // namespace shodan::gateway
