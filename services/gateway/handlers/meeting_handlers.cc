// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/meeting_handlers.h"

#include <utility>

#include <boost/json/array.hpp>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "libs/http/json_body.h"
#include "libs/http/parameters.h"
#include "services/gateway/handlers/field_checks.h"
#include "services/gateway/handlers/json.h"
#include "services/gateway/handlers/meeting_json.h"

namespace shodan::gateway {
namespace {

constexpr size_t kOccurrencesMax = 60;

struct MeetingBody {
  std::string request_id;
  ZoomMeeting meeting;
};

absl::StatusOr<MeetingBody> ReadNewMeeting(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  MeetingBody read;
  read.request_id = ReadRequestId(body, request.head, true);
  read.meeting = ReadMeeting(body);
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return read;
}

absl::StatusOr<MeetingBody> ReadUpdate(const RequestContext& context) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(context.request));
  MeetingBody read;
  read.request_id = ReadRequestId(body, context.request.head, false);
  read.meeting = ReadMeeting(body);
  SHODAN_RETURN_IF_ERROR(body.Finish());
  if (!HoldsChange(read.meeting)) {
    return InvalidFields({{"topic", "REQUIRED", "is required, or another member to change."}});
  }
  read.meeting.meeting_id = context.parameter("meeting");
  return read;
}

struct RegistrantBody {
  std::string request_id;
  ZoomRegistrant registrant;
  std::vector<std::string> occurrence_ids;
};

absl::StatusOr<RegistrantBody> ReadNewRegistrant(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  RegistrantBody read;
  read.request_id = ReadRequestId(body, request.head, true);
  read.registrant = ReadRegistrant(body);
  read.occurrence_ids =
      body.OptionalTexts("occurrenceIds", 0, kOccurrencesMax).value_or(std::vector<std::string>());
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return read;
}

// The request id of a request without a body.
absl::StatusOr<std::string> RequestIdOf(const http::RequestHead& head) {
  std::vector<FieldViolation> problems;
  std::string id = ReadIdempotencyKey(head, problems);
  if (!problems.empty()) return InvalidFields(problems);
  return id.empty() ? RandomUuid() : id;
}

absl::StatusOr<std::string> ReadOccurrence(const http::Request& request) {
  http::Parameters parameters(request.head.target.query);
  std::string occurrence_id = parameters.Text("occurrenceId");
  SHODAN_RETURN_IF_ERROR(parameters.Finish());
  return occurrence_id;
}

absl::StatusOr<ZoomListQuery> ReadMeetingQuery(const http::Request& request) {
  http::Parameters parameters(request.head.target.query);
  ZoomListQuery query;
  query.type = parameters.Text("type");
  query.page_size =
      static_cast<int>(parameters.Integer("pageSize", 1, kZoomPageSizeMax, kZoomPageSizeDefault));
  query.page_token = parameters.Text("pageToken");
  SHODAN_RETURN_IF_ERROR(parameters.Finish());
  return query;
}

absl::StatusOr<ZoomListQuery> ReadRegistrantQuery(const http::Request& request) {
  http::Parameters parameters(request.head.target.query);
  ZoomListQuery query;
  query.status = parameters.Text("status");
  query.occurrence_id = parameters.Text("occurrenceId");
  query.page_size =
      static_cast<int>(parameters.Integer("pageSize", 1, kZoomPageSizeMax, kZoomPageSizeDefault));
  query.page_token = parameters.Text("pageToken");
  SHODAN_RETURN_IF_ERROR(parameters.Finish());
  return query;
}

absl::StatusOr<ZoomMeetingDeletion> ReadDeletion(const RequestContext& context) {
  http::Parameters parameters(context.request.head.target.query);
  ZoomMeetingDeletion deletion;
  deletion.meeting_id = context.parameter("meeting");
  deletion.occurrence_id = parameters.Text("occurrenceId");
  deletion.notify_hosts = parameters.Bool("notifyHosts", false);
  deletion.notify_registrants = parameters.Bool("notifyRegistrants", false);
  SHODAN_RETURN_IF_ERROR(parameters.Finish());
  return deletion;
}

template <typename Record>
http::Response PageAnswer(const char* name, const ZoomPage<Record>& page) {
  boost::json::array records;
  for (const Record& record : page.records) records.push_back(ToJson(record));
  return JsonAnswer(200, {{name, std::move(records)},
                          {"nextPageToken", page.next_page_token},
                          {"totalSize", page.total_size}});
}

}  // namespace

HandlerResult MeetingHandlers::Create(const RequestContext& context) {
  const absl::StatusOr<MeetingBody> read = ReadNewMeeting(context.request);
  if (!read.ok()) co_return read.status();
  auto operation = zoom_.CreateMeeting(context.backend_call(), context.person(), read->request_id,
                                       read->meeting);
  const absl::StatusOr<ZoomMeeting> meeting = co_await std::move(operation);
  if (!meeting.ok()) co_return meeting.status();
  co_return JsonAnswer(201, ToJson(*meeting));
}

HandlerResult MeetingHandlers::List(const RequestContext& context) {
  const absl::StatusOr<ZoomListQuery> query = ReadMeetingQuery(context.request);
  if (!query.ok()) co_return query.status();
  auto operation = zoom_.GetMeeting(context.backend_call(), context.person(), *query);
  const absl::StatusOr<ZoomPage<ZoomMeeting>> page = co_await std::move(operation);
  if (!page.ok()) co_return page.status();
  co_return PageAnswer("meetings", *page);
}

HandlerResult MeetingHandlers::Get(const RequestContext& context) {
  const absl::StatusOr<std::string> occurrence_id = ReadOccurrence(context.request);
  if (!occurrence_id.ok()) co_return occurrence_id.status();
  auto operation = zoom_.GetMeetingByMeetingId(context.backend_call(), context.person(),
                                               context.parameter("meeting"), *occurrence_id);
  const absl::StatusOr<ZoomMeeting> meeting = co_await std::move(operation);
  if (!meeting.ok()) co_return meeting.status();
  co_return JsonAnswer(200, ToJson(*meeting));
}

HandlerResult MeetingHandlers::Update(const RequestContext& context) {
  const absl::StatusOr<std::string> occurrence_id = ReadOccurrence(context.request);
  if (!occurrence_id.ok()) co_return occurrence_id.status();
  const absl::StatusOr<MeetingBody> read = ReadUpdate(context);
  if (!read.ok()) co_return read.status();
  auto operation = zoom_.UpdateMeeting(context.backend_call(), context.person(), read->request_id,
                                       read->meeting, *occurrence_id);
  const absl::StatusOr<bool> updated = co_await std::move(operation);
  if (!updated.ok()) co_return updated.status();
  co_return NoContent();
}

HandlerResult MeetingHandlers::Delete(const RequestContext& context) {
  const absl::StatusOr<std::string> request_id = RequestIdOf(context.request.head);
  if (!request_id.ok()) co_return request_id.status();
  const absl::StatusOr<ZoomMeetingDeletion> deletion = ReadDeletion(context);
  if (!deletion.ok()) co_return deletion.status();
  auto operation =
      zoom_.DeleteMeeting(context.backend_call(), context.person(), *request_id, *deletion);
  const absl::StatusOr<bool> deleted = co_await std::move(operation);
  if (!deleted.ok()) co_return deleted.status();
  co_return NoContent();
}

HandlerResult MeetingHandlers::AddRegistrant(const RequestContext& context) {
  const absl::StatusOr<RegistrantBody> read = ReadNewRegistrant(context.request);
  if (!read.ok()) co_return read.status();
  auto operation = zoom_.AddMeetingRegistrant(context.backend_call(), context.person(),
                                              read->request_id, context.parameter("meeting"),
                                              read->registrant, read->occurrence_ids);
  const absl::StatusOr<ZoomRegistrant> registrant = co_await std::move(operation);
  if (!registrant.ok()) co_return registrant.status();
  co_return JsonAnswer(201, ToJson(*registrant));
}

HandlerResult MeetingHandlers::ListRegistrants(const RequestContext& context) {
  const absl::StatusOr<ZoomListQuery> query = ReadRegistrantQuery(context.request);
  if (!query.ok()) co_return query.status();
  auto operation = zoom_.GetMeetingRegistrants(context.backend_call(), context.person(),
                                               context.parameter("meeting"), *query);
  const absl::StatusOr<ZoomPage<ZoomRegistrant>> page = co_await std::move(operation);
  if (!page.ok()) co_return page.status();
  co_return PageAnswer("registrants", *page);
}

HandlerResult MeetingHandlers::DeleteRegistrant(const RequestContext& context) {
  const absl::StatusOr<std::string> request_id = RequestIdOf(context.request.head);
  if (!request_id.ok()) co_return request_id.status();
  const absl::StatusOr<std::string> occurrence_id = ReadOccurrence(context.request);
  if (!occurrence_id.ok()) co_return occurrence_id.status();
  auto operation = zoom_.DeleteMeetingRegistrant(context.backend_call(), context.person(),
                                                 *request_id, context.parameter("meeting"),
                                                 context.parameter("registrant"), *occurrence_id);
  const absl::StatusOr<bool> deleted = co_await std::move(operation);
  if (!deleted.ok()) co_return deleted.status();
  co_return NoContent();
}

}  // namespace shodan::gateway
