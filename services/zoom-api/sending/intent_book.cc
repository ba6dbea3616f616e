// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/sending/intent_book.h"

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "libs/base/status.h"
#include "libs/concurrency/offload.h"
#include "libs/net/wait.h"
#include "services/zoom-api/domain/errors.h"

namespace shodan::zoomapi {
namespace {

using Begun = absl::StatusOr<std::optional<EarlierIntent>>;

constexpr int kEndTries = 3;
constexpr std::chrono::milliseconds kEndPause{150};
constexpr std::chrono::milliseconds kTakeBackLimit{2'000};

absl::Status FromDatabase(const absl::Status& status) {
  if (status.ok() || HasReason(status, reason::kServerBusy)) return status;
  return status.code() == absl::StatusCode::kInternal ? status : DatabaseUnavailable();
}

}  // namespace

boost::asio::awaitable<Begun> IntentBook::Begin(Intent intent, Deadline deadline) {
  const auto shared = std::make_shared<const Intent>(std::move(intent));
  std::function<Begun()> begin = [this, shared, deadline] {
    return store_.Begin(*shared, deadline);
  };
  auto operation = Offload<Begun>(workers_, std::move(begin), ServerBusy());
  Begun begun = co_await std::move(operation);
  if (HasReason(begun.status(), "COMMIT_UNKNOWN")) {
    IntentEnding not_sent;
    not_sent.state = IntentState::kNotSent;
    auto take_back = End(*shared, std::move(not_sent), Deadline::After(kTakeBackLimit));
    // When this fails too, a repetition is told that the outcome is unknown.
    const absl::Status taken_back = co_await std::move(take_back);
    taken_back.IgnoreError();
  }
  if (!begun.ok()) co_return FromDatabase(begun.status());
  co_return begun;
}

boost::asio::awaitable<absl::Status> IntentBook::End(Intent intent, IntentEnding ending,
                                                     Deadline deadline) {
  const auto shared =
      std::make_shared<const std::pair<Intent, IntentEnding>>(std::move(intent), std::move(ending));
  absl::Status ended;
  for (int tries = 0; tries < kEndTries; ++tries) {
    if (tries > 0) co_await net::WaitFor(kEndPause);
    std::function<absl::Status()> end = [this, shared, deadline] {
      return store_.End(shared->first, shared->second, deadline);
    };
    auto operation = Offload<absl::Status>(workers_, std::move(end), ServerBusy());
    ended = co_await std::move(operation);
    if (ended.ok() || deadline.Expired()) break;
  }
  co_return FromDatabase(ended);
}

}  // namespace shodan::zoomapi
