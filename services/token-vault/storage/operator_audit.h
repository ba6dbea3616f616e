// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/audit/audit.h"
#include "services/token-vault/domain/authorization/attempt.h"

namespace shodan::tokenvault {

/// The record of something an operator did that concerns every project, with one number of it.
inline absl::Status WriteOperatorAudit(postgres::Session& session, std::string_view action,
                                       const std::string& detail, int64_t number,
                                       const Actor& actor) {
  audit::AuditRecord record;
  record.project_id = "*";
  record.actor = actor.actor;
  record.caller = actor.caller;
  record.request_id = actor.request_id;
  record.action = action;
  record.details.emplace_back(detail, number);
  return audit::Append(session, record);
}

}  // namespace shodan::tokenvault
