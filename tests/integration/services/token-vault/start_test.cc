// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::tokenvault {
namespace {

using testing::AtOnce;
using testing::IsError;
using testing::IsOk;
using testing::kKeepPrevious;
using testing::TestDeadline;
using testing::VaultWorld;

std::vector<ZoomApp> Apps(std::initializer_list<std::pair<const char*, const char*>> list) {
  std::vector<ZoomApp> apps;
  for (const auto& [project_id, client_id] : list) {
    ZoomApp app;
    app.project_id = project_id;
    app.client_id = client_id;
    app.client_secret = Secret(std::string("secret of ") + client_id);
    apps.push_back(std::move(app));
  }
  return apps;
}

TEST_CASE_METHOD(VaultWorld, "Replicas that start at once register an app under one id") {
  std::vector<absl::Status> statuses(8, absl::UnknownError("not called"));
  std::vector<std::string> ids(8);

  AtOnce(8, [&](int i) {
    PostgresZoomApps replica(*pool, sealing);
    statuses[static_cast<size_t>(i)] =
        replica.Apply(Apps({{"new", "new-client"}}), kKeepPrevious, TestDeadline());
    if (const ZoomAppPtr app = replica.ForProject("new"); app != nullptr) {
      ids[static_cast<size_t>(i)] = app->zoom_app_id;
    }
  });

  for (const absl::Status& status : statuses) CHECK_THAT(status, IsOk());
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 1);
  CHECK(Count("zoom_apps WHERE project_id = 'new'") == 1);
}

TEST_CASE_METHOD(VaultWorld, "A changed client id is a new app; the old one stays for its grants") {
  PostgresZoomApps registry(*pool, sealing);
  REQUIRE_THAT(registry.Apply(Apps({{"demo", "next"}}), kKeepPrevious, TestDeadline()), IsOk());
  const std::string old_id = app_id();

  const ZoomAppPtr present = registry.ForProject("demo");
  const ZoomAppPtr old = registry.ById(old_id);
  REQUIRE(present != nullptr);
  REQUIRE(old != nullptr);
  CHECK(present->client_id == "next");
  CHECK(present->client_secret == Secret("secret of next"));
  CHECK(old->client_id == "client");
  CHECK(old->client_secret == Secret("client secret"));
  CHECK(Count("zoom_apps WHERE is_current") == 1);

  REQUIRE_THAT(registry.Apply(Apps({{"demo", "client"}}), kKeepPrevious, TestDeadline()), IsOk());
  CHECK(registry.ForProject("demo")->zoom_app_id == old_id);
  CHECK(registry.ForProject("demo")->client_secret == Secret("secret of client"));
}

TEST_CASE_METHOD(VaultWorld, "A client id belongs to one project") {
  PostgresZoomApps registry(*pool, sealing);

  CHECK_THAT(
      registry.Apply(Apps({{"fine", "other"}, {"thief", "client"}}), kKeepPrevious, TestDeadline()),
      IsError(absl::StatusCode::kFailedPrecondition, "CLIENT_ID_TAKEN"));
  CHECK(Count("zoom_apps") == 1);
  CHECK(registry.ForProject("unknown") == nullptr);
  CHECK(registry.ById(RandomUuid()) == nullptr);
}

TEST_CASE_METHOD(VaultWorld, "Client secrets are sealed in the database") {
  const auto row = pool->Execute("SELECT client_secret, settings::text AS settings FROM zoom_apps",
                                 {}, TestDeadline());
  REQUIRE_THAT(row, IsOk());
  CHECK((*row)[0].Bytes("client_secret").find("client secret") == std::string::npos);
  CHECK((*row)[0].Text("settings").find("client secret") == std::string::npos);
}

}  // namespace
}  // namespace shodan::tokenvault
