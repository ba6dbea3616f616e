// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "libs/base/status.h"
#include "services/gateway/backends/account_link_client.h"

namespace shodan::gateway {

/// An account-link that knows projects only.
class ProjectsOnly final : public AccountLinkClient {
 public:
  std::function<absl::StatusOr<Project>(const std::string&)> answer;
  int calls = 0;

  Result<Project> GetProject(BackendCall, std::string project_id) override {
    ++calls;
    co_return answer(project_id);
  }
  Result<Link> GetLink(BackendCall, Person) override { co_return None(); }
  Result<Link> CompleteLink(BackendCall, Person, std::string) override { co_return None(); }
  Result<Disconnection> Disconnect(BackendCall, Person, std::string) override { co_return None(); }
  Result<Disconnection> AdminDisconnect(BackendCall, Person, std::string, std::string) override {
    co_return None();
  }
  Result<Call> CreateCall(BackendCall, Person, std::string, Call) override { co_return None(); }
  Result<Call> GetCall(BackendCall, Person, std::string) override { co_return None(); }
  Result<Page<Call>> ListCalls(BackendCall, Person, RecordQuery) override { co_return None(); }
  Result<Call> UpdateCall(BackendCall, Person, CallUpdate) override { co_return None(); }
  Result<bool> DeleteCall(BackendCall, Person, std::string) override { co_return None(); }
  Result<Note> CreateNote(BackendCall, Person, std::string, Note) override { co_return None(); }
  Result<Note> GetNote(BackendCall, Person, std::string) override { co_return None(); }
  Result<Page<Note>> ListNotes(BackendCall, Person, RecordQuery) override { co_return None(); }
  Result<Note> UpdateNote(BackendCall, Person, Note) override { co_return None(); }
  Result<bool> DeleteNote(BackendCall, Person, std::string) override { co_return None(); }
  Result<std::string> GetUserMetadata(BackendCall, Person) override { co_return None(); }
  Result<std::string> UpdateUserMetadata(BackendCall, Person, std::string) override {
    co_return None();
  }

 private:
  static absl::Status None() { return Unavailable("NOT_PART_OF_THIS_TEST", "none"); }
};

inline BackendCall AnyCall() {
  return BackendCall(Deadline::After(std::chrono::seconds(30)), "request");
}

}  // namespace shodan::gateway
