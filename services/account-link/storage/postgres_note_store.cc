// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_note_store.h"

#include <array>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/storage/list_sql.h"
#include "services/account-link/storage/request_ledger.h"

namespace shodan::account_link {
namespace {

using postgres::Params;
using postgres::Result;

constexpr std::string_view kColumns =
    "project_id, user_id, note_id, text, company_id, person_id, call_id, created_at, updated_at,"
    " revision";

const std::string& InsertSql() {
  static const std::string sql = Join(
      "INSERT INTO call_notes (project_id, user_id, note_id, text, company_id, person_id,"
      "  call_id) VALUES ($1, $2, $3::uuid, $4, $5, $6, $7::uuid) RETURNING ",
      kColumns);
  return sql;
}

const std::string& GetSql() {
  static const std::string sql =
      Join("SELECT ", kColumns,
           " FROM call_notes WHERE project_id = $1 AND user_id = $2 AND note_id = $3::uuid");
  return sql;
}

const std::string& UpdateSql() {
  static const std::string sql = Join(
      "UPDATE call_notes SET text = $4, updated_at = now(), revision = revision + 1"
      " WHERE project_id = $1 AND user_id = $2 AND note_id = $3::uuid"
      "  AND ($5::text IS NULL OR revision::text = $5) RETURNING ",
      kColumns);
  return sql;
}

// One statement for each set of filters: bit 0 company, bit 1 person, bit 2 call.
const std::string& ListNotesSql(size_t filters) {
  static const std::array<std::string, 8> statements = [] {
    constexpr std::array<std::string_view, 3> kFilters = {"company_id", "person_id", "call_id"};
    std::array<std::string, 8> made;
    for (size_t set = 0; set < made.size(); ++set) {
      std::vector<std::string_view> columns;
      for (size_t bit = 0; bit < kFilters.size(); ++bit) {
        if ((set >> bit & 1U) != 0) columns.push_back(kFilters[bit]);
      }
      made[set] = ListSql("call_notes", kColumns, "note_id", columns);
    }
    return made;
  }();
  return statements[filters];
}

Note ReadNote(const postgres::Row& row) {
  Note note;
  note.owner = {row.Text("project_id"), row.Text("user_id")};
  note.note_id = row.Text("note_id");
  note.content = {.text = row.Text("text"),
                  .company_id = row.TextOrEmpty("company_id"),
                  .person_id = row.TextOrEmpty("person_id"),
                  .call_id = row.TextOrEmpty("call_id")};
  note.create_time = row.Timestamp("created_at");
  note.update_time = row.Timestamp("updated_at");
  note.etag = row.Text("revision");
  return note;
}

absl::StatusOr<Note> OneNote(const absl::StatusOr<Result>& found) {
  if (!found.ok()) return found.status();
  if (found->empty()) return NoteNotFound();
  return ReadNote((*found)[0]);
}

Params NameParams(const UserKey& owner, const std::string& id) {
  Params params;
  params.Text(owner.project_id).Text(owner.user_id).Text(id);
  return params;
}

absl::Status RequireCall(postgres::Session& session, const UserKey& owner,
                         const std::string& call_id) {
  if (call_id.empty()) return absl::OkStatus();
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute("SELECT 1 AS present FROM calls WHERE project_id = $1 AND user_id = $2"
                      " AND call_id = $3::uuid FOR KEY SHARE",
                      NameParams(owner, call_id)));
  return found.empty() ? CallNotFound() : absl::OkStatus();
}

}  // namespace

absl::StatusOr<Note> PostgresNoteStore::Create(const NoteContent& content,
                                               const IdempotentRequest& request,
                                               Deadline deadline) {
  absl::StatusOr<Note> note = NoteNotFound();
  const absl::Status status =
      pool_.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
        const std::string new_id = RandomUuid();
        SHODAN_ASSIGN_OR_RETURN(const std::string note_id, ClaimRequest(session, request, new_id));
        Params params = NameParams(request.owner, note_id);
        if (note_id != new_id) {
          note = OneNote(session.Execute(GetSql(), params));
          return note.status();
        }
        SHODAN_RETURN_IF_ERROR(RequireCall(session, request.owner, content.call_id));
        params.Text(content.text)
            .TextOrNullIfEmpty(content.company_id)
            .TextOrNullIfEmpty(content.person_id)
            .TextOrNullIfEmpty(content.call_id);
        note = OneNote(session.Execute(InsertSql(), params));
        return note.status();
      });
  if (!status.ok()) return status;
  return note;
}

absl::StatusOr<Note> PostgresNoteStore::Get(const UserKey& owner, const std::string& note_id,
                                            Deadline deadline) {
  return OneNote(pool_.Execute(GetSql(), NameParams(owner, note_id), deadline));
}

absl::StatusOr<std::vector<Note>> PostgresNoteStore::List(const UserKey& owner,
                                                          const NoteFilter& filter,
                                                          const PageQuery& query,
                                                          Deadline deadline) {
  Params params = ListParams(owner, query);
  const std::array<const std::string*, 3> values = {&filter.company_id, &filter.person_id,
                                                    &filter.call_id};
  size_t filters = 0;
  for (size_t bit = 0; bit < values.size(); ++bit) {
    if (values[bit]->empty()) continue;
    params.Text(*values[bit]);
    filters |= size_t{1} << bit;
  }
  SHODAN_ASSIGN_OR_RETURN(const Result found,
                          pool_.Execute(ListNotesSql(filters), params, deadline));
  std::vector<Note> notes;
  for (int row = 0; row < found.size(); ++row) notes.push_back(ReadNote(found[row]));
  return notes;
}

absl::StatusOr<Note> PostgresNoteStore::Update(const UserKey& owner, const std::string& note_id,
                                               const std::string& text, const std::string& etag,
                                               Deadline deadline) {
  Params params = NameParams(owner, note_id);
  params.Text(text).TextOrNullIfEmpty(etag);
  absl::StatusOr<Note> updated = OneNote(pool_.Execute(UpdateSql(), params, deadline));
  if (updated.ok() || !HasReason(updated.status(), reason::kNoteNotFound)) return updated;
  SHODAN_RETURN_IF_ERROR(Get(owner, note_id, deadline).status());
  return EtagMismatch();
}

absl::Status PostgresNoteStore::Delete(const UserKey& owner, const std::string& note_id,
                                       Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result deleted,
      pool_.Execute("DELETE FROM call_notes"
                    " WHERE project_id = $1 AND user_id = $2 AND note_id = $3::uuid",
                    NameParams(owner, note_id), deadline));
  return deleted.affected_rows() == 0 ? NoteNotFound() : absl::OkStatus();
}

}  // namespace shodan::account_link
