// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// A link as programs with an API key see it: while it is active or needs reconnecting.
struct Connection {
  std::string connection_id;  ///< the link's external id, or its link id while it has none
  Link link;
  std::string metadata;  ///< a JSON object
};

/// Which connections, in the order of their users' ids. Empty texts do not filter.
struct ConnectionQuery {
  std::string project_id;
  std::string connection_id;
  std::string user_id;
  int size = 0;  ///< 0 means kDefaultConnectionPageSize
  int skip = 0;  ///< how many to leave out before the first
};

/// Metadata for several connections.
struct MetadataChange {
  std::string project_id;
  std::vector<std::string> connection_ids;
  std::string metadata;  ///< a JSON object, checked
  bool merge = false;    ///< its members replace those of the same name, and leave the others
};

/// Connections. Errors of the database pass through. Thread-safe.
class ConnectionStore {
 public:
  virtual ~ConnectionStore() = default;

  virtual absl::StatusOr<std::vector<Connection>> List(const ConnectionQuery& query,
                                                       Deadline deadline) = 0;
  /// All or none, with an audit record for each. NOT_FOUND/CONNECTION_NOT_FOUND;
  /// INVALID_ARGUMENT/INVALID_FIELD when an object, merged and written out, has more than
  /// `bytes_max`.
  virtual absl::Status ChangeMetadata(const MetadataChange& change, size_t bytes_max,
                                      const Actor& actor, Deadline deadline) = 0;
};

/// What programs with an API key do with a project's connections. Every request is checked whole:
/// INVALID_ARGUMENT/INVALID_FIELD names each bad field. Thread-safe.
class Connections {
 public:
  explicit Connections(ConnectionStore& store) : store_(store) {}

  /// NOT_FOUND/CONNECTION_NOT_FOUND.
  absl::StatusOr<Connection> Get(const std::string& project_id, const std::string& connection_id,
                                 const CallScope& scope);
  absl::StatusOr<std::vector<Connection>> List(ConnectionQuery query, const CallScope& scope);
  /// NOT_FOUND/CONNECTION_NOT_FOUND.
  absl::Status ChangeMetadata(const MetadataChange& change, const CallScope& scope);

 private:
  ConnectionStore& store_;
};

}  // namespace shodan::account_link
