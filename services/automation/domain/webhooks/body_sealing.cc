// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/body_sealing.h"

#include "libs/crypto/sealed_field.h"

namespace shodan::automation {
namespace {

SealCoordinates InboxPlace(const std::string& webhook_id, const std::string& project_id) {
  SealCoordinates at;
  at.table = "webhooks";
  at.field = "inbox_body";
  at.row_id = webhook_id;
  at.project_id = project_id;
  return at;
}

SealCoordinates LinkPlace(const std::string& webhook_id, const LinkLife& link) {
  SealCoordinates at;
  at.table = "webhooks";
  at.field = "link_body";
  at.row_id = webhook_id;
  at.project_id = link.project_id;
  at.user_id = link.user_id;
  return at;
}

}  // namespace

std::string SealInInbox(const Secret& inbox_key, const std::string& webhook_id,
                        const std::string& project_id, const Secret& body) {
  return SealField(KeyRing::OfOneKey(inbox_key.Clone()), InboxPlace(webhook_id, project_id), body);
}

absl::StatusOr<Secret> OpenFromInbox(const Secret& inbox_key, const std::string& webhook_id,
                                     const std::string& project_id, std::string_view sealed) {
  return OpenField(KeyRing::OfOneKey(inbox_key.Clone()), InboxPlace(webhook_id, project_id),
                   sealed);
}

std::string SealForLink(const Secret& link_data_key, const std::string& webhook_id,
                        const LinkLife& link, const Secret& body) {
  return SealField(KeyRing::OfOneKey(link_data_key.Clone()), LinkPlace(webhook_id, link), body);
}

absl::StatusOr<Secret> OpenForLink(const Secret& link_data_key, const std::string& webhook_id,
                                   const LinkLife& link, std::string_view sealed) {
  return OpenField(KeyRing::OfOneKey(link_data_key.Clone()), LinkPlace(webhook_id, link), sealed);
}

}  // namespace shodan::automation
