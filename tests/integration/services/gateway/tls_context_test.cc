// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http/tls_context.h"

#include <chrono>
#include <filesystem>

#include <catch2/catch.hpp>

#include "libs/config/config_reader.h"
#include "tests/integration/libs/service/test_authority.h"
#include "tests/support/status_matchers.h"

namespace shodan::gateway {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::TestAuthority;

// The files of a server, replaced as a rotation would.
struct ServerFiles {
  TestAuthority authority;
  testing::TemporaryDirectory directory;
  std::string certificate = (directory.path() / "tls.crt").string();
  std::string key = (directory.path() / "tls.key").string();
  int writes = 0;

  ServerFiles() { Rotate(); }

  void Rotate() {
    const rpc::TlsFiles files = authority.Issue("gateway");
    Write(*ReadFile(files.certificate_file), *ReadFile(files.private_key_file));
  }
  // Each write gets a later time of modification, however fast it follows.
  void Write(const std::string& certificate_text, const std::string& key_text) {
    directory.Write("tls.crt", certificate_text);
    directory.Write("tls.key", key_text);
    const auto time =
        std::filesystem::file_time_type::clock::now() + std::chrono::seconds(++writes);
    for (const std::string& file : {certificate, key}) std::filesystem::last_write_time(file, time);
  }
};

TEST_CASE("A replaced certificate is used for new connections without a restart") {
  ServerFiles files;
  auto tls = TlsContext::Load(files.certificate, files.key);
  REQUIRE_THAT(tls, IsOk());
  const auto before = (*tls)->Current();
  CHECK_THAT((*tls)->ReloadIfChanged(), IsOk());
  CHECK((*tls)->Current() == before);

  files.Rotate();
  CHECK_THAT((*tls)->ReloadIfChanged(), IsOk());
  CHECK((*tls)->Current() != before);
}

TEST_CASE("A rotation that is half done leaves the present certificate in use") {
  ServerFiles files;
  auto tls = TlsContext::Load(files.certificate, files.key);
  REQUIRE_THAT(tls, IsOk());
  const auto before = (*tls)->Current();

  files.Write("broken", "broken");
  CHECK_THAT((*tls)->ReloadIfChanged(),
             IsError(absl::StatusCode::kInvalidArgument, "CERTIFICATE_INVALID"));
  CHECK((*tls)->Current() == before);
  files.Rotate();
  CHECK_THAT((*tls)->ReloadIfChanged(), IsOk());
  CHECK((*tls)->Current() != before);
}

TEST_CASE("A certificate and the key of another are refused at the start") {
  const TestAuthority authority;
  const testing::TemporaryDirectory directory;
  const std::string certificate =
      directory.Write("a.crt", *ReadFile(authority.Issue("gateway").certificate_file));
  const std::string other_key =
      directory.Write("b.key", *ReadFile(authority.Issue("call-link").private_key_file));
  CHECK_THAT(TlsContext::Load(certificate, other_key),
             IsError(absl::StatusCode::kInvalidArgument, "CERTIFICATE_INVALID"));
  CHECK_THAT(TlsContext::Load("/nonexistent", "/nonexistent"),
             IsError(absl::StatusCode::kInvalidArgument, "CERTIFICATE_INVALID"));
}

}  // namespace
}  // namespace shodan::gateway
