// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/access_tokens.h"

#include <random>
#include <utility>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"
#include "services/token-vault/domain/errors.h"
#include "services/token-vault/domain/grants/late_tokens.h"
#include "services/token-vault/domain/grants/persist.h"
#include "services/token-vault/domain/grants/profiles.h"
#include "services/token-vault/domain/names.h"

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::milliseconds kIntentLimit{5'000};
constexpr std::chrono::milliseconds kOtherReplicaPoll{25};
// Kept free at a lease's end for what comes before and after the request itself.
constexpr std::chrono::milliseconds kLeaseReserve{2'000};
constexpr std::chrono::seconds kRetryHint{2};
constexpr int kSweepBatch = 50;

double Jitter() {
  thread_local std::mt19937 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

absl::Status ReconnectRequired(GrantCause cause) {
  return MakeError(absl::StatusCode::kFailedPrecondition, kReconnectRequired,
                   "Zoom no longer accepts the connection; the user must connect again.",
                   {{"cause", std::string(NameOf(cause))}});
}

absl::Status NotConnected() { return NotFound(kGrantNotFound, "The user is not connected."); }

absl::Status ErrorFor(RefreshOutcome outcome) {
  if (outcome == RefreshOutcome::kConfig) {
    return WithRetryAfter(
        Unavailable(kZoomAppRejected, "Zoom refuses the app's credentials; an operator must act."),
        std::chrono::seconds(60));
  }
  if (outcome == RefreshOutcome::kSuspect) {
    return WithRetryAfter(
        Unavailable(kRefreshInProgress, "The connection is being checked; repeat the call."),
        kRetryHint);
  }
  return WithRetryAfter(Unavailable(kZoomUnavailable, "Zoom did not refresh the connection."),
                        kRetryHint);
}

// Named by the credentials too: changed ones are tried at once.
std::string DoorOf(const Grant& grant, const ZoomAppPtr& app) {
  return app == nullptr ? grant.zoom_app_id
                        : Join(grant.zoom_app_id, ".", std::to_string(app->revision));
}

std::string_view NameOfOutcome(RefreshOutcome outcome) {
  switch (outcome) {
    case RefreshOutcome::kOk:
      return "ok";
    case RefreshOutcome::kTerminal:
      return "terminal";
    case RefreshOutcome::kSuspect:
      return "suspect";
    case RefreshOutcome::kAmbiguous:
      return "ambiguous";
    case RefreshOutcome::kTransient:
      return "transient";
    case RefreshOutcome::kConfig:
      return "config";
  }
  return "";
}

TokenKey KeyOf(const Grant& grant) {
  return {grant.link_id, grant.generation, grant.token_version};
}

}  // namespace

// One refresh in progress; everyone who wants the same link's token waits for it.
struct AccessTokens::Flight {
  std::condition_variable landed;
  bool done = false;
  absl::StatusOr<RefreshOutcome> outcome = RefreshOutcome::kTransient;
};

absl::StatusOr<AccessToken> AccessTokens::Get(const std::string& project_id,
                                              const std::string& user_id,
                                              int64_t rejected_token_version, Deadline deadline) {
  std::optional<RefreshOutcome> last;
  std::optional<int64_t> first_version;
  while (true) {
    SHODAN_ASSIGN_OR_RETURN(
        const std::optional<Grant> grant,
        parts_.grants.Find(project_id, user_id, parts_.lifetimes.refresh_margin, deadline));
    if (!grant.has_value()) return NotConnected();
    if (grant->state == GrantState::kReconnectRequired) return ReconnectRequired(grant->cause);
    if (grant->state != GrantState::kActive) return NotConnected();
    const bool rejected = grant->token_version == rejected_token_version;
    // Refreshed during this call, a token is as good as they get here: some servers' tokens live
    // shorter than the margin.
    if (!first_version.has_value()) first_version = grant->token_version;
    const bool renewed = grant->token_version > *first_version;
    if (!rejected && (grant->fresh || (renewed && grant->usable))) return HandOut(*grant);
    if (grant->token_version > *first_version + 1) return ErrorFor(RefreshOutcome::kTransient);
    // A refresh that failed must not take a token away that still works.
    const bool fallback = grant->usable && !rejected;
    if (last.has_value() && *last != RefreshOutcome::kOk) {
      return fallback ? HandOut(*grant) : absl::StatusOr<AccessToken>(ErrorFor(*last));
    }
    if (grant->waiting && !grant->leased) {
      return fallback ? HandOut(*grant)
                      : absl::StatusOr<AccessToken>(ErrorFor(RefreshOutcome::kTransient));
    }
    if (deadline.Expired()) return ErrorFor(RefreshOutcome::kSuspect);
    SHODAN_ASSIGN_OR_RETURN(last, RefreshShared(*grant, deadline));
  }
}

absl::StatusOr<AccessToken> AccessTokens::HandOut(const Grant& grant) const {
  const ZoomAppPtr app = parts_.apps.ById(grant.zoom_app_id);
  if (app == nullptr) return Internal("ZOOM_APP_MISSING", "A grant's Zoom app is not registered.");
  AccessToken token;
  SHODAN_ASSIGN_OR_RETURN(token.token,
                          parts_.sealing.OpenGrantToken(Sealing::TokenKind::kAccess, grant));
  token.link_id = grant.link_id;
  token.expires_at = grant.access_expires_at.value_or(Time());
  token.token_version = grant.token_version;
  token.generation = grant.generation;
  token.api_base_url = app->api_base_url;
  token.account_tag = grant.account_tag;
  token.scopes = GrantedScopes(grant);
  return token;
}

absl::StatusOr<RefreshOutcome> AccessTokens::RefreshShared(const Grant& grant, Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (const auto found = flights_.find(grant.link_id); found != flights_.end()) {
    const std::shared_ptr<Flight> flight = found->second;
    if (!flight->landed.wait_until(lock, deadline.when(), [&] { return flight->done; })) {
      return RefreshOutcome::kSuspect;
    }
    return flight->outcome;
  }
  const auto flight = std::make_shared<Flight>();
  flights_.emplace(grant.link_id, flight);
  lock.unlock();

  absl::StatusOr<RefreshOutcome> outcome = RefreshOutcome::kOk;
  const absl::StatusOr<std::optional<RefreshOutcome>> refreshed = Refresh(grant);
  if (!refreshed.ok()) {
    outcome = refreshed.status();
  } else if (refreshed->has_value()) {
    outcome = **refreshed;
  } else {
    // Somebody else holds the lease or was faster: look at the row again.
    parts_.pause(kOtherReplicaPoll);
  }
  lock.lock();
  flight->outcome = outcome;
  flight->done = true;
  flights_.erase(grant.link_id);
  flight->landed.notify_all();
  return outcome;
}

absl::StatusOr<std::optional<RefreshOutcome>> AccessTokens::Refresh(const Grant& grant) {
  const std::string door = DoorOf(grant, parts_.apps.ById(grant.zoom_app_id));
  std::optional<ZoomGate::Pass> pass = parts_.gate.Enter(door);
  if (!pass.has_value()) return parts_.gate.WhyClosed(door);
  CrashPoint("vault.refresh.before_intent");
  // Counted from before the database's clock starts to count, so it never ends later.
  const Deadline lease_end = Deadline::After(parts_.lifetimes.lease);
  // Detached from the caller: what is begun here is finished, whoever still waits.
  SHODAN_ASSIGN_OR_RETURN(
      const std::optional<RefreshIntent> intent,
      parts_.grants.BeginRefresh(KeyOf(grant), parts_.replica, parts_.lifetimes.lease,
                                 Deadline::After(kIntentLimit)));
  CrashPoint("vault.refresh.after_intent");
  if (!intent.has_value()) return std::nullopt;
  SHODAN_ASSIGN_OR_RETURN(const RefreshOutcome outcome,
                          AskZoom(grant, *intent, *std::move(pass), lease_end));
  parts_.metrics.Count("shodan_vault_refresh_total", "Refreshes by outcome.",
                       {{"outcome", NameOfOutcome(outcome)}});
  return outcome;
}

absl::StatusOr<RefreshOutcome> AccessTokens::AskZoom(const Grant& grant,
                                                     const RefreshIntent& intent,
                                                     ZoomGate::Pass pass, Deadline lease_end) {
  const ZoomAppPtr app = parts_.apps.ById(grant.zoom_app_id);
  if (app == nullptr) {
    return Conclude(grant, intent,
                    {RefreshOutcome::kConfig, GrantCause::kNone, std::chrono::seconds(60)});
  }
  SHODAN_ASSIGN_OR_RETURN(const Secret refresh_token,
                          parts_.sealing.OpenGrantToken(Sealing::TokenKind::kRefresh, grant));
  // A token must not be with Zoom any more when another replica may use it.
  const auto fits_lease = [&] {
    return lease_end.Remaining() >= parts_.lifetimes.token_request + kLeaseReserve;
  };
  if (!fits_lease()) {
    return Conclude(grant, intent,
                    {RefreshOutcome::kTransient, GrantCause::kNone, std::chrono::milliseconds(0)});
  }
  TokenAnswer answer = parts_.zoom.Refresh(*app, refresh_token);
  CrashPoint("vault.refresh.after_answer");
  const bool answer_lost = answer.verdict == TokenVerdict::kAmbiguous;
  if (answer_lost && fits_lease()) {
    // Works if Zoom never saw the first request or tolerates a repetition; costs nothing if not.
    answer = parts_.zoom.Refresh(*app, refresh_token);
  }
  pass.Ended(answer);
  if (answer.verdict == TokenVerdict::kIssued) {
    return Store(grant, intent, refresh_token, answer.tokens);
  }
  const RefreshDecision decision =
      DecideRefresh(answer, intent, answer_lost, parts_.lifetimes, Jitter());
  parts_.log.Warning("refresh brought no token", {{"link_id", grant.link_id},
                                                  {"outcome", NameOfOutcome(decision.outcome)},
                                                  {"status", answer.status},
                                                  {"tracking_id", answer.tracking_id}});
  return Conclude(grant, intent, decision);
}

absl::StatusOr<RefreshOutcome> AccessTokens::Store(const Grant& grant, const RefreshIntent& intent,
                                                   const Secret& used, const TokenSet& tokens) {
  const Owner owner{grant.project_id, grant.user_id};
  const auto seal = [&](Sealing::TokenKind kind, const Secret& token) {
    return parts_.sealing.SealGrantToken(kind, grant.link_id, owner, grant.generation,
                                         grant.token_version + 1, token);
  };
  const SealedTokens sealed = SealTokens(tokens, used, parts_.sealing.key_epoch(), seal);
  const std::string write_id = RandomUuid();
  StoreResult result = StoreResult::kLifeEnded;
  bool spooled = false;
  const auto spool = [&] {
    const absl::Status kept =
        parts_.spool.Keep({KeyOf(grant), sealed, intent.begun_at, write_id}, intent.secret);
    spooled = kept.ok();
    if (!kept.ok()) {
      parts_.log.Error("refreshed tokens are in memory only",
                       {{"link_id", grant.link_id}, {"reason", ReasonOf(kept)}});
    }
  };
  CrashPoint("vault.refresh.before_store");
  SHODAN_RETURN_IF_ERROR(PersistUntilKnown(
      [&](Deadline deadline) {
        absl::StatusOr<StoreResult> stored =
            parts_.grants.StoreRefresh(KeyOf(grant), sealed, intent.begun_at, write_id, deadline);
        if (stored.ok()) result = *stored;
        return stored.status();
      },
      parts_.lifetimes.persist, parts_.pause, parts_.lifetimes.spool_after, spool));
  if (spooled) parts_.spool.Forget(KeyOf(grant));
  CrashPoint("vault.refresh.after_store");
  if (result == StoreResult::kVersionChanged) {
    parts_.metrics.Count("shodan_vault_double_exchange_total",
                         "Refreshes whose token another refresh had replaced.");
  }
  if (result == StoreResult::kLifeEnded) {
    SHODAN_RETURN_IF_ERROR(HandOverLate(grant, used, tokens));
  }
  return RefreshOutcome::kOk;
}

absl::Status AccessTokens::HandOverLate(const Grant& grant, const Secret& used,
                                        const TokenSet& tokens) {
  LateTokens late;
  late.project_id = grant.project_id;
  late.user_id = grant.user_id;
  late.zoom_app_id = grant.zoom_app_id;
  late.link_id = grant.link_id;
  late.generation = grant.generation;
  return QueueLateTokens(parts_.erasures, parts_.sealing, parts_.lifetimes, parts_.pause,
                         std::move(late), used, tokens);
}

absl::StatusOr<RefreshOutcome> AccessTokens::Conclude(const Grant& grant,
                                                      const RefreshIntent& intent,
                                                      const RefreshDecision& decision) {
  const absl::Status concluded = PersistUntilKnown(
      [&](Deadline deadline) -> absl::Status {
        if (decision.outcome == RefreshOutcome::kTerminal) {
          return parts_.grants.RequireReconnect(KeyOf(grant), decision.cause, deadline).status();
        }
        RefreshEnd end;
        end.resolved = decision.outcome != RefreshOutcome::kAmbiguous && !intent.earlier_unresolved;
        end.refused = decision.outcome == RefreshOutcome::kSuspect;
        end.delay = decision.delay;
        return parts_.grants.EndRefresh(KeyOf(grant), intent.intent_id, end, deadline);
      },
      parts_.lifetimes.persist, parts_.pause);
  if (!concluded.ok()) return concluded;
  return decision.outcome;
}

absl::Status AccessTokens::SweepDoubtful(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::vector<Grant> doubtful,
                          parts_.grants.ListDoubtful(kSweepBatch, deadline));
  absl::Status first_error;
  for (const Grant& grant : doubtful) {
    if (deadline.Expired()) break;
    first_error.Update(RefreshShared(grant, deadline).status());
  }
  return first_error;
}

absl::StatusOr<int> AccessTokens::KeepAlive(int limit, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::vector<Grant> idle,
                          parts_.grants.ListIdle(parts_.lifetimes.keep_alive, limit, deadline));
  int refreshed = 0;
  for (const Grant& grant : idle) {
    if (deadline.Expired()) break;
    SHODAN_ASSIGN_OR_RETURN(const RefreshOutcome outcome, RefreshShared(grant, deadline));
    refreshed += outcome == RefreshOutcome::kOk ? 1 : 0;
  }
  return refreshed;
}

}  // namespace shodan::tokenvault
