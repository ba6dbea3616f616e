// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>
#include <vector>

#include <poll.h>

#include "libs/base/strings.h"
#include "libs/postgres/errors.h"
#include "libs/postgres/resolver.h"

namespace shodan::postgres {
namespace {

// Each literal statement is prepared once; the bound only guards against SQL made from values.
constexpr size_t kMaxPrepared = 512;

// The values rely on ISO dates in UTC. The interval check lets the server notice within a second
// that a connection was closed on a running statement, instead of finishing it for nobody.
constexpr char kOptions[] =
    "-c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c statement_timeout=30000 "
    "-c idle_in_transaction_session_timeout=30000 -c client_connection_check_interval=1000";

enum class Ready { kYes, kTimeout, kFailed };

Ready WaitFor(int socket, int16_t events, Deadline deadline) {
  while (true) {
    // One more than the rest rounded down: waking just before the deadline would spin.
    const auto wait = std::min<int64_t>(deadline.Remaining().count() + 1, 60'000);
    pollfd entry{socket, events, 0};
    const int ready = poll(&entry, 1, static_cast<int>(wait));
    if (ready > 0) return Ready::kYes;
    if (ready < 0 && errno != EINTR) return Ready::kFailed;
    if (deadline.Expired()) return Ready::kTimeout;
  }
}

std::string JoinList(const std::vector<std::string>& items) {
  std::string list;
  for (const std::string& item : items) list += Join(list.empty() ? "" : ",", item);
  return list;
}

std::string Repeat(const std::string& text, size_t count) {
  return JoinList(std::vector<std::string>(count, text));
}

// libpq reports a refused connection as text only, which names host and user; the operator gets the
// cause in words of ours.
absl::Status ConnectError(std::string_view message) {
  struct Cause {
    std::string_view pattern;
    std::string_view words;
  };
  static constexpr std::array kCauses = {
      Cause{"authentication failed", "it refused the role or its password"},
      Cause{"no password supplied", "it asks for a password and none is configured"},
      Cause{"no pg_hba.conf entry", "it does not admit this role from here"},
      Cause{"too many clients", "it has no free connection slot"},
      Cause{"remaining connection slots", "it has no free connection slot"},
      Cause{"too many connections", "it has no free connection slot"},
      Cause{"permission denied for database", "the role may not connect to the database"},
      Cause{"starting up", "it is starting up"},
      Cause{"shutting down", "it is shutting down"},
      Cause{"recovery", "it is in recovery"},
      Cause{"does not support SSL", "it does not offer TLS"},
      Cause{"certificate", "its certificate was not accepted"},
      Cause{"does not exist", "the database or the role does not exist"},
      Cause{"SSL", "the TLS handshake failed"},
      Cause{"Connection refused", "nothing listens at its address"},
      Cause{"No such file or directory", "its socket or a certificate file is missing"},
  };
  for (const Cause& cause : kCauses) {
    if (message.find(cause.pattern) != std::string_view::npos) {
      return DatabaseUnavailable(cause.words);
    }
  }
  return DatabaseUnavailable("the connection could not be established");
}

bool HasNul(const Params& params) {
  return std::any_of(params.values().begin(), params.values().end(), [](const auto& value) {
    return value.has_value() && value->find('\0') != std::string::npos;
  });
}

std::string_view Field(const PGresult* result, int code) {
  const char* const text = PQresultErrorField(result, code);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

bool IsSuccess(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

// Nothing was sent, so the connection stays good.
Outcome TooLate() { return {DatabaseTimeout("a statement waited to be sent"), Reach::kNotSent}; }

// Waits until libpq's handshake ends one way or the other.
absl::Status Handshake(PGconn* pg, Deadline deadline) {
  if (pg == nullptr) return DatabaseUnavailable("out of memory");
  if (PQstatus(pg) == CONNECTION_BAD) return ConnectError(PQerrorMessage(pg));
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    const int16_t events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    switch (WaitFor(PQsocket(pg), events, deadline)) {
      case Ready::kYes:
        break;
      case Ready::kTimeout:
        return DatabaseTimeout("connecting to the database");
      case Ready::kFailed:
        return DatabaseUnavailable("the connection could not be established");
    }
    state = PQconnectPoll(pg);
    if (state == PGRES_POLLING_FAILED) return ConnectError(PQerrorMessage(pg));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const ConnectionSettings& settings,
                                                             Deadline deadline) {
  const Deadline limit = deadline.Cap(std::chrono::seconds(10));
  std::string hosts = settings.host;
  std::string addresses;
  if (!settings.host.starts_with("/")) {
    const absl::StatusOr<std::vector<std::string>> resolved = ResolveHost(settings.host, limit);
    if (!resolved.ok()) return resolved.status();
    addresses = JoinList(*resolved);
    hosts = Repeat(settings.host, resolved->size());
  }
  const std::string port = std::to_string(settings.port);
  std::string password(settings.password.Expose(SecretAccess::ForConnection()));
  const std::vector<std::pair<const char*, const char*>> parameters = {
      {"host", hosts.c_str()},
      {"hostaddr", addresses.c_str()},
      {"port", port.c_str()},
      {"dbname", settings.database.c_str()},
      {"user", settings.user.c_str()},
      {"password", password.c_str()},
      {"passfile", "/dev/null"},
      {"sslmode", settings.sslmode.c_str()},
      {"sslrootcert", settings.ca_file.c_str()},
      {"gssencmode", "disable"},
      {"client_encoding", "UTF8"},
      {"application_name", settings.application_name.c_str()},
      {"options", kOptions},
      {"keepalives", "1"},
      {"keepalives_idle", "30"},
      {"keepalives_interval", "10"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "15000"},
  };
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : parameters) {
    keywords.push_back(keyword);
    values.push_back(value);
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  Handle pg(PQconnectStartParams(keywords.data(), values.data(), 0));
  WipeString(password);
  if (absl::Status connected = Handshake(pg.get(), limit); !connected.ok()) return connected;
  PQsetNoticeProcessor(pg.get(), [](void*, const char*) {}, nullptr);
  if (PQsetnonblocking(pg.get(), 1) != 0) {
    return DatabaseUnavailable("the connection cannot be used without blocking");
  }
  return std::unique_ptr<Connection>(new Connection(std::move(pg)));
}

bool Connection::IsQuiet() const {
  pollfd entry{PQsocket(pg_.get()), POLLIN, 0};
  return usable() && poll(&entry, 1, 0) == 0;
}

Outcome Connection::Execute(std::string_view sql, const Params& params, Deadline deadline) {
  // libpq would cut a text at its first zero byte; the server's answer to one is 22021.
  if (HasNul(params)) return {ErrorFromServer({.sqlstate = "22021", .constraint = {}})};
  const absl::StatusOr<std::string> name = Prepare(sql, deadline);
  if (!name.ok()) return {name.status(), usable() ? Reach::kAnswered : Reach::kNotSent};
  if (deadline.Expired()) return TooLate();
  std::vector<const char*> values;
  values.reserve(params.values().size());
  for (const std::optional<std::string>& value : params.values()) {
    values.push_back(value.has_value() ? value->c_str() : nullptr);
  }
  const bool queued = PQsendQueryPrepared(pg_.get(), name->c_str(), static_cast<int>(values.size()),
                                          values.data(), nullptr, nullptr, 0) == 1;
  return Finish(queued, deadline);
}

Outcome Connection::Run(const std::string& sql, Deadline deadline) {
  if (deadline.Expired()) return TooLate();
  return Finish(PQsendQuery(pg_.get(), sql.c_str()) == 1, deadline);
}

absl::StatusOr<std::string> Connection::Prepare(std::string_view sql, Deadline deadline) {
  if (const auto found = prepared_.find(sql); found != prepared_.end()) return found->second;
  if (deadline.Expired()) return TooLate().result.status();
  const bool named = prepared_.size() < kMaxPrepared;
  std::string name = named ? Join("s", std::to_string(prepared_.size())) : std::string();
  const std::string text(sql);
  const bool queued = PQsendPrepare(pg_.get(), name.c_str(), text.c_str(), 0, nullptr) == 1;
  const Outcome outcome = Finish(queued, deadline);
  if (!outcome.result.ok()) return outcome.result.status();
  if (named) prepared_.emplace(text, name);
  return name;
}

Outcome Connection::Finish(bool queued, Deadline deadline) {
  if (!queued) return Broken(DatabaseUnavailable("the connection was lost"), Reach::kNotSent);
  if (absl::Status flushed = Flush(deadline); !flushed.ok()) {
    return Broken(std::move(flushed), Reach::kNotSent);
  }
  return Collect(deadline);
}

// The server acts on a statement only when it has its last byte, which is sent here.
absl::Status Connection::Flush(Deadline deadline) {
  while (true) {
    const int left = PQflush(pg_.get());
    if (left == 0) return absl::OkStatus();
    if (left < 0) return DatabaseUnavailable("the connection was lost");
    // The server may be waiting for us to read before it reads on.
    switch (WaitFor(PQsocket(pg_.get()), POLLIN | POLLOUT, deadline)) {
      case Ready::kYes:
        break;
      case Ready::kTimeout:
        return DatabaseTimeout("sending a statement");
      case Ready::kFailed:
        return DatabaseUnavailable("the connection was lost");
    }
    if (PQconsumeInput(pg_.get()) != 1) return DatabaseUnavailable("the connection was lost");
  }
}

Outcome Connection::Collect(Deadline deadline) {
  PgResult success;
  absl::Status failure;
  while (true) {
    while (PQisBusy(pg_.get()) == 1) {
      const Ready ready = WaitFor(PQsocket(pg_.get()), POLLIN, deadline);
      if (ready == Ready::kTimeout) {
        return Broken(DatabaseTimeout("the database was working on a statement"), Reach::kUnknown);
      }
      if (ready == Ready::kFailed || PQconsumeInput(pg_.get()) != 1) {
        return Broken(DatabaseUnavailable("the connection was lost"), Reach::kUnknown);
      }
    }
    PgResult result(PQgetResult(pg_.get()));
    if (result == nullptr) break;
    if (IsSuccess(result.get())) {
      success = std::move(result);
      continue;
    }
    const std::string_view sqlstate = Field(result.get(), PG_DIAG_SQLSTATE);
    const std::string_view severity = Field(result.get(), PG_DIAG_SEVERITY_NONLOCALIZED);
    const bool fatal = severity == "FATAL" || severity == "PANIC";
    if (sqlstate.empty() || fatal || PQstatus(pg_.get()) != CONNECTION_OK) {
      absl::Status lost = sqlstate.empty() ? DatabaseUnavailable("the connection was lost")
                                           : ErrorFromServer({sqlstate, {}, true});
      // A FATAL error that comes before any success ended the transaction.
      const bool refused = fatal && success == nullptr;
      return Broken(std::move(lost), refused ? Reach::kAnswered : Reach::kUnknown);
    }
    failure = ErrorFromServer({sqlstate, Field(result.get(), PG_DIAG_CONSTRAINT_NAME)});
    // A plan that no longer fits a changed table, or a statement someone deallocated, would fail
    // on this connection for ever.
    if (sqlstate == "0A000" || sqlstate == "26000") usable_ = false;
  }
  if (!failure.ok()) return {std::move(failure)};
  if (success == nullptr || PQstatus(pg_.get()) != CONNECTION_OK) {
    return Broken(DatabaseUnavailable("the connection was lost"), Reach::kUnknown);
  }
  return {Result(std::make_shared<Result::Impl>(Result::Impl{std::move(success)}))};
}

Outcome Connection::Broken(absl::Status status, Reach reach) {
  usable_ = false;
  return {std::move(status), reach};
}

}  // namespace shodan::postgres
