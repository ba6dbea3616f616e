// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/request_life.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "services/zoom-api/domain/errors.h"

namespace shodan::zoomapi {
namespace {

using std::chrono::milliseconds;

constexpr int kUnauthorized = 401;
constexpr int kTooManyRequests = 429;
constexpr int kServerErrors = 500;

NextStep Do(Step step) {
  NextStep next;
  next.step = step;
  return next;
}

bool AnyGranted(const std::vector<std::string>& wanted, const std::vector<std::string>& granted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& scope) {
    return std::find(granted.begin(), granted.end(), scope) != granted.end();
  });
}

absl::Status ErrorOf(const EarlierIntent& earlier, bool same) {
  if (!same) return RequestIdReused();
  if (earlier.state == IntentState::kCompleted) return RequestCompleted(earlier.zoom_status);
  return OutcomeUnknown();
}

}  // namespace

NextStep RequestLife::Start() {
  awaited_ = Step::kGetToken;
  return Do(Step::kGetToken);
}

NextStep RequestLife::TokenGot(int64_t version, const std::vector<std::string>& granted) {
  if (awaited_ != Step::kGetToken) return Unexpected();
  // A refused token must not be tried a second time.
  if (refreshed_ && version == token_version_) {
    return End(VaultUnavailable(), IntentState::kNotSent);
  }
  token_version_ = version;
  // The vault knows now that the other one was refused: whoever sends it again gets this one.
  if (refreshed_ && !request_.body_kept) {
    return End(RequestNotRepeatable(), IntentState::kNotSent);
  }
  if (!request_.any_of_scopes.empty() && !granted.empty() &&
      !AnyGranted(request_.any_of_scopes, granted)) {
    return End(ScopeMissing(request_.any_of_scopes), IntentState::kNotSent);
  }
  awaited_ = Step::kTakeSlot;
  return Do(Step::kTakeSlot);
}

NextStep RequestLife::TokenRefused(absl::Status status) {
  if (awaited_ != Step::kGetToken) return Unexpected();
  return End(std::move(status), IntentState::kNotSent);
}

NextStep RequestLife::SlotTaken() {
  if (awaited_ != Step::kTakeSlot) return Unexpected();
  awaited_ = request_.unsafe && !intent_written_ ? Step::kWriteIntent : Step::kSend;
  return Do(awaited_);
}

NextStep RequestLife::SlotRefused(absl::Status status) {
  if (awaited_ != Step::kTakeSlot) return Unexpected();
  return End(std::move(status), IntentState::kNotSent);
}

NextStep RequestLife::IntentWritten() {
  if (awaited_ != Step::kWriteIntent) return Unexpected();
  intent_written_ = true;
  awaited_ = Step::kSend;
  return Do(Step::kSend);
}

NextStep RequestLife::IntentNotWritten(absl::Status status) {
  if (awaited_ != Step::kWriteIntent) return Unexpected();
  return End(std::move(status), IntentState::kNotSent);
}

NextStep RequestLife::IntentExists(const EarlierIntent& earlier, bool same) {
  if (awaited_ != Step::kWriteIntent) return Unexpected();
  return End(ErrorOf(earlier, same), IntentState::kNotSent);
}

NextStep RequestLife::Answered(int status, std::optional<milliseconds> asked_pause,
                               milliseconds remaining, double jitter) {
  if (awaited_ != Step::kSend) return Unexpected();
  if (status == kUnauthorized && !refreshed_) {
    refreshed_ = true;
    awaited_ = Step::kGetToken;
    NextStep next = Do(Step::kGetToken);
    next.rejected_version = token_version_;
    return next;
  }
  NextStep next = Do(Step::kDeliver);
  if (status == kTooManyRequests) {
    const milliseconds pause = asked_pause.value_or(settings_.rate_limited_pause);
    if (rate_limited_ < settings_.rate_limited_max && request_.body_kept && pause < remaining) {
      ++rate_limited_;
      // The budget lets nobody through before an asked pause is over, this request included.
      next = Repeat(asked_pause.has_value() ? milliseconds(0) : pause);
    }
    next.budget_pause = asked_pause;
  } else if (status >= kServerErrors && !request_.unsafe && failed_ < settings_.failed_max) {
    const milliseconds pause = std::max(Pause(jitter), asked_pause.value_or(milliseconds(0)));
    if (pause < remaining) {
      ++failed_;
      return Repeat(pause);
    }
  }
  if (next.step == Step::kDeliver) {
    zoom_status_ = status;
    awaited_ = Step::kDeliver;
  }
  return next;
}

NextStep RequestLife::Lost(bool may_have_been_sent, bool repeatable, milliseconds remaining,
                           double jitter) {
  if (awaited_ != Step::kSend) return Unexpected();
  if (request_.unsafe && may_have_been_sent) return End(OutcomeUnknown(), IntentState::kUnknown);
  const milliseconds pause = Pause(jitter);
  if (repeatable && request_.body_kept && failed_ < settings_.failed_max && pause < remaining) {
    ++failed_;
    return Repeat(pause);
  }
  return End(ZoomUnavailable(), IntentState::kNotSent);
}

NextStep RequestLife::BodyFailed(absl::Status status, bool may_have_been_sent) {
  if (awaited_ != Step::kSend) return Unexpected();
  const bool unknown = request_.unsafe && may_have_been_sent;
  return End(unknown ? OutcomeUnknown() : std::move(status),
             unknown ? IntentState::kUnknown : IntentState::kNotSent);
}

NextStep RequestLife::GivenUp(absl::Status status) {
  if (awaited_ == Step::kEnd || awaited_ == Step::kDeliver) return Unexpected();
  return End(std::move(status), IntentState::kNotSent);
}

NextStep RequestLife::Delivered(absl::Status status, bool whole) {
  if (awaited_ != Step::kDeliver) return Unexpected();
  if (zoom_status_ == kUnauthorized || zoom_status_ == kTooManyRequests) {
    return End(std::move(status), IntentState::kNotSent);
  }
  const IntentState ending =
      zoom_status_ >= kServerErrors ? IntentState::kUnknown : IntentState::kCompleted;
  // What was done is done, however little of the answer came through.
  if (!whole && request_.unsafe && HasReason(status, reason::kZoomUnavailable)) {
    status = OutcomeUnknown();
  }
  return End(std::move(status), ending);
}

NextStep RequestLife::End(absl::Status status, IntentState ending) {
  awaited_ = Step::kEnd;
  NextStep next = Do(Step::kEnd);
  next.status = std::move(status);
  if (intent_written_) next.ending = ending;
  return next;
}

NextStep RequestLife::Unexpected() {
  return End(Internal("UNEXPECTED", "The request took an unexpected turn."), IntentState::kUnknown);
}

NextStep RequestLife::Repeat(milliseconds pause) {
  awaited_ = Step::kTakeSlot;
  NextStep next = Do(Step::kTakeSlot);
  next.pause = pause;
  return next;
}

milliseconds RequestLife::Pause(double jitter) const {
  const milliseconds pause = settings_.first_pause * (1 << failed_);
  return milliseconds(static_cast<int64_t>(static_cast<double>(pause.count()) *
                                           (0.5 + std::clamp(jitter, 0.0, 1.0))));
}

}  // namespace shodan::zoomapi
