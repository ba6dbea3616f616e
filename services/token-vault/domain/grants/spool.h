// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/token-vault/domain/grants/grant_store.h"

namespace shodan::tokenvault {

/// Small files that survive this process. Thread-safe.
class SpoolFiles {
 public:
  virtual ~SpoolFiles() = default;
  /// Durable when it returns; replaces a file of the same name as a whole.
  virtual absl::Status Write(const std::string& name, const std::string& content) = 0;
  virtual absl::StatusOr<std::vector<std::string>> List() = 0;
  virtual absl::StatusOr<std::string> Read(const std::string& name) = 0;
  virtual absl::Status Remove(const std::string& name) = 0;
};

/// Refreshed tokens that the database could not take yet.
struct SpooledRefresh {
  TokenKey token;  ///< the consumed one
  SealedTokens tokens;
  Time asked_at;
  std::string write_id;
};

/// Keeps refreshed tokens outside the database while it is gone, so that they outlive the process.
///
/// A file is sealed twice: its tokens as the database would hold them, under the key epoch, and the
/// whole under the secret that BeginRefresh put into the grant's row. A disconnect, a reconnect or
/// a stored refresh clears that secret, and the file cannot be read any more. Thread-safe.
class Spool {
 public:
  Spool(SpoolFiles& files, GrantStore& grants, Logger& log, Metrics& metrics)
      : files_(files), grants_(grants), log_(log), metrics_(metrics) {}

  absl::Status Keep(const SpooledRefresh& refresh, const Secret& intent_secret);
  /// The database has them, or knows better.
  void Forget(const TokenKey& token);
  /// Stores what earlier processes left. Files of no use are removed; while the database cannot be
  /// asked they stay.
  absl::Status Replay(Deadline deadline);

 private:
  absl::Status ReplayOne(const std::string& name, Deadline deadline);

  SpoolFiles& files_;
  GrantStore& grants_;
  Logger& log_;
  Metrics& metrics_;
};

}  // namespace shodan::tokenvault
