// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "libs/service/grpc_host.h"

namespace shodan::zoomapi {

/// Workers write intents, one connection each: two short transactions an unsafe request. A stream
/// lasts as long as one transfer may.
inline constexpr service::HostLimits kHostLimits{.worker_threads = 8,
                                                 .max_queued_calls = 2'048,
                                                 .drain = std::chrono::seconds(30),
                                                 .stream_age = std::chrono::minutes(10)};

/// Intents that one run of the sweep ends or removes in one transaction.
inline constexpr int kSweepBatch = 500;
inline constexpr std::chrono::milliseconds kSweepLimit = std::chrono::seconds(10);

/// At the end: how long requests whose caller left are waited for, and then what still ends itself.
inline constexpr std::chrono::milliseconds kOutcomeLimit = std::chrono::seconds(40);
inline constexpr std::chrono::milliseconds kEndLimit = std::chrono::seconds(20);
inline constexpr std::chrono::milliseconds kSettlePause{20};

/// For the statements of the start.
inline constexpr std::chrono::milliseconds kStartLimit = std::chrono::seconds(30);
inline constexpr std::chrono::milliseconds kReadinessLimit = std::chrono::seconds(2);

}  // namespace shodan::zoomapi
