// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "libs/postgres/value.h"

namespace shodan::postgres {

/// A timestamptz as PostgreSQL reads it, in UTC, cut to microseconds.
std::string FormatTimestamp(Time time);

/// Reads a timestamptz as PostgreSQL writes it with DateStyle ISO and TimeZone UTC, for example
/// "2024-02-29 13:05:00.25+00". Times that `Time` cannot hold (before 1678, after 2261, the
/// infinities) become its first or last value. nullopt for any other text.
std::optional<Time> ParseTimestamp(std::string_view text);

}  // namespace shodan::postgres
