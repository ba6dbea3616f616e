// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/sending/redis_rate_budget.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <random>
#include <string>
#include <unordered_map>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"
#include "services/zoom-api/domain/errors.h"
#include "services/zoom-api/domain/slot_holds.h"
#include "services/zoom-api/sending/account_budget.h"
#include "services/zoom-api/sending/budget_script.h"
#include "services/zoom-api/sending/redis_clock.h"
#include "services/zoom-api/sending/script_runner.h"
#include "services/zoom-api/sending/waiting_sample.h"

namespace shodan::zoomapi {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;
/// With the slot in the shared schedule; 0 when it was reserved without it.
using Done = std::function<void(absl::StatusOr<int64_t>)>;
using Ticket = AccountBudget::Ticket;

constexpr std::chrono::seconds kIdle{60};
constexpr microseconds kLeadMax{40'000};

absl::Status RateLimited(milliseconds wait) {
  return WithRetryAfter(
      ResourceExhausted(reason::kZoomRateLimited,
                        "Zoom's limit for the account is reached; nothing was sent."),
      wait);
}

// Keeps the handler and its executor alive until the turn comes.
template <typename Handler>
struct PendingTake {
  using Executor = asio::associated_executor_t<Handler>;
  explicit PendingTake(Handler h)
      : handler(std::move(h)), work(asio::get_associated_executor(handler)) {}
  Handler handler;
  asio::executor_work_guard<Executor> work;
};

std::string AccountName(const BudgetKey& key) {
  // Users of accounts that are not known share one budget in each project.
  return key.account_tag.empty() ? "project:" + key.project_id : HexEncode(key.account_tag);
}

}  // namespace

class RedisRateBudget::Impl : public std::enable_shared_from_this<RedisRateBudget::Impl> {
 public:
  Impl(const asio::any_io_executor& executor, redis::Commands* redis, RateLimitsConfig config,
       Metrics& metrics)
      : strand_(asio::make_strand(executor)),
        scripts_(redis == nullptr ? nullptr : std::make_unique<ScriptRunner>(*redis)),
        config_(std::move(config)),
        metrics_(metrics) {}

  Ticket NewTicket() { return ++tickets_; }

  void Enter(BudgetKey key, Ticket ticket, Steady::time_point deadline, Done done) {
    asio::post(strand_, [self = shared_from_this(), key = std::move(key), ticket, deadline,
                         done = std::move(done)] { self->EnterNow(key, ticket, deadline, done); });
  }

  void Leave(const BudgetKey& key, Ticket ticket) {
    asio::post(strand_, [self = shared_from_this(), name = NameFor(key), ticket] {
      const auto found = self->accounts_.find(name);
      if (found == self->accounts_.end() || !found->second->budget.Leave(ticket)) return;
      self->Complete(*found->second, ticket, CallCancelled());
      self->Advance(name);
    });
  }

  void Release(const BudgetKey& key, int64_t slot) {
    const Steady::time_point now = Steady::now();
    asio::post(strand_, [self = shared_from_this(), name = NameFor(key), slot, now] {
      const auto found = self->accounts_.find(name);
      if (found == self->accounts_.end()) return;
      found->second->holds.Answered(slot, self->clock_.Remote(now));
    });
  }

  void Pause(const BudgetKey& key, milliseconds pause) {
    asio::post(strand_, [self = shared_from_this(), key, pause] {
      if (self->stopped_) return;
      Account& account = self->AccountOf(key);
      account.budget.Pause(Steady::now() + pause);
      self->metrics_.Count("shodan_zoomapi_budget_pauses_total",
                           "Pauses of an account's category that Zoom asked for.",
                           {{"category", NameOf(account.category)}});
      self->Advance(account.name);
      if (self->scripts_ == nullptr) return;
      asio::co_spawn(self->strand_, SharePause(self, account.name, pause), asio::detached);
    });
  }

  void Stop() {
    asio::post(strand_, [self = shared_from_this()] {
      self->stopped_ = true;
      for (const auto& [name, account] : self->accounts_) {
        account->timer.cancel();
        for (const auto& [ticket, waiter] : std::exchange(account->waiters, {})) {
          waiter.done(ZoomUnavailable());
        }
      }
      self->accounts_.clear();
    });
  }

 private:
  struct Waiter {
    Done done;
    Steady::time_point entered;
    std::string user;
  };
  struct Account {
    Account(std::string n, std::string d, RateCategory c, const AccountBudget::Settings& settings,
            const asio::any_io_executor& executor)
        : name(std::move(n)),
          daily_name(std::move(d)),
          category(c),
          budget(settings),
          holds(settings.pace.window),
          timer(executor) {}
    const std::string name;        ///< the key in Redis
    const std::string daily_name;  ///< the same of the daily count
    const RateCategory category;
    AccountBudget budget;
    SlotHolds holds;
    asio::steady_timer timer;
    std::unordered_map<Ticket, Waiter> waiters;
    int64_t known = 0;  ///< the slot after the last one, by Redis' clock
  };

  static std::string NameFor(const BudgetKey& key) {
    return Join("zoomapi:budget:{", AccountName(key), "}:", NameOf(key.category));
  }

  Account& AccountOf(const BudgetKey& key) {
    const std::string name = NameFor(key);
    if (const auto found = accounts_.find(name); found != accounts_.end()) return *found->second;
    AccountBudget::Settings settings;
    settings.pace = PaceOf(LimitOf(config_, key.project_id, key.category), config_.margin_percent);
    settings.replicas_expected = config_.replicas_expected;
    settings.bounds = {static_cast<size_t>(config_.waiting_per_user_max),
                       static_cast<size_t>(config_.waiting_per_account_max)};
    const std::string daily =
        Join("zoomapi:budget:{", AccountName(key), "}:day:", settings.pace.daily_name);
    auto account = std::make_unique<Account>(name, daily, key.category, settings, strand_);
    return *accounts_.emplace(name, std::move(account)).first->second;
  }

  void EnterNow(const BudgetKey& key, Ticket ticket, Steady::time_point deadline,
                const Done& done) {
    if (stopped_) {
      done(ZoomUnavailable());
      return;
    }
    Account& account = AccountOf(key);
    const Steady::time_point now = Steady::now();
    const FairQueue::Entry entry = account.budget.Enter(ticket, key.user_id, now, deadline);
    if (entry != FairQueue::Entry::kWaits) {
      const char* why = entry == FairQueue::Entry::kTooLate ? "too_late" : "queue_full";
      CountRefusal(account, why);
      done(RateLimited(account.budget.WaitOf(key.user_id, now)));
      ScheduleWake(account, now);
      return;
    }
    account.waiters.emplace(ticket, Waiter{done, now, key.user_id});
    Advance(account.name);
  }

  void CountRefusal(const Account& account, const char* why) {
    metrics_.Count("shodan_zoomapi_budget_refusals_total",
                   "Requests that were refused because their turn would have come too late.",
                   {{"category", NameOf(account.category)}, {"why", why}});
  }

  void Complete(Account& account, Ticket ticket, const absl::StatusOr<int64_t>& slot) {
    const auto found = account.waiters.find(ticket);
    if (found == account.waiters.end()) return;
    const Waiter waiter = std::move(found->second);
    account.waiters.erase(found);
    waiter.done(slot);
  }

  // Lets go whose turn it is, asks for more slots, and sets the timer for the next time.
  void Advance(const std::string& name) {
    const auto found = accounts_.find(name);
    if (stopped_ || found == accounts_.end()) return;
    Account& account = *found->second;
    const Steady::time_point now = Steady::now();
    const AccountBudget::Due due = account.budget.TakeDue(now);
    for (const AccountBudget::Turn& turn : due.go) {
      const double waited =
          std::chrono::duration<double>(now - account.waiters.at(turn.ticket).entered).count();
      metrics_.ObserveSeconds("shodan_zoomapi_budget_wait_seconds",
                              "How long requests wait for their turn.",
                              {{"category", NameOf(account.category)}}, waited);
      Complete(account, turn.ticket, turn.slot);
    }
    for (const Ticket ticket : due.expired) {
      CountRefusal(account, "expired");
      const std::string user = account.waiters.at(ticket).user;
      Complete(account, ticket, RateLimited(account.budget.WaitOf(user, now)));
    }
    for (const int64_t slot : due.lost) {
      if (slot != 0) account.holds.Unused(slot);
    }
    if (!due.lost.empty()) {
      metrics_.Count(
          "shodan_zoomapi_budget_lost_slots_total", "Reserved slots that nobody used in time.",
          {{"category", NameOf(account.category)}}, static_cast<double>(due.lost.size()));
    }
    const int64_t wanted = account.budget.Wanted(now);
    if (wanted > 0 && scripts_ == nullptr) {
      account.budget.ReserveAlone(now);
    } else if (wanted > 0) {
      account.budget.Asked();
      asio::co_spawn(strand_, Ask(shared_from_this(), name, wanted), asio::detached);
    }
    ScheduleWake(account, now);
  }

  void ScheduleWake(Account& account, Steady::time_point now) {
    const Steady::time_point wake = account.budget.NextWake(now);
    const bool idle = wake == Steady::time_point::max();
    account.timer.expires_at(idle ? std::max(now + kIdle, account.budget.paused_until() + kIdle)
                                  : wake);
    account.timer.async_wait(
        [self = shared_from_this(), name = account.name, idle](error_code error) {
          if (error) return;
          if (idle) {
            self->Forget(name);
          } else {
            self->Advance(name);
          }
        });
  }

  void Forget(const std::string& name) {
    const auto found = accounts_.find(name);
    if (found == accounts_.end() || !found->second->waiters.empty()) return;
    if (!found->second->budget.asking()) accounts_.erase(found);
  }

  // Coroutines take `self` and names by value: they keep what they use.
  static asio::awaitable<void> Ask(std::shared_ptr<Impl> self, std::string name, int64_t wanted) {
    // A budget that is being asked for is not forgotten.
    Account& account = *self->accounts_.at(name);
    ReserveRequest request;
    request.budget_key = account.name;
    request.daily_key = account.daily_name;
    request.holds_key = account.name + ":holds";
    request.replica = self->replica_;
    request.spacing = account.budget.pace().spacing;
    request.ahead = account.budget.ahead();
    request.lead = self->lead_;
    request.wanted = wanted;
    const std::vector<std::string> waiting = account.budget.queue().WaitingUsers();
    const WaitingSample sample = SampleOf(account.name, waiting);
    request.users = std::max<int64_t>(1, static_cast<int64_t>(waiting.size()));
    request.sample = sample.hashes;
    request.per_day = account.budget.pace().per_day;
    request.known = account.known;
    request.limit = account.budget.pace().requests;
    request.hold = account.holds.unreported();
    request.reports = account.holds.TakeReports();
    const Steady::time_point asked = Steady::now();
    ScriptCall call = ReserveSlots(request);
    auto operation = self->scripts_->Run(std::move(call));
    const absl::StatusOr<redis::Reply> reply = co_await std::move(operation);
    if (self->stopped_) co_return;
    const Steady::time_point now = Steady::now();
    const std::optional<Reservation> made = reply.ok() ? ParseReservation(*reply) : std::nullopt;
    if (made.has_value()) {
      self->Settle(account, *made, sample.users, asked, now);
    } else {
      self->metrics_.Count("shodan_zoomapi_budget_fallbacks_total",
                           "Reservations that were made without Redis.");
      account.budget.ReserveAlone(now);
    }
    self->Advance(name);
  }

  void Settle(Account& account, const Reservation& made, const std::vector<std::string>& users,
              Steady::time_point asked, Steady::time_point now) {
    clock_.Told(made.now, now);
    if (made.kind != Reservation::Kind::kSlots) {
      account.budget.Pause(now + made.ask_again);
      account.budget.Reserved({}, now + made.ask_again, 1);
      return;
    }
    for (size_t i = 0; i < std::min(users.size(), made.places.size()); ++i) {
      account.budget.queue().SetPlaces(users[i], static_cast<unsigned char>(made.places[i]));
    }
    std::vector<AccountBudget::Slot> slots;
    for (const int64_t slot : made.slots) slots.push_back({clock_.Local(slot), slot});
    if (!slots.empty()) {
      account.known = made.slots.back() + account.budget.pace().spacing.count();
      const bool late = slots.front().at + account.budget.pace().tolerance < now;
      const auto took = std::chrono::duration_cast<microseconds>(now - asked);
      lead_ = late ? std::min(kLeadMax, took * 2) : lead_ * 9 / 10;
    }
    // Replicas must not ask in step, or the same one always comes first.
    const microseconds jittered(
        static_cast<int64_t>(static_cast<double>(made.ask_again.count()) * jitter_(random_)));
    account.budget.Reserved(slots, now + jittered, made.share);
  }

  static asio::awaitable<void> SharePause(std::shared_ptr<Impl> self, std::string name,
                                          milliseconds pause) {
    ScriptCall call = PauseBudget(name, pause);
    auto operation = self->scripts_->Run(std::move(call));
    const absl::StatusOr<redis::Reply> reply = co_await std::move(operation);
    if (!reply.ok()) {
      self->metrics_.Count("shodan_zoomapi_budget_unshared_pauses_total",
                           "Pauses that other replicas do not know of.");
    }
  }

  const asio::strand<asio::any_io_executor> strand_;
  const std::unique_ptr<ScriptRunner> scripts_;  ///< null without Redis
  const RateLimitsConfig config_;
  Metrics& metrics_;
  const std::string replica_ = RandomUuid();
  std::atomic<Ticket> tickets_{0};
  // All below is used on the strand only.
  bool stopped_ = false;
  std::unordered_map<std::string, std::unique_ptr<Account>> accounts_;
  RedisClock clock_;
  microseconds lead_{0};
  std::uniform_real_distribution<double> jitter_{0.8, 1.2};
  std::minstd_rand random_{std::random_device{}()};
};

RedisRateBudget::RedisRateBudget(const asio::any_io_executor& executor, redis::Commands* redis,
                                 RateLimitsConfig config, Metrics& metrics)
    : impl_(std::make_shared<Impl>(executor, redis, std::move(config), metrics)) {}

RedisRateBudget::~RedisRateBudget() { impl_->Stop(); }

void RedisRateBudget::Stop() { impl_->Stop(); }

void RedisRateBudget::Pause(const BudgetKey& key, milliseconds pause) { impl_->Pause(key, pause); }

asio::awaitable<absl::StatusOr<HeldSlot>> RedisRateBudget::Take(BudgetKey key, Deadline deadline) {
  std::shared_ptr<Impl> impl = impl_;
  auto begin = [&impl, &key, deadline](auto handler) {
    const Ticket ticket = impl->NewTicket();
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([impl, key, ticket](asio::cancellation_type) { impl->Leave(key, ticket); });
    }
    using Pending = PendingTake<decltype(handler)>;
    auto pending = std::make_shared<Pending>(std::move(handler));
    Done done = [pending, slot](const absl::StatusOr<int64_t>& taken) {
      asio::post(pending->work.get_executor(), [pending, slot, taken]() mutable {
        auto resume = std::move(pending->handler);
        if (slot.is_connected()) slot.clear();
        pending->work.reset();
        std::move(resume)(std::move(taken));
      });
    };
    impl->Enter(key, ticket, deadline.when(), std::move(done));
  };
  using Signature = void(absl::StatusOr<int64_t>);
  const absl::StatusOr<int64_t> slot =
      co_await asio::async_initiate<const asio::use_awaitable_t<>, Signature>(begin,
                                                                              asio::use_awaitable);
  if (!slot.ok()) co_return slot.status();
  if (*slot == 0) co_return HeldSlot();
  co_return HeldSlot([impl, key, slot = *slot] { impl->Release(key, slot); });
}

}  // namespace shodan::zoomapi
