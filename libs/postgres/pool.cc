// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/pool.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/postgres/connection.h"
#include "libs/postgres/errors.h"

namespace shodan::postgres {
namespace {

constexpr int kMaxRepeats = 3;

// A transaction's view of its connection.
class TransactionSession : public Session {
 public:
  TransactionSession(Connection& connection, Deadline limit)
      : connection_(connection), deadline_(limit) {}

  absl::StatusOr<Result> Execute(std::string_view sql, const Params& params) override {
    if (!connection_.usable() && !error_.ok()) return error_;
    absl::StatusOr<Result> result = connection_.Execute(sql, params, deadline_).result;
    if (!result.ok()) error_ = result.status();
    return result;
  }
  Deadline deadline() const override { return deadline_; }

  /// The last error that a statement met.
  const absl::Status& error() const { return error_; }

 private:
  Connection& connection_;
  const Deadline deadline_;
  absl::Status error_;
};

// The statement that failed is known only to the body, which went on as if it had not.
absl::Status SwallowedError(const TransactionSession& session) {
  if (!session.error().ok()) return session.error();
  return Internal("DATABASE_ERROR", "The transaction was rolled back by the database.");
}

absl::Status Commit(Connection& connection, const TransactionSession& session) {
  if (!connection.usable()) return SwallowedError(session);
  if (session.deadline().Expired()) return DatabaseTimeout("a transaction was running");
  const Outcome outcome = connection.Run("COMMIT", session.deadline());
  if (outcome.result.ok()) {
    const std::string_view tag = PQcmdStatus(outcome.result->impl().pg.get());
    return tag == "COMMIT" ? absl::OkStatus() : SwallowedError(session);
  }
  // The safe answer for every way of losing the connection here: the change may be there.
  if (!connection.usable() && outcome.reach != Reach::kNotSent) return CommitUnknown();
  return outcome.result.status();
}

}  // namespace

struct Pool::Impl {
  explicit Impl(ConnectionSettings connection_settings)
      : settings(std::move(connection_settings)) {}

  // A connection on loan. Goes back to the pool only in a state that the next user can rely on.
  class Lease {
   public:
    Lease(Impl* pool, std::unique_ptr<Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->Release(std::move(connection_));
    }
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    Impl* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // A place in the pool: with an open connection, or nullptr where one is to be opened.
  absl::StatusOr<std::unique_ptr<Connection>> TakePlace(Deadline deadline) {
    std::unique_lock lock(mutex);
    const auto has_place = [this] { return !free.empty() || open < settings.max_connections; };
    if (!released.wait_until(lock, deadline.when(), has_place)) {
      return DatabaseTimeout("waiting for a free database connection");
    }
    if (free.empty()) {
      ++open;
      return std::unique_ptr<Connection>();
    }
    std::unique_ptr<Connection> connection = std::move(free.back());
    free.pop_back();
    return connection;
  }

  absl::StatusOr<Lease> Acquire(Deadline deadline) {
    while (true) {
      SHODAN_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, TakePlace(deadline));
      if (connection == nullptr) break;
      if (connection->IsQuiet()) return Lease(this, std::move(connection));
      Release(nullptr);
    }
    absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(settings, deadline);
    if (!opened.ok()) {
      Release(nullptr);
      return opened.status();
    }
    return Lease(this, *std::move(opened));
  }

  void Release(std::unique_ptr<Connection> connection) {
    const bool reusable = connection != nullptr && connection->usable() && connection->idle();
    // Closed before its place is free, so that the server never sees more than the maximum.
    if (!reusable) connection.reset();
    {
      const std::lock_guard lock(mutex);
      if (reusable) {
        free.push_back(std::move(connection));
      } else {
        --open;
      }
    }
    released.notify_one();
  }

  absl::Status Attempt(Deadline deadline, const std::function<absl::Status(Session&)>& body) {
    SHODAN_ASSIGN_OR_RETURN(const Lease connection, Acquire(deadline));
    const Outcome begun = connection->Run("BEGIN ISOLATION LEVEL READ COMMITTED", deadline);
    if (!begun.result.ok()) return begun.result.status();
    TransactionSession session(*connection, deadline);
    absl::Status status = body(session);
    if (status.ok()) status = Commit(*connection, session);
    // Without an answer in time the connection is closed instead, which rolls back as well.
    if (connection->usable() && !connection->idle()) {
      static_cast<void>(connection->Run("ROLLBACK", deadline));
    }
    return status;
  }

  const ConnectionSettings settings;
  std::mutex mutex;  // guards the other three
  std::condition_variable released;
  std::vector<std::unique_ptr<Connection>> free;
  int open = 0;
};

Pool::Pool(ConnectionSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
Pool::~Pool() = default;

absl::StatusOr<Result> Pool::Execute(std::string_view sql, const Params& params,
                                     Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const Impl::Lease connection, impl_->Acquire(deadline));
  Outcome outcome = connection->Execute(sql, params, deadline);
  if (outcome.reach == Reach::kUnknown &&
      HasReason(outcome.result.status(), "DATABASE_UNAVAILABLE")) {
    return CommitUnknown();
  }
  return std::move(outcome.result);
}

absl::Status Pool::InTransaction(Deadline deadline,
                                 const std::function<absl::Status(Session&)>& body) {
  absl::Status status = impl_->Attempt(deadline, body);
  for (int repeat = 0; repeat < kMaxRepeats; ++repeat) {
    if (!HasReason(status, "DATABASE_SERIALIZATION") || deadline.Expired()) break;
    status = impl_->Attempt(deadline, body);
  }
  return status;
}

absl::Status Pool::Check(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const Impl::Lease connection, impl_->Acquire(deadline));
  return connection->Run("SELECT 1", deadline).result.status();
}

}  // namespace shodan::postgres
