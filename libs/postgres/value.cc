// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/value.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "libs/base/encoding.h"
#include "libs/base/strings.h"
#include "libs/postgres/result_impl.h"
#include "libs/postgres/timestamp.h"

namespace shodan::postgres {
namespace {

// The statement and the code that reads its result are written side by side: a mismatch is a
// mistake in the program, which no caller can handle.
[[noreturn]] void Misuse(const char* what, std::string_view column) {
  std::fprintf(stderr, "postgres::Row: column '%.*s' %s\n", static_cast<int>(column.size()),
               column.data(), what);
  std::abort();
}

int ColumnNumber(const PGresult* result, std::string_view column) {
  for (int i = 0; i < PQnfields(result); ++i) {
    if (column == PQfname(result, i)) return i;
  }
  Misuse("is not in the result", column);
}

template <typename Read>
auto ReadOptional(const Row& row, std::string_view column, Read read)
    -> std::optional<decltype(read(row, column))> {
  if (row.IsNull(column)) return std::nullopt;
  return read(row, column);
}

}  // namespace

Params& Params::Text(std::string_view value) {
  values_.emplace_back(value);
  return *this;
}

Params& Params::TextOrNull(const std::optional<std::string>& value) {
  values_.push_back(value);
  return *this;
}

Params& Params::TextOrNullIfEmpty(std::string_view value) {
  return value.empty() ? Null() : Text(value);
}

Params& Params::Int(int64_t value) {
  values_.emplace_back(std::to_string(value));
  return *this;
}

Params& Params::IntOrNull(const std::optional<int64_t>& value) {
  return value.has_value() ? Int(*value) : Null();
}

Params& Params::Bool(bool value) {
  values_.emplace_back(value ? "t" : "f");
  return *this;
}

Params& Params::Bytes(std::string_view value) {
  values_.emplace_back(Join("\\x", HexEncode(value)));
  return *this;
}

Params& Params::BytesOrNull(const std::optional<std::string>& value) {
  return value.has_value() ? Bytes(*value) : Null();
}

Params& Params::Interval(std::chrono::milliseconds value) {
  values_.emplace_back(Join(std::to_string(value.count()), " milliseconds"));
  return *this;
}

Params& Params::TimeOrNull(const std::optional<Time>& value) {
  if (!value.has_value()) return Null();
  values_.emplace_back(FormatTimestamp(*value));
  return *this;
}

Params& Params::Null() {
  values_.emplace_back(std::nullopt);
  return *this;
}

bool Row::IsNull(std::string_view column) const {
  const PGresult* pg = result_->impl().pg.get();
  return PQgetisnull(pg, row_, ColumnNumber(pg, column)) == 1;
}

std::string Row::Text(std::string_view column) const {
  const PGresult* pg = result_->impl().pg.get();
  const int number = ColumnNumber(pg, column);
  if (PQgetisnull(pg, row_, number) == 1) Misuse("is NULL", column);
  return {PQgetvalue(pg, row_, number), static_cast<size_t>(PQgetlength(pg, row_, number))};
}

std::optional<std::string> Row::OptionalText(std::string_view column) const {
  return ReadOptional(*this, column, [](const Row& row, auto name) { return row.Text(name); });
}

std::string Row::TextOrEmpty(std::string_view column) const {
  return IsNull(column) ? std::string() : Text(column);
}

int64_t Row::Int(std::string_view column) const {
  int64_t value = 0;
  if (!absl::SimpleAtoi(Text(column), &value)) Misuse("is not an integer", column);
  return value;
}

std::optional<int64_t> Row::OptionalInt(std::string_view column) const {
  return ReadOptional(*this, column, [](const Row& row, auto name) { return row.Int(name); });
}

bool Row::Bool(std::string_view column) const {
  const std::string text = Text(column);
  if (text != "t" && text != "f") Misuse("is not a boolean", column);
  return text == "t";
}

std::string Row::Bytes(std::string_view column) const {
  const std::string text = Text(column);
  size_t size = 0;
  unsigned char* const bytes =
      PQunescapeBytea(reinterpret_cast<const unsigned char*>(text.c_str()), &size);
  if (bytes == nullptr) Misuse("is not a bytea", column);
  std::string value(reinterpret_cast<const char*>(bytes), size);
  PQfreemem(bytes);
  return value;
}

std::optional<std::string> Row::OptionalBytes(std::string_view column) const {
  return ReadOptional(*this, column, [](const Row& row, auto name) { return row.Bytes(name); });
}

Time Row::Timestamp(std::string_view column) const {
  const std::optional<Time> time = ParseTimestamp(Text(column));
  if (!time.has_value()) Misuse("is not a timestamptz", column);
  return *time;
}

std::optional<Time> Row::OptionalTimestamp(std::string_view column) const {
  return ReadOptional(*this, column, [](const Row& row, auto name) { return row.Timestamp(name); });
}

Result::Result(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

int Result::size() const { return PQntuples(impl_->pg.get()); }

int64_t Result::affected_rows() const {
  // PQcmdTuples only reads; its parameter is not const for historical reasons.
  const std::string count = PQcmdTuples(impl_->pg.get());
  int64_t rows = 0;
  return absl::SimpleAtoi(count, &rows) ? rows : 0;
}

}  // namespace shodan::postgres
