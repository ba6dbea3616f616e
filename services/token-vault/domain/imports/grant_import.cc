// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/imports/grant_import.h"

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "services/token-vault/domain/authorization/authorization.h"
#include "services/token-vault/domain/errors.h"
#include "services/token-vault/domain/grants/persist.h"
#include "services/token-vault/domain/imports/import_content.h"

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::seconds kRetryHint{2};
constexpr std::chrono::milliseconds kIntentLimit{5'000};
constexpr std::chrono::milliseconds kReadLimit{5'000};
// Kept free before the sweep takes the exchange for a crash.
constexpr std::chrono::milliseconds kExchangeReserve{5'000};
// A turn further away is not waited for: it would only hold a worker.
constexpr std::chrono::milliseconds kTurnWait{3'000};

absl::Status Rejected(bool answer_lost) {
  return MakeError(absl::StatusCode::kFailedPrecondition, kImportTokenRejected,
                   "Zoom does not take the refresh token; the user must connect.",
                   {{"answerLost", answer_lost ? "yes" : "no"}});
}

absl::Status InProgress() {
  return WithRetryAfter(
      Unavailable(kImportInProgress, "The same import is under way; repeat it shortly."),
      kRetryHint);
}

absl::Status RateLimited() {
  return WithRetryAfter(
      Unavailable(kImportRateLimited, "So many imports wait for their turn that none is added."),
      kRetryHint);
}

absl::Status NotAsked(bool app_rejected) {
  return WithRetryAfter(
      app_rejected
          ? Unavailable(kZoomAppRejected,
                        "Zoom refuses the app's credentials; an operator must act.")
          : Unavailable(kZoomUnavailable, "Zoom cannot be asked at present; nothing was consumed."),
      app_rejected ? std::chrono::seconds(60) : kRetryHint);
}

std::string DoorOf(const ZoomApp& app) {
  return Join(app.zoom_app_id, ".", std::to_string(app.revision));
}

std::string Joined(const std::vector<std::string>& scopes) {
  std::string text;
  for (const std::string& scope : scopes) text += (text.empty() ? "" : " ") + scope;
  return text;
}

// Nothing more is done for such an envelope: its attempt says what became of it.
bool IsDecided(const ImportLine& line) {
  return line.stored || line.attempt.result == AttemptResult::kSuperseded;
}

}  // namespace

absl::StatusOr<ImportedGrant> GrantImport::Import(const GrantToImport& wanted, const Actor& actor,
                                                  Deadline deadline) {
  const std::string digest = Sha256(LengthPrefixed({"import", wanted.project_id, wanted.envelope}));
  SHODAN_ASSIGN_OR_RETURN(const std::optional<ImportLine> line,
                          parts_.imports.FindLine(digest, deadline));
  const bool same_user = line.has_value() && line->attempt.user_id == wanted.user_id;
  if (same_user && IsDecided(*line)) return ImportedGrant{line->attempt, line->stored};
  if (same_user && line->rejected) return Rejected(line->unresolved);
  if (wanted.known_only) {
    return NotFound(kImportUnknown, "This envelope has become no grant here.");
  }
  SHODAN_ASSIGN_OR_RETURN(ImportKeys::Opened opened,
                          parts_.keys.Open(wanted.project_id, wanted.envelope, deadline));
  SHODAN_ASSIGN_OR_RETURN(const Secret refresh_token,
                          ReadImportContent(opened.content, wanted.user_id));
  if (wanted.validate_only) return ImportedGrant();
  SHODAN_RETURN_IF_ERROR(
      Prove(wanted, digest, opened.import_key_id, refresh_token, actor, deadline));
  SHODAN_ASSIGN_OR_RETURN(const std::optional<ImportLine> stored,
                          parts_.imports.FindLine(digest, Deadline::After(kReadLimit)));
  if (!stored.has_value()) return NotFound(kImportKeyNotFound, "The import key was destroyed.");
  return ImportedGrant{stored->attempt, false};
}

absl::Status GrantImport::Prove(const GrantToImport& wanted, const std::string& digest,
                                const std::string& import_key_id, const Secret& refresh_token,
                                const Actor& actor, Deadline deadline) {
  const ZoomAppPtr app = parts_.apps.ForProject(wanted.project_id);
  if (app == nullptr) return NotFound(kProjectNotFound, "There is no such project.");
  SHODAN_RETURN_IF_ERROR(AwaitRevocations(parts_.attempts, {wanted.project_id, wanted.user_id},
                                          parts_.pause, deadline));
  if (!parts_.pacer.Await(deadline.Cap(kTurnWait))) return RateLimited();
  std::optional<ZoomGate::Pass> pass = parts_.gate.Enter(DoorOf(*app));
  if (!pass.has_value()) {
    return NotAsked(parts_.gate.WhyClosed(DoorOf(*app)) == RefreshOutcome::kConfig);
  }
  // Detached from the caller from here on.
  SHODAN_ASSIGN_OR_RETURN(const std::optional<BegunImport> begun,
                          parts_.imports.Begin({.digest = digest,
                                                .import_key_id = import_key_id,
                                                .attempt_id = RandomUuid(),
                                                .project_id = wanted.project_id,
                                                .user_id = wanted.user_id,
                                                .zoom_app_id = app->zoom_app_id,
                                                .attempt_lifetime = parts_.lifetimes.attempt},
                                               actor, Deadline::After(kIntentLimit)));
  CrashPoint("vault.import.after_intent");
  if (!begun.has_value()) return InProgress();
  return AskZoom(wanted, digest, *begun, *app, *std::move(pass), refresh_token, actor);
}

absl::Status GrantImport::AskZoom(const GrantToImport& wanted, const std::string& digest,
                                  const BegunImport& begun, const ZoomApp& app, ZoomGate::Pass pass,
                                  const Secret& refresh_token, const Actor& actor) {
  const Deadline end = Deadline::After(parts_.lifetimes.exchange);
  TokenAnswer answer = parts_.zoom.Refresh(app, refresh_token);
  CrashPoint("vault.import.after_answer");
  bool answer_lost = begun.earlier_unresolved;
  if (answer.verdict == TokenVerdict::kAmbiguous) {
    answer_lost = true;
    // Works if Zoom never saw the first request or tolerates a repetition; costs nothing if not.
    if (end.Remaining() >= parts_.lifetimes.token_request + kExchangeReserve) {
      answer = parts_.zoom.Refresh(app, refresh_token);
    }
  }
  pass.Ended(answer);
  parts_.metrics.Count("shodan_vault_imports_total", "Refreshes that prove imported tokens.",
                       {{"outcome", answer.verdict == TokenVerdict::kIssued     ? "issued"
                                    : answer.verdict == TokenVerdict::kRejected ? "rejected"
                                                                                : "no_answer"}});
  switch (answer.verdict) {
    case TokenVerdict::kIssued:
      if (answer.tokens.scope.empty()) answer.tokens.scope = Joined(wanted.scopes);
      return parts_.intake.Store(begun.attempt, begun.begun_at, refresh_token, answer.tokens,
                                 actor);
    case TokenVerdict::kRejected:
      return EndRejected(digest, begun, answer_lost, actor);
    case TokenVerdict::kAmbiguous:
      return EndLost(begun, actor);
    case TokenVerdict::kTransient:
    case TokenVerdict::kConfig:
      break;
  }
  // Of two requests the first may have been carried out.
  return answer_lost && !begun.earlier_unresolved ? EndLost(begun, actor)
                                                  : EndUnused(digest, begun, answer, actor);
}

absl::Status GrantImport::EndRejected(const std::string& digest, const BegunImport& begun,
                                      bool answer_lost, const Actor& actor) {
  SHODAN_RETURN_IF_ERROR(PersistUntilKnown(
      [&](Deadline deadline) -> absl::Status {
        if (!answer_lost) {
          SHODAN_RETURN_IF_ERROR(parts_.imports.NoteUnused(digest, /*unresolved=*/false, deadline));
        }
        SHODAN_RETURN_IF_ERROR(parts_.imports.Reject(digest, deadline));
        return parts_.attempts.End(begun.attempt.attempt_id, AttemptResult::kSystemError, actor,
                                   deadline);
      },
      parts_.lifetimes.persist, parts_.pause));
  return Rejected(answer_lost);
}

absl::Status GrantImport::EndLost(const BegunImport& begun, const Actor& actor) {
  parts_.log.Warning("an imported token's refresh has no answer",
                     {{"attempt_id", begun.attempt.attempt_id}});
  SHODAN_RETURN_IF_ERROR(PersistUntilKnown(
      [&](Deadline deadline) {
        return parts_.attempts.EndLost(begun.attempt.attempt_id, actor, deadline);
      },
      parts_.lifetimes.persist, parts_.pause));
  return WithRetryAfter(
      Unavailable(kImportAnswerLost,
                  "Zoom gave no answer and may have replaced the token; repeat the import."),
      kRetryHint);
}

absl::Status GrantImport::EndUnused(const std::string& digest, const BegunImport& begun,
                                    const TokenAnswer& answer, const Actor& actor) {
  parts_.log.Warning("an imported token was not refreshed",
                     {{"attempt_id", begun.attempt.attempt_id},
                      {"status", answer.status},
                      {"tracking_id", answer.tracking_id}});
  SHODAN_RETURN_IF_ERROR(PersistUntilKnown(
      [&](Deadline deadline) -> absl::Status {
        SHODAN_RETURN_IF_ERROR(
            parts_.imports.NoteUnused(digest, begun.earlier_unresolved, deadline));
        return parts_.attempts.End(begun.attempt.attempt_id, AttemptResult::kSystemError, actor,
                                   deadline);
      },
      parts_.lifetimes.persist, parts_.pause));
  return NotAsked(answer.verdict == TokenVerdict::kConfig);
}

}  // namespace shodan::tokenvault
