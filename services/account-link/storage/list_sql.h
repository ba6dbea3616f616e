// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/postgres/value.h"
#include "services/account-link/domain/link.h"
#include "services/account-link/domain/page.h"

namespace shodan::account_link {

/// The statement of one page of a table's records: one owner's, newest first. Each filter column in
/// use is compared for equality, so that its index serves the whole statement.
///
/// Parameters: owner's project and user, then page size + 1, then the position's time and id (NULL
/// for the first page), then one for each column of `filters`.
std::string ListSql(std::string_view table, std::string_view columns, std::string_view id_column,
                    const std::vector<std::string_view>& filters);

/// The parameters up to the position.
postgres::Params ListParams(const UserKey& owner, const PageQuery& query);

}  // namespace shodan::account_link
