// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "libs/service/grpc_host.h"

namespace shodan::automation {

/// A worker is busy with one webhook for a call to the vault and one short transaction.
inline constexpr service::HostLimits kHostLimits{
    .worker_threads = 16, .max_queued_calls = 1'024, .drain = std::chrono::seconds(20)};

/// One run of a reader, of the teller, of the follower of the vault's events.
inline constexpr std::chrono::milliseconds kRunLimit = std::chrono::seconds(20);
/// One attempt to send a delivery, with the calls to the vault and the database beside it.
inline constexpr std::chrono::milliseconds kAttemptLimit = std::chrono::seconds(90);
/// Rows that one statement of the sweep deletes.
inline constexpr int kSweepBatch = 1'000;
inline constexpr std::chrono::milliseconds kSweepInterval = std::chrono::seconds(30);

/// For the statements of the start.
inline constexpr std::chrono::milliseconds kStartLimit = std::chrono::seconds(30);
inline constexpr std::chrono::milliseconds kReadinessLimit = std::chrono::seconds(2);

}  // namespace shodan::automation
