// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/list_sql.h"

#include <optional>

#include "libs/base/strings.h"

namespace shodan::account_link {

std::string ListSql(std::string_view table, std::string_view columns, std::string_view id_column,
                    const std::vector<std::string_view>& filters) {
  std::string sql = Join("SELECT ", columns, " FROM ", table,
                         " WHERE project_id = $1 AND user_id = $2 AND (created_at, ", id_column,
                         ") < (coalesce($4::timestamptz, 'infinity'), coalesce($5::uuid,"
                         " 'ffffffff-ffff-ffff-ffff-ffffffffffff'))");
  int parameter = 6;
  for (const std::string_view filter : filters) {
    sql += Join(" AND ", filter, " = $", std::to_string(parameter++));
  }
  sql += Join(" ORDER BY created_at DESC, ", id_column, " DESC LIMIT $3");
  return sql;
}

postgres::Params ListParams(const UserKey& owner, const PageQuery& query) {
  postgres::Params params;
  params.Text(owner.project_id).Text(owner.user_id).Int(query.size + 1);
  if (query.after.has_value()) {
    params.TimeOrNull(query.after->create_time).Text(query.after->id);
  } else {
    params.Null().Null();
  }
  return params;
}

}  // namespace shodan::account_link
