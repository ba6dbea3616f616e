// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"
#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/backend_call.h"

namespace shodan::gateway {

/// A link as programs with an API key see it.
struct Connection {
  std::string connection_id;
  Link link;
  std::string metadata;  ///< a JSON object
};

/// Which connections. Empty texts do not filter.
struct ConnectionQuery {
  std::string connection_id;
  std::string user_id;
  int page_size = 0;
  int skip = 0;
};

/// A permission to connect, or to reconnect, one user's Zoom account in a browser.
struct ConnectSession {
  std::string project_id;
  std::string user_id;
  std::string user_display_name;
  bool reconnect = false;
  std::optional<Time> expire_time;
};

struct IssuedConnectSession {
  ConnectSession session;
  Secret token;
};

/// What a new session is to permit; see shodan.accountlink.v1.CreateConnectSessionRequest.
struct NewConnectSession {
  std::string user_id;
  std::string user_display_name;
  std::string connection_id;
  bool reconnect = false;
};

/// A connected user's access token.
struct AccessToken {
  Secret token;
  std::optional<Time> expire_time;
  int64_t version = 0;
  std::vector<std::string> scopes;
};

/// Connections for programs with an API key: account-link knows them, the vault has the tokens.
/// `key` is the API key; errors are those of the two services, and UNAVAILABLE or DEADLINE_EXCEEDED
/// of the way there. Thread-safe.
class ConnectionClient {
 public:
  template <typename T>
  using Result = boost::asio::awaitable<absl::StatusOr<T>>;

  virtual ~ConnectionClient() = default;
  /// NOT_FOUND/CONNECTION_NOT_FOUND.
  virtual Result<Connection> Get(BackendCall call, Person key, std::string connection_id) = 0;
  /// The same on the gateway's own behalf, to find the user of a connection that an API key named.
  virtual Result<Connection> Resolve(BackendCall call, std::string project_id,
                                     std::string connection_id) = 0;
  virtual Result<std::vector<Connection>> List(BackendCall call, Person key,
                                               ConnectionQuery query) = 0;
  virtual Result<bool> UpdateMetadata(BackendCall call, Person key,
                                      std::vector<std::string> connection_ids, std::string metadata,
                                      bool merge) = 0;
  /// `key` names the user. `rejected_version`: of a token that is to be replaced, else 0.
  virtual Result<AccessToken> GetAccessToken(BackendCall call, Person key,
                                             int64_t rejected_version) = 0;

  virtual Result<IssuedConnectSession> CreateSession(BackendCall call, Person key,
                                                     NewConnectSession content) = 0;
  virtual Result<ConnectSession> GetSession(BackendCall call, std::string token) = 0;
  virtual Result<bool> DeleteSession(BackendCall call, std::string token) = 0;
};

}  // namespace shodan::gateway
