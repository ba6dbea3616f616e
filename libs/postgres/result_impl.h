// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <libpq-fe.h>

#include "libs/postgres/value.h"

namespace shodan::postgres {

struct PgResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, PgResultDeleter>;

struct Result::Impl {
  PgResult pg;
};

}  // namespace shodan::postgres
