// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/note.h"
#include "services/account-link/domain/note_store.h"
#include "services/account-link/domain/page.h"

namespace shodan::account_link {

/// Call notes of users: works in every state of their links. Every request is checked whole before
/// anything happens: INVALID_ARGUMENT/INVALID_FIELD names each bad field. Thread-safe.
class Notes {
 public:
  explicit Notes(NoteStore& store) : store_(store) {}

  absl::StatusOr<Note> Create(const UserKey& owner, const std::string& request_id,
                              const NoteContent& content, const CallScope& scope);
  absl::StatusOr<Note> Get(const UserKey& owner, const std::string& note_id,
                           const CallScope& scope);
  absl::StatusOr<Page<Note>> List(const UserKey& owner, const NoteFilter& filter,
                                  const PageRequest& page, const CallScope& scope);
  absl::StatusOr<Note> Update(const UserKey& owner, const std::string& note_id,
                              const std::string& text, const std::string& etag,
                              const CallScope& scope);
  absl::Status Delete(const UserKey& owner, const std::string& note_id, const CallScope& scope);

 private:
  NoteStore& store_;
};

}  // namespace shodan::account_link
