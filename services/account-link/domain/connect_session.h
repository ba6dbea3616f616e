// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// A permission to connect, or to reconnect, one user's Zoom account in a browser.
struct ConnectSession {
  UserKey owner;
  std::string user_display_name;
  bool reconnect = false;  ///< renews an existing connection, with the same Zoom account only
  Time expire_time;
};

/// What a new session is to permit.
struct ConnectSessionContent {
  UserKey owner;                  ///< no user when an existing connection is renewed
  std::string user_display_name;  ///< empty: the user's id
  /// The name for the user's link; empty: it keeps the one it has. Renewing: which connection.
  std::string connection_id;
  bool reconnect = false;
};

struct IssuedConnectSession {
  ConnectSession session;
  Secret token;
};

/// Connect sessions. Times are the store's clock. Errors of the database pass through. Thread-safe.
class ConnectSessionStore {
 public:
  virtual ~ConnectSessionStore() = default;

  /// Names the link if the content says so, in the same transaction; removes some sessions that
  /// have ended. NOT_FOUND/PROJECT_NOT_FOUND, NOT_FOUND/CONNECTION_NOT_FOUND,
  /// ALREADY_EXISTS/CONNECTION_ID_TAKEN, FAILED_PRECONDITION/CONNECTION_ID_FIXED.
  virtual absl::StatusOr<ConnectSession> Insert(const ConnectSessionContent& content,
                                                const std::string& secret_hash, const Actor& actor,
                                                Deadline deadline) = 0;
  /// nullopt when there is none, or when it has ended.
  virtual absl::StatusOr<std::optional<ConnectSession>> Find(const std::string& secret_hash,
                                                             Deadline deadline) = 0;
  /// False when there was none.
  virtual absl::StatusOr<bool> Delete(const std::string& secret_hash, Deadline deadline) = 0;
};

/// Connect sessions: programs with an API key make them, browsers use them. Thread-safe.
class ConnectSessions {
 public:
  explicit ConnectSessions(ConnectSessionStore& store) : store_(store) {}

  /// INVALID_ARGUMENT/INVALID_FIELD, and as the store.
  absl::StatusOr<IssuedConnectSession> Create(ConnectSessionContent content,
                                              const CallScope& scope);
  /// UNAUTHENTICATED/CONNECT_SESSION_INVALID.
  absl::StatusOr<ConnectSession> Get(const Secret& token, const CallScope& scope);
  absl::Status Delete(const Secret& token, const CallScope& scope);

 private:
  ConnectSessionStore& store_;
};

}  // namespace shodan::account_link
