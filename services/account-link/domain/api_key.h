// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/secrets/secret.h"
#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// Everything that an API key can be allowed to do, sorted.
inline constexpr std::string_view kApiKeyScopes[] = {
    "connect.sessions", "connections.read", "connections.write", "token.read", "zoom.request"};

/// A key of a program, without its text.
struct ApiKey {
  std::string project_id;
  std::string api_key_id;  ///< UUID
  std::string name;
  std::vector<std::string> scopes;  ///< sorted, of kApiKeyScopes
  Time create_time;
  Time rotate_time;                          ///< when its present text was made
  std::optional<Time> expire_time;           ///< absent: it does not end
  std::optional<Time> last_use_time;         ///< to the hour
  std::optional<Time> previous_expire_time;  ///< of the text before, while that is accepted

  friend bool operator==(const ApiKey&, const ApiKey&) = default;
};

/// What the text of a key says.
struct ApiKeyText {
  std::string api_key_id;
  std::string hash;  ///< SHA-256 of the text, 32 raw bytes
};

/// A new text for a key:
///
///   shodan_key_ | 22 digits: the key's id | 43 digits: 256 random bits | 6 digits: CRC-32
///
/// in base 62 (0-9 A-Z a-z, the most significant digit first), so that a double click selects it
/// whole, scanners for leaked secrets find it by its prefix, and the checksum over all before it
/// tells mistyped ones and chance finds without asking anybody.
Secret MakeApiKeyText(const std::string& api_key_id);

/// Takes a text apart; nullopt when it is none or its checksum does not fit.
std::optional<ApiKeyText> ParseApiKeyText(const Secret& text);

}  // namespace shodan::account_link
