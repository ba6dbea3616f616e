// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "libs/service/grpc_host.h"

namespace shodan::account_link {

/// Workers of calls that need the database alone; the pool has about as many connections.
inline constexpr service::HostLimits kRecordLimits{
    .worker_threads = 8, .max_queued_calls = 256, .drain = std::chrono::seconds(20)};

/// Workers of calls that wait for the vault: most of their time they hold no connection.
inline constexpr int kSagaWorkers = 16;
inline constexpr int kSagaQueuedCalls = 128;

/// Workers of watchers that read a snapshot, or what they missed. One job a stream at most.
inline constexpr int kWatchWorkers = 2;

/// For the statements of the start: schema check, projects.
inline constexpr std::chrono::milliseconds kStartLimit = std::chrono::seconds(30);
inline constexpr std::chrono::milliseconds kReadinessLimit = std::chrono::seconds(2);

}  // namespace shodan::account_link
