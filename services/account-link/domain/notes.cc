// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/notes.h"

#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "services/account-link/domain/limits.h"
#include "services/account-link/domain/validation.h"

namespace shodan::account_link {
namespace {

absl::Status CheckName(const UserKey& owner, const std::string& note_id) {
  RequestCheck check;
  check.Owner(owner);
  check.Uuid("noteId", note_id);
  return check.Finish();
}

void CheckSubjects(const std::string& company_id, const std::string& person_id,
                   const std::string& call_id, RequestCheck& check) {
  check.OptionalText("companyId", company_id, kMaxIdBytes);
  check.OptionalText("personId", person_id, kMaxIdBytes);
  check.OptionalUuid("callId", call_id);
}

}  // namespace

absl::StatusOr<Note> Notes::Create(const UserKey& owner, const std::string& request_id,
                                   const NoteContent& content, const CallScope& scope) {
  RequestCheck check;
  check.Owner(owner);
  check.Uuid("requestId", request_id);
  check.RequiredText("text", content.text, kMaxNoteCharacters);
  CheckSubjects(content.company_id, content.person_id, content.call_id, check);
  if (content.company_id.empty() && content.person_id.empty() && content.call_id.empty()) {
    check.Add("companyId", "REQUIRED", "companyId, personId or callId must say what it is about");
  }
  SHODAN_RETURN_IF_ERROR(check.Finish());
  constexpr std::string_view kMethod = "CreateCallNote";
  const IdempotentRequest request{
      .owner = owner,
      .caller = scope.actor.caller,
      .request_id = request_id,
      .method = kMethod,
      .fingerprint = FingerprintOf(
          kMethod, {content.text, content.company_id, content.person_id, content.call_id})};
  return store_.Create(content, request, scope.deadline);
}

absl::StatusOr<Note> Notes::Get(const UserKey& owner, const std::string& note_id,
                                const CallScope& scope) {
  SHODAN_RETURN_IF_ERROR(CheckName(owner, note_id));
  return store_.Get(owner, note_id, scope.deadline);
}

absl::StatusOr<Page<Note>> Notes::List(const UserKey& owner, const NoteFilter& filter,
                                       const PageRequest& page, const CallScope& scope) {
  RequestCheck check;
  check.Owner(owner);
  CheckSubjects(filter.company_id, filter.person_id, filter.call_id, check);
  const std::string list =
      ListName("notes", owner, {filter.company_id, filter.person_id, filter.call_id});
  const PageQuery query = CheckPage(page, list, check);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  SHODAN_ASSIGN_OR_RETURN(std::vector<Note> stored,
                          store_.List(owner, filter, query, scope.deadline));
  return MakePage(std::move(stored), query.size, &Note::note_id, list);
}

absl::StatusOr<Note> Notes::Update(const UserKey& owner, const std::string& note_id,
                                   const std::string& text, const std::string& etag,
                                   const CallScope& scope) {
  RequestCheck check;
  check.Owner(owner);
  check.Uuid("noteId", note_id);
  check.RequiredText("text", text, kMaxNoteCharacters);
  check.Etag(etag);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  return store_.Update(owner, note_id, text, etag, scope.deadline);
}

absl::Status Notes::Delete(const UserKey& owner, const std::string& note_id,
                           const CallScope& scope) {
  SHODAN_RETURN_IF_ERROR(CheckName(owner, note_id));
  return store_.Delete(owner, note_id, scope.deadline);
}

}  // namespace shodan::account_link
