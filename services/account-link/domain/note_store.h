// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/account-link/domain/idempotency.h"
#include "services/account-link/domain/note.h"
#include "services/account-link/domain/page.h"

namespace shodan::account_link {

/// Notes. Every operation sees the notes of one owner only; those of others answer
/// NOT_FOUND/NOTE_NOT_FOUND. Errors of the database pass through. Thread-safe.
class NoteStore {
 public:
  virtual ~NoteStore() = default;

  /// A repetition returns the note that the first request made, as it is now; NOT_FOUND/
  /// NOTE_NOT_FOUND when that was deleted since. ALREADY_EXISTS/REQUEST_ID_REUSED when the content
  /// differs; NOT_FOUND/CALL_NOT_FOUND when the owner has no such call.
  virtual absl::StatusOr<Note> Create(const NoteContent& content, const IdempotentRequest& request,
                                      Deadline deadline) = 0;
  virtual absl::StatusOr<Note> Get(const UserKey& owner, const std::string& note_id,
                                   Deadline deadline) = 0;
  /// Newest first, up to query.size + 1 notes: one more than asked for tells that more follow.
  virtual absl::StatusOr<std::vector<Note>> List(const UserKey& owner, const NoteFilter& filter,
                                                 const PageQuery& query, Deadline deadline) = 0;
  /// Replaces the text. ABORTED/ETAG_MISMATCH when `etag` is neither empty nor the present one.
  virtual absl::StatusOr<Note> Update(const UserKey& owner, const std::string& note_id,
                                      const std::string& text, const std::string& etag,
                                      Deadline deadline) = 0;
  virtual absl::Status Delete(const UserKey& owner, const std::string& note_id,
                              Deadline deadline) = 0;
};

}  // namespace shodan::account_link
