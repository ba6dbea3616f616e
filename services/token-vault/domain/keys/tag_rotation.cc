// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/keys/tag_rotation.h"

#include "libs/base/status.h"
#include "services/token-vault/domain/errors.h"
#include "services/token-vault/domain/zoom/oauth_server.h"

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::milliseconds kBatchLimit{10'000};

const char* NameOf(TaggedTable table) {
  return table == TaggedTable::kGrants ? "grants" : "pending_grants";
}

}  // namespace

absl::StatusOr<std::vector<TagVersionStatus>> TagRotation::Status(Deadline deadline) {
  return parts_.store.Status(parts_.settings.replica_stale, deadline);
}

absl::Status TagRotation::Begin(int32_t tag_version, const Actor& actor, Deadline deadline) {
  SHODAN_RETURN_IF_ERROR(
      parts_.store.Begin(tag_version, parts_.settings.replica_stale, actor, deadline));
  return parts_.refresh(deadline);
}

absl::Status TagRotation::Switch(int32_t tag_version, const Actor& actor, Deadline deadline) {
  SHODAN_RETURN_IF_ERROR(
      parts_.store.Switch(tag_version, parts_.settings.replica_stale, actor, deadline));
  return parts_.refresh(deadline);
}

absl::Status TagRotation::Retire(int32_t tag_version, const Actor& actor, Deadline deadline) {
  return parts_.store.Retire(tag_version, parts_.settings.replica_stale, actor, deadline);
}

absl::StatusOr<int64_t> TagRotation::Run(Deadline deadline, const std::function<bool()>& stop) {
  absl::StatusOr<int64_t> total = RunAll(deadline, stop);
  if (!total.ok()) {
    parts_.log.Warning("changing tags was interrupted", {{"reason", ReasonOf(total.status())}});
  }
  return total;
}

absl::StatusOr<std::vector<TagWork>> TagRotation::ShowWork(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(std::vector<TagWork> work, parts_.store.Work(deadline));
  for (const TagWork& version : work) {
    parts_.metrics.Set("shodan_vault_tag_rows_left",
                       "Rows that lack a tag under the next tag version, or have one under the "
                       "former.",
                       {{"tag_version", std::to_string(version.tag_version)},
                        {"state", version.state == TagVersionState::kNext ? "next" : "former"}},
                       static_cast<double>(version.rows_left));
  }
  return work;
}

absl::StatusOr<int64_t> TagRotation::RunAll(Deadline deadline, const std::function<bool()>& stop) {
  int64_t total = 0;
  SHODAN_ASSIGN_OR_RETURN(const std::vector<TagWork> work, ShowWork(deadline));
  for (const TagWork& version : work) {
    if (version.rows_left == 0) continue;
    if (version.state == TagVersionState::kFormer) {
      SHODAN_ASSIGN_OR_RETURN(const int64_t settled, SettleAll(deadline, stop));
      total += settled;
      continue;
    }
    for (const TaggedTable table : kTaggedTables) {
      SHODAN_ASSIGN_OR_RETURN(const int64_t tagged,
                              TagTable(table, version.tag_version, deadline, stop));
      total += tagged;
    }
  }
  if (total == 0) return total;
  SHODAN_RETURN_IF_ERROR(ShowWork(deadline).status());
  parts_.log.Info("tags changed", {{"rows", total}});
  return total;
}

absl::StatusOr<int64_t> TagRotation::TagTable(TaggedTable table, int32_t next, Deadline deadline,
                                              const std::function<bool()>& stop) {
  int64_t total = 0;
  std::string after;
  while (!deadline.Expired() && !(stop && stop())) {
    const TagUse use = parts_.sealing.tag_use();
    // This replica has not heard of the begin yet, or the switch came meanwhile.
    if (use.next != next) break;
    const Deadline batch = deadline.Cap(kBatchLimit);
    SHODAN_ASSIGN_OR_RETURN(const std::vector<TaggedRow> listed,
                            parts_.store.ListWithoutNext(table, use.current, after,
                                                         parts_.settings.rewrap_batch, batch));
    if (listed.empty()) break;
    after = listed.back().row_id;
    std::vector<TaggedRow> rows;
    std::vector<IdentityTags> tags;
    for (const TaggedRow& row : listed) {
      absl::StatusOr<IdentityTags> made = TagsOf(table, row);
      if (!made.ok()) {
        CountFailure(table, row, made.status());
      } else if (made->version == row.tag_version && made->next_version == next) {
        rows.push_back(row);
        tags.push_back(*std::move(made));
      }
    }
    SHODAN_ASSIGN_OR_RETURN(const int stored, parts_.store.StoreNext(table, rows, tags, batch));
    total += stored;
    if (static_cast<int>(listed.size()) < parts_.settings.rewrap_batch) break;
    parts_.pause(parts_.settings.rewrap_pause);
  }
  return total;
}

absl::StatusOr<int64_t> TagRotation::SettleAll(Deadline deadline,
                                               const std::function<bool()>& stop) {
  int64_t total = 0;
  while (!deadline.Expired() && !(stop && stop())) {
    SHODAN_ASSIGN_OR_RETURN(const int settled, parts_.store.Settle(parts_.settings.rewrap_batch,
                                                                   deadline.Cap(kBatchLimit)));
    if (settled == 0) break;
    total += settled;
    parts_.pause(parts_.settings.rewrap_pause);
  }
  return total;
}

absl::StatusOr<IdentityTags> TagRotation::TagsOf(TaggedTable table, const TaggedRow& row) const {
  if (!row.sealed_profile.has_value()) {
    return Internal("PROFILE_ABSENT", "A row has a tag and no profile to make another from.");
  }
  const Owner owner{row.project_id, row.user_id};
  SHODAN_ASSIGN_OR_RETURN(
      const Secret encoded,
      table == TaggedTable::kGrants
          ? parts_.sealing.OpenProfileField(Sealing::ProfileField::kProfile, row.row_id, owner,
                                            row.generation, *row.sealed_profile)
          : parts_.sealing.OpenPendingProfile(row.row_id, owner, *row.sealed_profile));
  SHODAN_ASSIGN_OR_RETURN(const ZoomProfile profile, DecodeProfile(encoded));
  IdentityTags tags = parts_.sealing.Tags(row.zoom_app_id, profile.account_id, profile.user_id);
  // Never another Zoom user's tag beside a tag that is right.
  if (tags.version == row.tag_version && tags.identity != row.identity_tag) {
    return Internal("PROFILE_OF_ANOTHER", "A row's profile does not fit its identity tag.");
  }
  return tags;
}

void TagRotation::CountFailure(TaggedTable table, const TaggedRow& row, const absl::Status& why) {
  parts_.metrics.Count("shodan_vault_tag_failures_total",
                       "Rows whose next tag could not be made; they hold up the switch.");
  parts_.log.Error("a next tag cannot be made",
                   {{"table", NameOf(table)}, {"row_id", row.row_id}, {"reason", ReasonOf(why)}});
}

}  // namespace shodan::tokenvault
