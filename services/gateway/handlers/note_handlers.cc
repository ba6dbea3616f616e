// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/note_handlers.h"

#include <utility>

#include <boost/json/array.hpp>

#include "libs/base/status.h"
#include "libs/http/json_body.h"
#include "libs/http/parameters.h"
#include "services/gateway/handlers/field_checks.h"
#include "services/gateway/handlers/json.h"

namespace shodan::gateway {
namespace {

struct NewNote {
  std::string request_id;
  Note note;
};

absl::StatusOr<NewNote> ReadNewNote(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  NewNote read;
  read.request_id = ReadRequestId(body);
  read.note.text = body.Text("text");
  read.note.company_id = ReadOpaqueId(body, "companyId");
  read.note.person_id = ReadOpaqueId(body, "personId");
  read.note.call_id = ReadOpaqueId(body, "callId");
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return read;
}

absl::StatusOr<Note> ReadUpdate(const RequestContext& context) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(context.request));
  Note note;
  note.note_id = context.parameter("note");
  note.text = body.Text("text");
  note.etag = body.OptionalText("etag").value_or("");
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return note;
}

absl::StatusOr<RecordQuery> ReadQuery(const http::Request& request) {
  http::Parameters parameters(request.head.target.query);
  RecordQuery query;
  query.company_id = parameters.Text("companyId");
  query.person_id = parameters.Text("personId");
  query.call_id = parameters.Text("callId");
  query.page_size =
      static_cast<int>(parameters.Integer("pageSize", 1, kPageSizeMax, kPageSizeDefault));
  query.page_token = parameters.Text("pageToken");
  SHODAN_RETURN_IF_ERROR(parameters.Finish());
  return query;
}

}  // namespace

HandlerResult NoteHandlers::Create(const RequestContext& context) {
  const absl::StatusOr<NewNote> read = ReadNewNote(context.request);
  if (!read.ok()) co_return read.status();
  auto operation =
      accounts_.CreateNote(context.backend_call(), context.person(), read->request_id, read->note);
  const absl::StatusOr<Note> note = co_await std::move(operation);
  if (!note.ok()) co_return note.status();
  co_return JsonAnswer(201, ToJson(*note));
}

HandlerResult NoteHandlers::List(const RequestContext& context) {
  const absl::StatusOr<RecordQuery> query = ReadQuery(context.request);
  if (!query.ok()) co_return query.status();
  auto operation = accounts_.ListNotes(context.backend_call(), context.person(), *query);
  const absl::StatusOr<Page<Note>> page = co_await std::move(operation);
  if (!page.ok()) co_return page.status();
  boost::json::array notes;
  for (const Note& note : page->records) notes.push_back(ToJson(note));
  co_return JsonAnswer(200,
                       {{"notes", std::move(notes)}, {"nextPageToken", page->next_page_token}});
}

HandlerResult NoteHandlers::Get(const RequestContext& context) {
  auto operation =
      accounts_.GetNote(context.backend_call(), context.person(), context.parameter("note"));
  const absl::StatusOr<Note> note = co_await std::move(operation);
  if (!note.ok()) co_return note.status();
  co_return JsonAnswer(200, ToJson(*note));
}

HandlerResult NoteHandlers::Update(const RequestContext& context) {
  const absl::StatusOr<Note> update = ReadUpdate(context);
  if (!update.ok()) co_return update.status();
  auto operation = accounts_.UpdateNote(context.backend_call(), context.person(), *update);
  const absl::StatusOr<Note> note = co_await std::move(operation);
  if (!note.ok()) co_return note.status();
  co_return JsonAnswer(200, ToJson(*note));
}

HandlerResult NoteHandlers::Delete(const RequestContext& context) {
  auto operation =
      accounts_.DeleteNote(context.backend_call(), context.person(), context.parameter("note"));
  const absl::StatusOr<bool> deleted = co_await std::move(operation);
  if (!deleted.ok()) co_return deleted.status();
  co_return NoContent();
}

}  // namespace shodan::gateway
