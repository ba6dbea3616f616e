// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"

namespace shodan::tokenvault {

/// What an inbox key is for.
enum class InboxKeyUse {
  kSealing,  ///< of one day, by the database's clock: seals the webhooks received on it
  /// Of the installation: makes the tags by which a repeated webhook is known, and the keys of
  /// webhook endpoints.
  kTagging,
};

/// An inbox key as it is stored.
struct InboxKeyRecord {
  std::string inbox_key_id;
  std::string sealed_key;
};

/// The keys of the webhook inbox. Thread-safe; errors of the database pass through.
class InboxKeyStore {
 public:
  /// Makes the sealed form of a new key with this id.
  using Make = std::function<std::string(const std::string& inbox_key_id)>;

  virtual ~InboxKeyStore() = default;

  /// The present key for a use. The first call, on whichever replica, stores one that `make` makes.
  virtual absl::StatusOr<InboxKeyRecord> FindOrCreate(InboxKeyUse use, const Make& make,
                                                      Deadline deadline) = 0;
  /// A key that seals; nullopt when it was destroyed or never was.
  virtual absl::StatusOr<std::optional<InboxKeyRecord>> Find(const std::string& inbox_key_id,
                                                             Deadline deadline) = 0;
  /// Destroys sealing keys of days that ended at least `age` ago.
  virtual absl::Status DestroyOld(std::chrono::milliseconds age, Deadline deadline) = 0;
};

}  // namespace shodan::tokenvault
