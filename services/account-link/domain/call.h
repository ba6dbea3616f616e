// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// How a call ended, as far as known.
enum class CallOutcome { kUnspecified, kConnected, kMissed, kBusy, kVoicemail, kFailed };

/// The names under which outcomes are stored: lower_snake_case, "unspecified" for kUnspecified.
std::string_view ToText(CallOutcome outcome);
std::optional<CallOutcome> ParseCallOutcome(std::string_view text);

/// What is known about a call when it begins.
struct CallContent {
  std::string number;        ///< E.164
  std::string input_number;  ///< what was clicked, at most 250 bytes; may be empty
  std::string region_code;   ///< ISO 3166-1 alpha-2, or empty
  std::string company_id;    ///< at most 255 bytes, or empty
  std::string person_id;     ///< at most 255 bytes, or empty

  friend bool operator==(const CallContent&, const CallContent&) = default;
};

/// A call that a user began by a click. Business data: not touched by a disconnect.
struct Call {
  UserKey owner;
  std::string call_id;  ///< UUID
  CallContent content;
  CallOutcome outcome = CallOutcome::kUnspecified;
  Time start_time;
  std::optional<std::chrono::seconds> duration;
  Time create_time;
  Time update_time;
  std::string etag;  ///< changes with every update

  friend bool operator==(const Call&, const Call&) = default;
};

/// What an update changes; an absent member stays as it is.
struct CallChange {
  std::optional<CallOutcome> outcome;
  /// Present with an absent inner value: the duration becomes unknown.
  std::optional<std::optional<std::chrono::seconds>> duration;
};

/// Only calls made from this company and person; empty for all.
struct CallFilter {
  std::string company_id;
  std::string person_id;
};

}  // namespace shodan::account_link
