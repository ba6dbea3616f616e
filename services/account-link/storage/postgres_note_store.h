// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/account-link/domain/note_store.h"

namespace shodan::account_link {

/// Notes in PostgreSQL. The pool outlives it.
class PostgresNoteStore final : public NoteStore {
 public:
  explicit PostgresNoteStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Note> Create(const NoteContent& content, const IdempotentRequest& request,
                              Deadline deadline) override;
  absl::StatusOr<Note> Get(const UserKey& owner, const std::string& note_id,
                           Deadline deadline) override;
  absl::StatusOr<std::vector<Note>> List(const UserKey& owner, const NoteFilter& filter,
                                         const PageQuery& query, Deadline deadline) override;
  absl::StatusOr<Note> Update(const UserKey& owner, const std::string& note_id,
                              const std::string& text, const std::string& etag,
                              Deadline deadline) override;
  absl::Status Delete(const UserKey& owner, const std::string& note_id, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::account_link
