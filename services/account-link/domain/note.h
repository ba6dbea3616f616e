// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// What a user writes.
struct NoteContent {
  std::string text;        ///< 1 to 10,000 characters, kept byte for byte
  std::string company_id;  ///< at most 255 bytes, or empty
  std::string person_id;   ///< at most 255 bytes, or empty
  std::string call_id;     ///< of one of the user's calls, or empty

  friend bool operator==(const NoteContent&, const NoteContent&) = default;
};

/// A note on a call, a company or a person. Business data: not touched by a disconnect, nor by the
/// deletion of the call.
struct Note {
  UserKey owner;
  std::string note_id;  ///< UUID
  NoteContent content;
  Time create_time;
  Time update_time;
  std::string etag;  ///< changes with every update

  friend bool operator==(const Note&, const Note&) = default;
};

/// Only notes about this company, person and call; empty for all.
struct NoteFilter {
  std::string company_id;
  std::string person_id;
  std::string call_id;
};

}  // namespace shodan::account_link
