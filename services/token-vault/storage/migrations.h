// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "libs/postgres/migrator.h"

namespace shodan::tokenvault {

/// The vault's schema, from migrations/*.sql, embedded at build time.
const std::vector<postgres::Migration>& Migrations();

}  // namespace shodan::tokenvault
