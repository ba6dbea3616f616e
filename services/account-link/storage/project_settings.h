// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "services/account-link/domain/project.h"

namespace shodan::account_link {

/// What the column projects.settings holds: everything but id and display name.
std::string WriteSettings(const Project& project);
/// False when `json` is none that WriteSettings() can have written.
bool ReadSettings(std::string_view json, Project& project);

}  // namespace shodan::account_link
