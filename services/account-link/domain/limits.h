// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace shodan::account_link {

inline constexpr size_t kMaxProjectIdBytes = 63;
inline constexpr size_t kMaxIdBytes = 255;  ///< user, company and person ids
inline constexpr size_t kMaxInputNumberBytes = 250;
inline constexpr size_t kMaxNoteCharacters = 10'000;
/// User metadata: the JSON text of a patch, and of all that is kept; and how deep it may nest.
inline constexpr size_t kMaxMetadataBytes = size_t{16} * 1024;
inline constexpr size_t kMaxMetadataDepth = 16;
/// A connection's, merged, as the database writes it out: with a space after each separator.
inline constexpr size_t kMaxWrittenMetadataBytes = size_t{32} * 1024;
inline constexpr size_t kMaxEtagBytes = 64;
inline constexpr size_t kMaxDisplayNameCharacters = 255;
inline constexpr size_t kMaxOrigins = 100;
inline constexpr size_t kMaxTokenIssuers = 10;
inline constexpr size_t kMaxIssuerCharacters = 512;
inline constexpr size_t kMaxClaimCharacters = 255;
inline constexpr size_t kMaxJwksBytes = 64 * 1024;
inline constexpr size_t kMaxApiKeys = 100;  ///< of a project
inline constexpr size_t kMaxApiKeyNameCharacters = 100;
inline constexpr std::chrono::hours kMaxApiKeyLifetime{3650 * 24};
inline constexpr std::chrono::hours kMaxApiKeyOverlap{30 * 24};
inline constexpr std::chrono::minutes kConnectSessionLifetime{30};
inline constexpr size_t kMaxConnectionIds = 100;
inline constexpr int kMaxConnectionPageSize = 1'000;
inline constexpr int kDefaultConnectionPageSize = 100;
inline constexpr int kMaxSkippedConnections = 100'000;
inline constexpr size_t kMaxPageTokenBytes = 256;
inline constexpr int kMaxPageSize = 100;
inline constexpr int kDefaultPageSize = 25;
inline constexpr std::chrono::seconds kMaxCallDuration = std::chrono::hours(7 * 24);

/// Connections of another system in one call, and what one may hold.
inline constexpr int kMaxImportedConnections = 20;
inline constexpr size_t kMaxImportedScopes = 100;
inline constexpr size_t kMaxScopeBytes = 128;
inline constexpr size_t kMaxEnvelopeBytes = 16'384;

/// How often a call decides anew because the link's generation moved on meanwhile.
inline constexpr int kMaxRounds = 5;

/// One page of the vault's event feed, applied in one transaction.
inline constexpr int kEventPageSize = 100;
/// Pages that one pull follows at most; a longer backlog is followed by the next pulls.
inline constexpr int kMaxEventPages = 100;
/// Undone decisions and pending grants that one run of the reconciler takes up.
inline constexpr int kMaxDecisionsPerRun = 50;
inline constexpr int kMaxPendingGrantsPerRun = 200;
/// Longest pause between two tries of one decision.
inline constexpr std::chrono::milliseconds kMaxDecisionBackOff = std::chrono::seconds(60);
/// Longest pause, in runs of the reconciler, between two looks at an undecided pending grant.
inline constexpr int kMaxPendingGrantBackOffRuns = 30;
/// Rows that one run of the reconciler removes at most.
inline constexpr int kMaxPurgedRows = 1'000;

/// Events that a watcher reads from the database at once, and holds at most.
inline constexpr int kWatchPageSize = 500;
/// Changes that one look of the feed reads at most.
inline constexpr int kMaxPolledChanges = 1'000;
/// Changes that the feed holds for all watchers of a replica; those further behind read for
/// themselves.
inline constexpr size_t kMaxHeldChanges = 4'096;

/// For how long a request id is remembered.
inline constexpr std::chrono::hours kRequestLifetime{24};
/// For how long a decision that was carried out is kept; longer than a request id can point to it.
inline constexpr std::chrono::hours kDoneDecisionLifetime{7 * 24};

}  // namespace shodan::account_link
