// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/reconciler_loop.h"

#include "libs/base/status.h"

namespace shodan::account_link {
namespace {

// Longer than any single wait inside, so that a run ends by what it waits for; short enough to end
// a program that is told to stop.
constexpr std::chrono::milliseconds kRunLimit = std::chrono::seconds(10);

}  // namespace

ReconcilerLoop::ReconcilerLoop(Reconciler& reconciler, std::chrono::milliseconds interval,
                               Logger& log, Metrics& metrics)
    : reconciler_(reconciler),
      log_(log),
      metrics_(metrics),
      task_(interval, [this] { RunOnce(); }) {}

void ReconcilerLoop::RunOnce() { Report(reconciler_.RunOnce(Deadline::After(kRunLimit))); }

void ReconcilerLoop::Report(const Reconciler::Report& report) {
  constexpr std::string_view kHelp = "What the reconciler did.";
  const auto count = [&](std::string_view what, int amount) {
    if (amount == 0) return;
    metrics_.Count("shodan_account_link_reconciled_total", kHelp, {{"what", what}}, amount);
  };
  count("event", report.events_applied);
  count("event_mismatched", report.events_mismatched);
  count("decision", report.decisions_carried_out);
  count("pending_grant", report.pending_grants_decided);
  count("incident", static_cast<int>(report.incidents.size()));
  metrics_.Count("shodan_account_link_reconciler_runs_total", "Runs of the reconciler.",
                 {{"result", report.status.ok() ? "ok" : "failed"}});

  if (report.events_mismatched > 0) {
    log_.Error("Events of the vault name other link ids than this database holds.",
               {{"events", report.events_mismatched}});
  }
  for (const Reconciler::Incident& incident : report.incidents) {
    log_.Warning("Unfinished work is tried again later.",
                 {{"what", incident.what},
                  {"id", incident.id},
                  {"code", absl::StatusCodeToString(incident.status.code())},
                  {"reason", ReasonOf(incident.status)}});
  }
  if (ReasonOf(report.status) == ReasonOf(last_status_)) return;
  if (report.status.ok()) {
    log_.Info("The reconciler works again.");
  } else {
    log_.Warning("The reconciler cannot work.",
                 {{"code", absl::StatusCodeToString(report.status.code())},
                  {"reason", ReasonOf(report.status)}});
  }
  last_status_ = report.status;
}

}  // namespace shodan::account_link
