// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/static_files.h"

#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/services/gateway/run_coroutine.h"

namespace shodan::gateway {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::TemporaryDirectory;

struct Fixture {
  TemporaryDirectory directory;

  Fixture() {
    std::filesystem::create_directories(directory.path() / "app/assets");
    std::filesystem::create_directories(directory.path() / "components");
    directory.Write("app/index.html", "<!doctype html>");
    directory.Write("app/assets/app.mjs", "export {};");
    directory.Write("app/assets/secret.key", "key");
    directory.Write("components/a.mjs", "component");
  }
  StaticFiles Load() const { return *StaticFiles::Load(directory.path().string()); }
};

RequestContext Get(const std::string& path, const std::string& etag = "") {
  RequestContext context;
  context.parameters["path"] = path;
  if (!etag.empty()) context.request.head.fields.Add("If-None-Match", etag);
  return context;
}

TEST_CASE("Files are served from memory with type, ETag and revalidation") {
  const Fixture f;
  const StaticFiles files = f.Load();
  const auto response = RunCoroutine(files.Application(Get("assets/app.mjs")));

  REQUIRE_THAT(response, IsOk());
  CHECK(response->payload() == "export {};");
  CHECK(response->fields.Get("Content-Type") == "text/javascript; charset=utf-8");
  CHECK(response->fields.Get("Cache-Control") == "public, max-age=0, must-revalidate");
  const std::string etag(response->fields.Get("ETag"));
  CHECK(etag.size() == 24);
  const auto again = RunCoroutine(files.Application(Get("assets/app.mjs", etag)));
  CHECK(again->status == 304);
  CHECK(again->payload().empty());
}

TEST_CASE("Views of the application get its page, missing assets do not") {
  const Fixture f;
  const StaticFiles files = f.Load();
  for (const char* view : {"", "companies/acme", "settings/integrations"}) {
    CHECK(RunCoroutine(files.Application(Get(view)))->payload() == "<!doctype html>");
  }
  CHECK_THAT(RunCoroutine(files.Application(Get("assets/none.mjs"))),
             IsError(absl::StatusCode::kNotFound, "NOT_FOUND"));
}

TEST_CASE("Nothing but known kinds of file is served, and no path leads out") {
  const Fixture f;
  std::filesystem::create_symlink("/etc/passwd", f.directory.path() / "components/link.mjs");
  const StaticFiles files = f.Load();
  CHECK_FALSE(files.Has("app/assets/secret.key"));
  CHECK_FALSE(files.Has("components/link.mjs"));
  for (const char* path : {"../app/index.html", "/etc/passwd", "a.mjs/", "link.mjs", "A.mjs", ""}) {
    CHECK_THAT(RunCoroutine(files.Component(Get(path))),
               IsError(absl::StatusCode::kNotFound, "NOT_FOUND"));
  }
}

TEST_CASE("Components may be embedded by pages of other origins") {
  const Fixture f;
  const auto response = RunCoroutine(f.Load().Component(Get("a.mjs")));
  REQUIRE_THAT(response, IsOk());
  CHECK(response->fields.Get("Access-Control-Allow-Origin") == "*");
  CHECK(response->fields.Get("Cross-Origin-Resource-Policy") == "cross-origin");
}

TEST_CASE("A directory without the application's page is refused at the start") {
  const TemporaryDirectory empty;
  CHECK_THAT(StaticFiles::Load(empty.path().string()),
             IsError(absl::StatusCode::kInvalidArgument, "STATIC_DIRECTORY_INVALID"));
  CHECK_THAT(StaticFiles::Load("/nonexistent"),
             IsError(absl::StatusCode::kInvalidArgument, "STATIC_DIRECTORY_INVALID"));
}

TEST_CASE("The real front end loads") {
  CHECK_THAT(StaticFiles::Load(SHODAN_SOURCE_DIR "/services/gateway/static"), IsOk());
}

}  // namespace
}  // namespace shodan::gateway
