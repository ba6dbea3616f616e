// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "absl/status/statusor.h"
#include "libs/kms/sigv4.h"

namespace shodan::kms {

using Now = std::chrono::system_clock::time_point (*)();

/// Credentials and when they end; nullopt for those that do not.
struct ExpiringCredentials {
  AwsCredentials credentials;
  std::optional<std::chrono::system_clock::time_point> expires_at;
};

/// One way to get credentials. Thread-safe.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  /// Blocks. UNAVAILABLE/AWS_CREDENTIALS_UNAVAILABLE, without a word of what the source answered.
  virtual absl::StatusOr<ExpiringCredentials> Get() = 0;
};

/// Keeps what a source gave until five minutes before its end. Thread-safe.
class CachedCredentials {
 public:
  /// `source` outlives this.
  CachedCredentials(CredentialSource& source, Now now) : source_(source), now_(now) {}

  absl::StatusOr<AwsCredentials> Get();
  /// AWS refused them: the next call asks the source again.
  void Forget();

 private:
  CredentialSource& source_;
  const Now now_;
  std::mutex mutex_;
  std::optional<ExpiringCredentials> cached_;
};

}  // namespace shodan::kms
