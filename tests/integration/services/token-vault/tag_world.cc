// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/services/token-vault/tag_world.h"

#include <utility>

#include <catch2/catch.hpp>

namespace shodan::testing {

TagWorld::Replica::Replica(TagWorld& world, const std::string& name, KeyRing ring)
    : holder(std::move(ring)),
      sealing(holder),
      rotation({world.keys_in_database, holder, name, world.settings,
                [](std::chrono::milliseconds) {}, world.log, world.metrics}),
      tags({world.tags_in_database, sealing,
            [this](Deadline deadline) { return rotation.Refresh(deadline); }, world.settings,
            [](std::chrono::milliseconds) {}, world.log, world.metrics}) {
  REQUIRE_THAT(Refresh(), IsOk());
}

TagWorld::TagWorld() {
  settings.rewrap_batch = 2;
  REQUIRE_THAT(keys_in_database.Leave("replica", TestDeadline()), IsOk());
}

absl::Status TagWorld::Identify(const tokenvault::Sealing& maker, const std::string& attempt_id,
                                const std::string& user_id, const std::string& person) {
  const std::string profile = maker.SealPendingProfile(
      attempt_id, OwnerOf(user_id), tokenvault::EncodeProfile({person, "", "", ""}));
  return stores.pending.SetIdentity(attempt_id, profile, maker.Tags(app_id(), "", person), 1,
                                    TestDeadline());
}

ConnectedLink TagWorld::ConnectBy(const tokenvault::Sealing& maker, const std::string& person) {
  ConnectedLink link{RandomUuid(), NewUser(), person, 0, 1};
  const std::string attempt_id = Pend(link.user_id, "");
  REQUIRE_THAT(Identify(maker, attempt_id, link.user_id, person), IsOk());
  const auto activation = Activate(attempt_id, link.link_id, link.user_id, 0);
  REQUIRE_THAT(activation, IsOk());
  link.generation = activation->generation;
  return link;
}

std::string TagWorld::Find(const tokenvault::Sealing& maker, const std::string& person) {
  const auto found =
      stores.grants.FindByIdentity(app_id(), maker.Tags(app_id(), "", person), TestDeadline());
  if (!found.ok()) return ReasonOf(found.status());
  return found->has_value() ? (*found)->link_id : "";
}

std::string TagWorld::StateOf(int tag_version) const {
  return Query("SELECT coalesce((SELECT state FROM tag_versions WHERE tag_version = " +
               std::to_string(tag_version) + "), '') AS value");
}

absl::Status TagWorld::Begin(Replica& replica, int tag_version) {
  return replica.tags.Begin(tag_version, actor, TestDeadline());
}

absl::Status TagWorld::Switch(Replica& replica, int tag_version) {
  // A replica reports what it used before it heard of a step.
  SHODAN_RETURN_IF_ERROR(replica.Refresh());
  return replica.tags.Switch(tag_version, actor, TestDeadline());
}

absl::Status TagWorld::Retire(Replica& replica, int tag_version) {
  SHODAN_RETURN_IF_ERROR(replica.Refresh());
  return replica.tags.Retire(tag_version, actor, TestDeadline());
}

void TagWorld::SwitchToSecond(Replica& replica) {
  REQUIRE_THAT(Begin(replica, 2), IsOk());
  REQUIRE_THAT(replica.Run(), IsOk());
  REQUIRE_THAT(Switch(replica, 2), IsOk());
}

}  // namespace shodan::testing
