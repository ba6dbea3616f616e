// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "libs/postgres/pool.h"
#include "libs/secrets/secret.h"

namespace shodan::audit {

/// What one seal vouches for.
struct Seal {
  int64_t seal_id = 0;  ///< 0: nothing was sealed
  int64_t chains = 0;
  int64_t rows = 0;
  std::string mac;    ///< 32 bytes; worth keeping outside the database, together with the id
  bool more = false;  ///< further chains wait
};

/// Seals the ends of the audit chains of one database.
///
/// A chain proves the order of its records to somebody who knows its last hash; whoever can write
/// to the database could compute it anew. A seal is an HMAC over the last hashes of the chains that
/// grew, their numbers of records, and the seal before it, under a key that is not in the database.
///
///   root = SHA-256 over, for each chain in the order of the bytes of their ids,
///          LP(chain id, first position, last position, hash of the last)
///   mac  = HMAC-SHA-256(key, LP("shodan.audit.seal.1", seal id, sealed at in microseconds since
///          1970, key id, number of chains, number of rows, mac of the seal before or "", root))
///
/// LP is LengthPrefixed of libs/crypto/digest.h; numbers are decimal text.
///
/// Any number of replicas may seal: one at a time does, by an advisory lock of the transaction.
/// Writers do not wait for it, except that those of a chain in the batch wait for its commit.
/// Thread-safe.
class Sealer {
 public:
  /// `key`: 32 bytes. `max_chains` bounds a batch.
  Sealer(postgres::Pool& pool, Secret key, int max_chains = 1'000);

  /// Seals what has grown since the last seal, in one transaction. Without effect when nothing has,
  /// or when another replica is at it. Errors are the pool's; after COMMIT_UNKNOWN the seal may
  /// exist, and the next call goes on from there.
  absl::StatusOr<Seal> SealOnce(Deadline deadline) const;

  /// Tells keys apart and reveals nothing: the first 8 bytes, in hex, of an HMAC under the key.
  const std::string& key_id() const { return key_id_; }

 private:
  absl::Status SealIn(postgres::Session& session, Seal& seal) const;

  postgres::Pool& pool_;
  const Secret key_;
  const std::string key_id_;
  const int max_chains_;
};

}  // namespace shodan::audit
