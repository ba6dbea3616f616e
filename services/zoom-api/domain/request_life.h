// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/zoom-api/domain/intent.h"

namespace shodan::zoomapi {

/// What the sender does next for a request.
enum class Step {
  kGetToken,     ///< from the vault, which is told `rejected_version`
  kTakeSlot,     ///< from the rate budget, after waiting for `pause`
  kWriteIntent,  ///< and commit it
  kSend,         ///< with the latest token
  kDeliver,      ///< the answer that is there, to the caller
  kEnd,          ///< say `ending` of the intent, if there is one, and answer `status`
};

struct NextStep {
  Step step = Step::kEnd;
  int64_t rejected_version = 0;
  std::chrono::milliseconds pause{0};
  /// The rate budget is told to pause for so long.
  std::optional<std::chrono::milliseconds> budget_pause;
  absl::Status status;
  std::optional<IntentState> ending;
};

/// What of a request matters to its life.
struct LifeOfRequest {
  bool unsafe = false;
  /// The body is empty or was kept, so that it can be sent again.
  bool body_kept = true;
  std::vector<std::string> any_of_scopes;
};

/// Limits of repetition. The deadline is the caller's.
struct LifeSettings {
  int rate_limited_max = 2;                    ///< repetitions after 429
  int failed_max = 2;                          ///< repetitions after 5xx and lost connections
  std::chrono::milliseconds first_pause{200};  ///< doubles; jittered to 0.5 to 1.5 times
  /// When Zoom does not say how long: of this request alone, not of its account.
  std::chrono::milliseconds rate_limited_pause{1'000};
};

/// One request, from the token to the end, without clock or I/O: each event is answered by the next
/// step. An event that does not fit the step before it ends the request in INTERNAL/UNEXPECTED.
///
/// A 401 or 429 did nothing at Zoom and may be repeated for every method. After 5xx and lost
/// connections only safe requests are repeated, and unsafe ones that cannot have been sent; an
/// unsafe request that may have been sent is never sent again.
class RequestLife {
 public:
  RequestLife(LifeOfRequest request, LifeSettings settings)
      : request_(std::move(request)), settings_(settings) {}

  NextStep Start();

  /// `granted`: the user's scopes, sorted; empty when they are not known.
  NextStep TokenGot(int64_t version, const std::vector<std::string>& granted);
  NextStep TokenRefused(absl::Status status);

  NextStep SlotTaken();
  NextStep SlotRefused(absl::Status status);

  NextStep IntentWritten();
  NextStep IntentNotWritten(absl::Status status);
  /// `same`: it is a repetition of that request.
  NextStep IntentExists(const EarlierIntent& earlier, bool same);

  /// The head of an answer. `asked_pause`: what Zoom asks for. `jitter`: random, 0 to 1.
  NextStep Answered(int status, std::optional<std::chrono::milliseconds> asked_pause,
                    std::chrono::milliseconds remaining, double jitter);
  /// No answer. `may_have_been_sent` as HttpsStream tells; `repeatable` is false where the same
  /// would happen again (a refused address, a malformed URL).
  NextStep Lost(bool may_have_been_sent, bool repeatable, std::chrono::milliseconds remaining,
                double jitter);
  /// The caller's body ended in an error.
  NextStep BodyFailed(absl::Status status, bool may_have_been_sent);
  /// The caller left, or its time is over, while nothing of this attempt can have been sent.
  NextStep GivenUp(absl::Status status);

  /// The answer went to the caller, or `status` says why not all of it did. `whole`: Zoom's answer
  /// was read to its end.
  NextStep Delivered(absl::Status status, bool whole);

  /// Repetitions so far.
  int repetitions() const { return rate_limited_ + failed_ + (refreshed_ ? 1 : 0); }

 private:
  NextStep End(absl::Status status, IntentState ending);
  NextStep Unexpected();
  NextStep Repeat(std::chrono::milliseconds pause);
  std::chrono::milliseconds Pause(double jitter) const;

  const LifeOfRequest request_;
  const LifeSettings settings_;
  Step awaited_ = Step::kEnd;
  bool intent_written_ = false;
  bool refreshed_ = false;
  int rate_limited_ = 0;
  int failed_ = 0;
  int64_t token_version_ = 0;
  int zoom_status_ = 0;
};

}  // namespace shodan::zoomapi
