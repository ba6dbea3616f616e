// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/deadline.h"
#include "libs/postgres/migrator.h"
#include "libs/postgres/pool.h"

namespace shodan::testing {

/// A fresh, empty database on a real PostgreSQL, dropped at the end of the test case.
///
/// The environment variable SHODAN_TEST_SERVICES names a JSON file that holds, among others,
/// {"postgres":{"host","port","user","password_file","ca_file"}} of a superuser; `deploy/dev test`
/// sets it. Without it the test case fails and says so.
///
///   TEST_CASE_METHOD(PostgresFixture, "a link is stored once") { auto pool = NewPool(); … }
class PostgresFixture {
 public:
  PostgresFixture();
  /// With the schema of `migrations`, which live as long as the program: applied once, in a
  /// template that each test case copies.
  explicit PostgresFixture(const std::vector<postgres::Migration>& migrations);
  ~PostgresFixture();
  PostgresFixture(const PostgresFixture&) = delete;
  PostgresFixture& operator=(const PostgresFixture&) = delete;

  /// The fresh database as the superuser, without TLS; ca_file is set for tests that use it. Safe
  /// from any thread.
  postgres::ConnectionSettings Settings(int max_connections = 8) const;
  std::unique_ptr<postgres::Pool> NewPool(int max_connections = 8) const;

  /// Runs statements in the fresh database; fails the test case when one fails.
  void Run(const std::string& sql) const;
  /// The first column, which must be named "value", of the first row.
  std::string Query(std::string_view sql) const;

  const std::string& database() const { return database_; }

 private:
  PostgresFixture(postgres::ConnectionSettings server, const std::string& origin);

  postgres::ConnectionSettings server_;
  std::string database_;
  std::unique_ptr<postgres::Pool> observer_;
};

/// Generous, so that a slow machine does not fail a test, and finite, so that a hang does.
inline Deadline TestDeadline() { return Deadline::After(std::chrono::seconds(30)); }

}  // namespace shodan::testing
