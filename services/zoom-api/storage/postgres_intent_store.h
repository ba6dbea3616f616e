// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "libs/postgres/pool.h"
#include "services/zoom-api/domain/intent_store.h"

namespace shodan::zoomapi {

/// Intents in PostgreSQL. The pool outlives it.
class PostgresIntentStore final : public IntentStore {
 public:
  /// An intent keeps its request id from being used again for `retention`.
  PostgresIntentStore(postgres::Pool& pool, std::chrono::milliseconds retention)
      : pool_(pool), retention_(retention) {}

  absl::StatusOr<std::optional<EarlierIntent>> Begin(const Intent& intent,
                                                     Deadline deadline) override;
  absl::Status End(const Intent& intent, const IntentEnding& ending, Deadline deadline) override;
  absl::StatusOr<int> EndLost(int limit, Deadline deadline) override;
  absl::StatusOr<int> RemoveOld(int limit, Deadline deadline) override;

 private:
  absl::StatusOr<std::optional<EarlierIntent>> TryBegin(const Intent& intent, Deadline deadline);

  postgres::Pool& pool_;
  const std::chrono::milliseconds retention_;
};

}  // namespace shodan::zoomapi
