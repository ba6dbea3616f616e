// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "services/automation/domain/time.h"

namespace shodan::automation {

/// A time in one of the forms that Zoom's events use: "2021-07-13T21:44:51Z", with a fraction, with
/// an offset, without a zone (taken as UTC), or with a space for the T. nullopt for other texts and
/// for years before 1970 or after 2200.
std::optional<Time> ParseZoomTime(std::string_view text);

/// Milliseconds since 1970; nullopt outside the years 1970 to 2200.
std::optional<Time> TimeOfMilliseconds(int64_t milliseconds);

}  // namespace shodan::automation
