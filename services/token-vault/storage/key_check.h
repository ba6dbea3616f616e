// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "libs/base/deadline.h"
#include "libs/crypto/key_ring.h"
#include "libs/postgres/pool.h"

namespace shodan::tokenvault {

/// Holds the key ring against what this installation has used before, and records epochs seen for
/// the first time. FAILED_PRECONDITION/KEY_EPOCH_UNKNOWN when stored fields need an epoch that the
/// ring lacks, /KEY_EPOCH_CHANGED when an epoch's key is another one than before.
absl::Status CheckKeys(postgres::Pool& pool, const KeyRing& keys, Deadline deadline);

}  // namespace shodan::tokenvault
