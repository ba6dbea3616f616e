// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/services/account-link/fakes/in_memory_record_stores.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/errors.h"

namespace shodan::account_link::testing {
namespace {

using Tables = InMemoryDatabase::Tables;

std::string NextEtag(const std::string& etag) { return std::to_string(std::stoll(etag) + 1); }

bool Fits(const std::string& wanted, const std::string& actual) {
  return wanted.empty() || wanted == actual;
}

const std::string& IdOf(const Call& call) { return call.call_id; }
const std::string& IdOf(const Note& note) { return note.note_id; }

// Newest first, after the position, one more than asked for.
template <typename Record, typename Predicate>
std::vector<Record> ListRecords(const std::map<std::string, Record>& table, const UserKey& owner,
                                const PageQuery& query, Predicate fits) {
  std::vector<Record> found;
  for (const auto& [id, record] : table) {
    if (record.owner != owner || !fits(record)) continue;
    const bool after =
        !query.after.has_value() ||
        std::tie(record.create_time, id) < std::tie(query.after->create_time, query.after->id);
    if (after) found.push_back(record);
  }
  std::sort(found.begin(), found.end(), [](const Record& a, const Record& b) {
    return std::tie(a.create_time, IdOf(a)) > std::tie(b.create_time, IdOf(b));
  });
  if (found.size() > static_cast<size_t>(query.size) + 1) {
    found.resize(static_cast<size_t>(query.size) + 1);
  }
  return found;
}

template <typename Record>
Record* Find(std::map<std::string, Record>& table, const UserKey& owner, const std::string& id) {
  const auto found = table.find(id);
  return found == table.end() || found->second.owner != owner ? nullptr : &found->second;
}

}  // namespace

absl::StatusOr<Call> InMemoryCallStore::Create(const CallContent& content,
                                               const IdempotentRequest& request, Deadline) {
  Call call;
  const absl::Status status = database_.Transact([&](Tables& tables) -> absl::Status {
    const std::string new_id = RandomUuid();
    SHODAN_ASSIGN_OR_RETURN(const std::string id,
                            InMemoryDatabase::ClaimRequest(tables, request, new_id));
    if (id == new_id) {
      call.owner = request.owner;
      call.call_id = id;
      call.content = content;
      call.start_time = call.create_time = call.update_time = tables.now;
      call.etag = "1";
      tables.calls[id] = call;
      return absl::OkStatus();
    }
    const Call* earlier = Find(tables.calls, request.owner, id);
    if (earlier == nullptr) return CallNotFound();
    call = *earlier;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return call;
}

absl::StatusOr<Call> InMemoryCallStore::Get(const UserKey& owner, const std::string& call_id,
                                            Deadline) {
  Tables tables = database_.Committed();
  const Call* call = Find(tables.calls, owner, call_id);
  if (call == nullptr) return CallNotFound();
  return *call;
}

absl::StatusOr<std::vector<Call>> InMemoryCallStore::List(const UserKey& owner,
                                                          const CallFilter& filter,
                                                          const PageQuery& query, Deadline) {
  return ListRecords(database_.Committed().calls, owner, query, [&](const Call& call) {
    return Fits(filter.company_id, call.content.company_id) &&
           Fits(filter.person_id, call.content.person_id);
  });
}

absl::StatusOr<Call> InMemoryCallStore::Update(const UserKey& owner, const std::string& call_id,
                                               const CallChange& change, const std::string& etag,
                                               Deadline) {
  Call updated;
  const absl::Status status = database_.Transact([&](Tables& tables) -> absl::Status {
    Call* call = Find(tables.calls, owner, call_id);
    if (call == nullptr) return CallNotFound();
    if (!Fits(etag, call->etag)) return EtagMismatch();
    if (change.outcome.has_value()) call->outcome = *change.outcome;
    if (change.duration.has_value()) call->duration = *change.duration;
    call->update_time = tables.now;
    call->etag = NextEtag(call->etag);
    updated = *call;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return updated;
}

absl::Status InMemoryCallStore::Delete(const UserKey& owner, const std::string& call_id, Deadline) {
  return database_.Transact([&](Tables& tables) -> absl::Status {
    if (Find(tables.calls, owner, call_id) == nullptr) return CallNotFound();
    tables.calls.erase(call_id);
    return absl::OkStatus();
  });
}

absl::StatusOr<Note> InMemoryNoteStore::Create(const NoteContent& content,
                                               const IdempotentRequest& request, Deadline) {
  Note note;
  const absl::Status status = database_.Transact([&](Tables& tables) -> absl::Status {
    const std::string new_id = RandomUuid();
    SHODAN_ASSIGN_OR_RETURN(const std::string id,
                            InMemoryDatabase::ClaimRequest(tables, request, new_id));
    if (id != new_id) {
      const Note* earlier = Find(tables.notes, request.owner, id);
      if (earlier == nullptr) return NoteNotFound();
      note = *earlier;
      return absl::OkStatus();
    }
    if (!content.call_id.empty() && Find(tables.calls, request.owner, content.call_id) == nullptr) {
      return CallNotFound();
    }
    note.owner = request.owner;
    note.note_id = id;
    note.content = content;
    note.create_time = note.update_time = tables.now;
    note.etag = "1";
    tables.notes[id] = note;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return note;
}

absl::StatusOr<Note> InMemoryNoteStore::Get(const UserKey& owner, const std::string& note_id,
                                            Deadline) {
  Tables tables = database_.Committed();
  const Note* note = Find(tables.notes, owner, note_id);
  if (note == nullptr) return NoteNotFound();
  return *note;
}

absl::StatusOr<std::vector<Note>> InMemoryNoteStore::List(const UserKey& owner,
                                                          const NoteFilter& filter,
                                                          const PageQuery& query, Deadline) {
  return ListRecords(database_.Committed().notes, owner, query, [&](const Note& note) {
    return Fits(filter.company_id, note.content.company_id) &&
           Fits(filter.person_id, note.content.person_id) &&
           Fits(filter.call_id, note.content.call_id);
  });
}

absl::StatusOr<Note> InMemoryNoteStore::Update(const UserKey& owner, const std::string& note_id,
                                               const std::string& text, const std::string& etag,
                                               Deadline) {
  Note updated;
  const absl::Status status = database_.Transact([&](Tables& tables) -> absl::Status {
    Note* note = Find(tables.notes, owner, note_id);
    if (note == nullptr) return NoteNotFound();
    if (!Fits(etag, note->etag)) return EtagMismatch();
    note->content.text = text;
    note->update_time = tables.now;
    note->etag = NextEtag(note->etag);
    updated = *note;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return updated;
}

absl::Status InMemoryNoteStore::Delete(const UserKey& owner, const std::string& note_id, Deadline) {
  return database_.Transact([&](Tables& tables) -> absl::Status {
    if (Find(tables.notes, owner, note_id) == nullptr) return NoteNotFound();
    tables.notes.erase(note_id);
    return absl::OkStatus();
  });
}

}  // namespace shodan::account_link::testing
