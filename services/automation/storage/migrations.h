// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "libs/postgres/migrator.h"

namespace shodan::automation {

/// The files of storage/migrations, embedded when the program is built.
const std::vector<postgres::Migration>& Migrations();

}  // namespace shodan::automation
