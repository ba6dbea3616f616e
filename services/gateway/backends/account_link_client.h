// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "services/gateway/backends/backend_call.h"

namespace shodan::gateway {

using Time = std::chrono::system_clock::time_point;

/// One issuer of session tokens that a project trusts.
struct TokenIssuer {
  std::string issuer;
  std::string audience;
  std::string jwks_url;  ///< empty when the keys are in jwks
  std::string jwks;
  std::string user_claim;
  std::string name_claim;
  std::string role_claim;
  std::string admin_role;
};

struct Project {
  std::string project_id;
  std::string display_name;
  std::string settings_url;
  std::vector<std::string> origins;
  std::vector<TokenIssuer> token_issuers;
};

enum class LinkState { kNone, kActive, kReconnectRequired, kDisconnecting };

/// A user's link to a Zoom account; holds nothing of Zoom's.
struct Link {
  std::string project_id;
  std::string user_id;
  std::string link_id;  ///< empty when the user never connected
  LinkState state = LinkState::kNone;
  std::string_view cause;  ///< as the browser API names it; empty for none. A literal.
  int64_t generation = 0;
  std::optional<Time> connect_time;
  std::optional<Time> update_time;
};

/// What a disconnect did so far.
struct Receipt {
  std::string link_id;
  int64_t generation = 0;
  std::optional<Time> start_time;
  std::optional<Time> end_time;
  bool revoked_at_zoom = false;
  /// After it nobody can read what was wiped from a backup any more.
  std::optional<Time> backups_unreadable_time;
};

struct Disconnection {
  Link link;
  std::optional<Receipt> receipt;
};

/// A call that a user began.
struct Call {
  std::string call_id;
  std::string number;
  std::string input_number;
  std::string region;
  std::string company_id;
  std::string person_id;
  std::string outcome = "unspecified";  ///< as the browser API names it
  std::optional<Time> start_time;
  std::optional<std::chrono::seconds> duration;
  std::optional<Time> create_time;
  std::optional<Time> update_time;
  std::string etag;
};

struct Note {
  std::string note_id;
  std::string text;
  std::string company_id;
  std::string person_id;
  std::string call_id;
  std::optional<Time> create_time;
  std::optional<Time> update_time;
  std::string etag;
};

/// Which records, and which page of them. Empty texts do not filter.
struct RecordQuery {
  std::string company_id;
  std::string person_id;
  std::string call_id;  ///< notes only
  int page_size = 0;
  std::string page_token;
};

template <typename Record>
struct Page {
  std::vector<Record> records;
  std::string next_page_token;
};

/// What changes in a call; absent members stay as they are.
struct CallUpdate {
  std::string call_id;
  std::optional<std::string> outcome;
  std::optional<std::chrono::seconds> duration;
  std::string etag;  ///< empty to overwrite whatever is there
};

/// Port to account-link. Errors are those of shodan.accountlink.v1.AccountLinkService, and
/// UNAVAILABLE or DEADLINE_EXCEEDED of the way there. Thread-safe.
class AccountLinkClient {
 public:
  template <typename T>
  using Result = boost::asio::awaitable<absl::StatusOr<T>>;

  virtual ~AccountLinkClient() = default;
  virtual Result<Project> GetProject(BackendCall call, std::string project_id) = 0;
  virtual Result<Link> GetLink(BackendCall call, Person person) = 0;
  virtual Result<Link> CompleteLink(BackendCall call, Person person, std::string attempt_id) = 0;
  virtual Result<Disconnection> Disconnect(BackendCall call, Person person,
                                           std::string request_id) = 0;
  virtual Result<Disconnection> AdminDisconnect(BackendCall call, Person admin, std::string user_id,
                                                std::string request_id) = 0;

  virtual Result<Call> CreateCall(BackendCall call, Person person, std::string request_id,
                                  Call record) = 0;
  virtual Result<Call> GetCall(BackendCall call, Person person, std::string call_id) = 0;
  virtual Result<Page<Call>> ListCalls(BackendCall call, Person person, RecordQuery query) = 0;
  virtual Result<Call> UpdateCall(BackendCall call, Person person, CallUpdate update) = 0;
  virtual Result<bool> DeleteCall(BackendCall call, Person person, std::string call_id) = 0;

  virtual Result<Note> CreateNote(BackendCall call, Person person, std::string request_id,
                                  Note note) = 0;
  virtual Result<Note> GetNote(BackendCall call, Person person, std::string note_id) = 0;
  virtual Result<Page<Note>> ListNotes(BackendCall call, Person person, RecordQuery query) = 0;
  /// Replaces the text of note.note_id; note.etag may be empty.
  virtual Result<Note> UpdateNote(BackendCall call, Person person, Note note) = 0;
  virtual Result<bool> DeleteNote(BackendCall call, Person person, std::string note_id) = 0;

  /// A JSON object, as UpdateUserMetadata takes and answers it too.
  virtual Result<std::string> GetUserMetadata(BackendCall call, Person person) = 0;
  /// The patch's members are set, or removed where they are null. Answers all there is now.
  virtual Result<std::string> UpdateUserMetadata(BackendCall call, Person person,
                                                 std::string patch) = 0;
};

}  // namespace shodan::gateway
