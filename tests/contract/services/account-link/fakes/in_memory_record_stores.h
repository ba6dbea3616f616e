// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "services/account-link/domain/call_store.h"
#include "services/account-link/domain/note_store.h"
#include "tests/contract/services/account-link/fakes/in_memory_database.h"

namespace shodan::account_link::testing {

/// CallStore without a database; held to the contract that the real one is held to.
class InMemoryCallStore final : public CallStore {
 public:
  explicit InMemoryCallStore(InMemoryDatabase& database) : database_(database) {}

  absl::StatusOr<Call> Create(const CallContent& content, const IdempotentRequest& request,
                              Deadline deadline) override;
  absl::StatusOr<Call> Get(const UserKey& owner, const std::string& call_id,
                           Deadline deadline) override;
  absl::StatusOr<std::vector<Call>> List(const UserKey& owner, const CallFilter& filter,
                                         const PageQuery& query, Deadline deadline) override;
  absl::StatusOr<Call> Update(const UserKey& owner, const std::string& call_id,
                              const CallChange& change, const std::string& etag,
                              Deadline deadline) override;
  absl::Status Delete(const UserKey& owner, const std::string& call_id, Deadline deadline) override;

 private:
  InMemoryDatabase& database_;
};

/// NoteStore without a database; held to the contract that the real one is held to.
class InMemoryNoteStore final : public NoteStore {
 public:
  explicit InMemoryNoteStore(InMemoryDatabase& database) : database_(database) {}

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
  InMemoryDatabase& database_;
};

}  // namespace shodan::account_link::testing
