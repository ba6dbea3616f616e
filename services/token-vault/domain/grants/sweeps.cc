// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/sweeps.h"

#include "libs/base/status.h"

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::milliseconds kPartLimit{10'000};

}  // namespace

void Sweeps::Run() {
  const auto deadline = [] { return Deadline::After(kPartLimit); };
  const Lifetimes& lifetimes = parts_.lifetimes;
  Report("spool", parts_.spool.Replay(deadline()));
  // Before the doubtful tokens: an exchange that a crash cut off leaves one.
  // Before the attempts, which stay for as long as an import refers to them.
  Report("import keys", parts_.grant_import.Sweep(deadline()));
  Report("inbox keys", parts_.webhooks.Sweep(deadline()));
  Report("attempts",
         parts_.attempts.Sweep(lifetimes.exchange, lifetimes.record_retention, deadline()));
  Report("doubtful tokens", parts_.access_tokens.SweepDoubtful(deadline()));
  Report("identities", parts_.identification.Sweep(deadline()));
  Report("unidentified grants",
         parts_.pending.DropUnidentified(lifetimes.pending_grant, deadline()));
  Report("profiles",
         parts_.grants.WipeOldProfiles(lifetimes.reconnect_required_profile, deadline()));
  Report("replaced apps", parts_.zoom_apps.SweepReplaced(deadline()));
  Report("records", parts_.erasures.Sweep(lifetimes.record_retention, deadline()));
}

void Sweeps::RunErasures() {
  Report("erasures", parts_.erasure.Sweep(Deadline::After(kPartLimit)));
}

void Sweeps::RunKeepAlive(int limit) {
  Report("keep-alive", parts_.access_tokens.KeepAlive(limit, Deadline::After(kPartLimit)).status());
}

void Sweeps::Report(const char* part, const absl::Status& status) {
  if (status.ok()) return;
  parts_.log.Warning("sweep failed", {{"part", part}, {"reason", ReasonOf(status)}});
}

}  // namespace shodan::tokenvault
