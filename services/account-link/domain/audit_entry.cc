// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/audit_entry.h"

namespace shodan::account_link {
namespace {

std::string_view ActionOf(const Link& link) {
  switch (link.state) {
    case LinkState::kActive:
      return "link.connected";
    case LinkState::kReconnectRequired:
      return "link.reconnect_required";
    case LinkState::kDisconnecting:
      return "link.disconnecting";
    case LinkState::kNone:
      return link.cause == LinkCause::kTakenOver ? "link.taken_over" : "link.disconnected";
  }
  return "";
}

}  // namespace

AuditEntry AuditOf(const Link& link, const Actor& actor) {
  AuditEntry entry{.owner = link.owner,
                   .link_id = link.link_id,
                   .actor = actor,
                   .action = ActionOf(link),
                   .details = {{"generation", link.generation}}};
  if (link.cause != LinkCause::kUnspecified) {
    entry.details.emplace_back("cause", std::string(ToText(link.cause)));
  }
  return entry;
}

Actor VaultActor() { return {.name = "service:token-vault", .caller = {}, .request_id = {}}; }
Actor ReconcilerActor() { return {.name = "service:account-link", .caller = {}, .request_id = {}}; }

}  // namespace shodan::account_link
