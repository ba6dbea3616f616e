// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/tag_state.h"

#include <set>
#include <string>

#include "libs/base/status.h"
#include "services/token-vault/domain/errors.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

// The number that migration 0006 has as well.
constexpr int64_t kTagStateLock = 7'004;
constexpr std::chrono::seconds kRetryHint{1};

struct PresentVersions {
  int32_t current = 0;  ///< 0 when there is none yet
  std::optional<int32_t> next;
};

absl::StatusOr<PresentVersions> ReadPresent(Session& session) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute("SELECT state, tag_version FROM tag_versions WHERE state IN ('current', "
                      "'next')"));
  PresentVersions present;
  for (int i = 0; i < found.size(); ++i) {
    const auto version = static_cast<int32_t>(found[i].Int("tag_version"));
    if (found[i].Text("state") == "current") {
      present.current = version;
    } else {
      present.next = version;
    }
  }
  return present;
}

absl::Status Unknown() {
  return FailedPrecondition("TAG_VERSION_UNKNOWN",
                            "The key ring lacks a tag key that identity tags are made with.");
}

absl::Status CheckFingerprint(Session& session, const Row& row, const KeyRing& keys) {
  const auto version = static_cast<int32_t>(row.Int("tag_version"));
  const std::string fingerprint = keys.TagFingerprint(version);
  if (fingerprint.empty() || row.Text("fingerprint") == fingerprint) return absl::OkStatus();
  // Used before fingerprints of tag keys were recorded.
  if (row.Text("fingerprint").empty()) {
    return session
        .Execute("UPDATE tag_versions SET fingerprint = $2 WHERE tag_version = $1",
                 Params().Int(version).Text(fingerprint))
        .status();
  }
  return FailedPrecondition(
      "TAG_VERSION_CHANGED",
      "The key ring holds another tag key for a version than this database knows: "
      "check that it belongs to this installation.");
}

absl::Status Remember(Session& session, int32_t version, const KeyRing& keys) {
  return session
      .Execute("INSERT INTO tag_versions (tag_version, fingerprint) VALUES ($1, $2)",
               Params().Int(version).Text(keys.TagFingerprint(version)))
      .status();
}

absl::Status MakeCurrent(Session& session, int32_t version) {
  SHODAN_RETURN_IF_ERROR(session
                             .Execute("UPDATE tag_versions SET state = 'current', promoted_at = "
                                      "now() WHERE tag_version = $1",
                                      Params().Int(version))
                             .status());
  return session
      .Execute("INSERT INTO open_tag_versions (tag_version) VALUES ($1) ON CONFLICT DO NOTHING",
               Params().Int(version))
      .status();
}

}  // namespace

absl::Status LockTagState(Session& session) {
  return session.Execute("SELECT pg_advisory_xact_lock_shared($1)", Params().Int(kTagStateLock))
      .status();
}

absl::Status LockTagStateForChange(Session& session) {
  return session.Execute("SELECT pg_advisory_xact_lock($1)", Params().Int(kTagStateLock)).status();
}

absl::Status StaleTags() {
  return WithRetryAfter(
      Unavailable(kTagVersionStale,
                  "The tag key was changed, and this replica has not heard of it yet."),
      kRetryHint);
}

absl::StatusOr<IdentityTags> PresentTags(Session& session, const IdentityTags& made) {
  SHODAN_RETURN_IF_ERROR(LockTagState(session));
  SHODAN_ASSIGN_OR_RETURN(const PresentVersions present, ReadPresent(session));
  IdentityTags tags = made;
  if (made.version == present.current) {
    // What has just come into use the background pass adds.
    if (present.next.has_value() && made.next_version == present.next) return tags;
  } else if (made.next_version == present.current && made.identity_next.has_value() &&
             made.account_next.has_value()) {
    tags.version = present.current;
    tags.identity = *made.identity_next;
    tags.account = *made.account_next;
  } else {
    return StaleTags();
  }
  tags.identity_next.reset();
  tags.account_next.reset();
  tags.next_version.reset();
  return tags;
}

absl::StatusOr<TagUse> CheckTagKeys(Session& session, const KeyRing& keys) {
  SHODAN_ASSIGN_OR_RETURN(const Result known,
                          session.Execute("SELECT tag_version, fingerprint FROM tag_versions"));
  std::set<int32_t> seen;
  for (int i = 0; i < known.size(); ++i) {
    SHODAN_RETURN_IF_ERROR(CheckFingerprint(session, known[i], keys));
    seen.insert(static_cast<int32_t>(known[i].Int("tag_version")));
  }
  for (const auto& [version, key] : keys.tag_keys()) {
    if (!seen.contains(version)) SHODAN_RETURN_IF_ERROR(Remember(session, version, keys));
  }
  SHODAN_ASSIGN_OR_RETURN(const PresentVersions present, ReadPresent(session));
  if (present.current == 0) {
    SHODAN_RETURN_IF_ERROR(MakeCurrent(session, keys.current_tag_version()));
    return TagUse{keys.current_tag_version(), std::nullopt};
  }
  const auto& held = keys.tag_keys();
  if (!held.contains(present.current)) return Unknown();
  if (present.next.has_value() && !held.contains(*present.next)) return Unknown();
  return TagUse{present.current, present.next};
}

}  // namespace shodan::tokenvault
