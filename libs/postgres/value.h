// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shodan::postgres {

using Time = std::chrono::system_clock::time_point;

/// Parameters of a statement, in the order of $1, $2 …; sent apart from the SQL text.
class Params {
 public:
  Params& Text(std::string_view value);
  Params& TextOrNull(const std::optional<std::string>& value);
  /// NULL when empty: for columns where an empty text and an absent one mean the same.
  Params& TextOrNullIfEmpty(std::string_view value);
  Params& Int(int64_t value);
  Params& IntOrNull(const std::optional<int64_t>& value);
  Params& Bool(bool value);
  /// bytea; any byte may occur.
  Params& Bytes(std::string_view value);
  Params& BytesOrNull(const std::optional<std::string>& value);
  /// An interval column or a `$n::interval` expression.
  Params& Interval(std::chrono::milliseconds value);
  Params& TimeOrNull(const std::optional<Time>& value);
  Params& Null();

  const std::vector<std::optional<std::string>>& values() const { return values_; }

 private:
  std::vector<std::optional<std::string>> values_;
};

class Result;

/// One row of a result. Reading a column that does not exist, or reading NULL as a value, is a
/// programming error and ends the process.
class Row {
 public:
  bool IsNull(std::string_view column) const;
  std::string Text(std::string_view column) const;
  std::optional<std::string> OptionalText(std::string_view column) const;
  /// The empty string for NULL.
  std::string TextOrEmpty(std::string_view column) const;
  int64_t Int(std::string_view column) const;
  std::optional<int64_t> OptionalInt(std::string_view column) const;
  bool Bool(std::string_view column) const;
  std::string Bytes(std::string_view column) const;
  std::optional<std::string> OptionalBytes(std::string_view column) const;
  /// timestamptz, microseconds kept.
  Time Timestamp(std::string_view column) const;
  std::optional<Time> OptionalTimestamp(std::string_view column) const;

 private:
  friend class Result;
  Row(const Result& result, int row) : result_(&result), row_(row) {}
  const Result* result_;
  int row_;
};

/// The rows of a finished statement. Owns libpq's result; rows refer to it.
class Result {
 public:
  struct Impl;
  explicit Result(std::shared_ptr<const Impl> impl);
  int size() const;
  bool empty() const { return size() == 0; }
  Row operator[](int row) const { return Row(*this, row); }
  /// Rows inserted, updated or deleted by the statement.
  int64_t affected_rows() const;
  const Impl& impl() const { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace shodan::postgres
