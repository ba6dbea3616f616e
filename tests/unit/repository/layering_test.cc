// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/repository/source_files.h"

namespace {

using shodan::testing::SourceFile;
using shodan::testing::SourceFiles;

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// libphonenumber is the numbering library of call-link; its own messages are its interface.
bool IsMessageHeader(const std::string& include) {
  return include.ends_with(".pb.h") && !include.starts_with("phonenumbers/");
}

bool InFolder(const SourceFile& file, const std::string& folder) {
  return Contains(file.path, "/" + folder + "/");
}

std::string ServiceOf(const std::string& path) {
  const size_t start = std::string("services/").size();
  return path.substr(start, path.find('/', start) - start);
}

}  // namespace

TEST_CASE("domain code knows no protobuf, SQL, socket or clock", "[layering]") {
  const std::vector<std::string> edges = {"libpq",      "postgres/",   "hiredis", "redis/",
                                          "boost/asio", "boost/beast", "grpcpp/", "libs/rpc/",
                                          "curl/",      "sys/socket",  "netinet/"};
  int files = 0;
  for (const SourceFile& file : SourceFiles("services")) {
    if (!InFolder(file, "domain")) continue;
    ++files;
    for (const std::string& include : file.includes) {
      INFO(file.path << " includes " << include);
      CHECK_FALSE(IsMessageHeader(include));
      for (const std::string& edge : edges) CHECK_FALSE(Contains(include, edge));
    }
    INFO(file.path);
    CHECK_FALSE(Contains(file.text, "system_clock::now"));
    CHECK_FALSE(Contains(file.text, "getenv"));
  }
  CHECK(files > 20);
}

TEST_CASE("messages stay in grpc and backends, SQL in storage", "[layering]") {
  for (const SourceFile& file : SourceFiles("services")) {
    const bool message_folder = InFolder(file, "grpc") || InFolder(file, "backends") ||
                                file.path == "services/policy_check.cc";
    const bool storage_folder = InFolder(file, "storage");
    for (const std::string& include : file.includes) {
      INFO(file.path << " includes " << include);
      CHECK((message_folder || !IsMessageHeader(include)));
      const bool main = file.path.ends_with("/main.cc");
      const bool sql = include == "libs/postgres/pool.h" || include == "libs/postgres/value.h";
      CHECK((storage_folder || main || !sql));
    }
  }
}

TEST_CASE("no service includes another", "[layering]") {
  for (const SourceFile& file : SourceFiles("services")) {
    for (const std::string& include : file.includes) {
      if (!include.starts_with("services/")) continue;
      INFO(file.path << " includes " << include);
      CHECK(ServiceOf(include) == ServiceOf(file.path));
    }
  }
}

TEST_CASE("no library includes a service", "[layering]") {
  for (const SourceFile& file : SourceFiles("libs")) {
    for (const std::string& include : file.includes) {
      INFO(file.path << " includes " << include);
      CHECK_FALSE(include.starts_with("services/"));
      CHECK_FALSE(include.starts_with("tests/"));
    }
  }
}

TEST_CASE("the umbrella headers of Asio and Beast are never included", "[layering]") {
  for (const char* folder : {"libs", "services"}) {
    for (const SourceFile& file : SourceFiles(folder)) {
      for (const std::string& include : file.includes) {
        INFO(file.path);
        CHECK(include != "boost/asio.hpp");
        CHECK(include != "boost/beast.hpp");
      }
    }
  }
}

TEST_CASE("one translation unit instantiates Beast I/O", "[layering]") {
  const std::vector<std::string> calls = {"http::async_read", "http::async_write", "http::read(",
                                          "http::write("};
  std::set<std::string> files;
  for (const char* folder : {"libs", "services"}) {
    for (const SourceFile& file : SourceFiles(folder)) {
      const bool uses = std::any_of(calls.begin(), calls.end(), [&](const std::string& call) {
        return Contains(file.text, call);
      });
      if (uses) files.insert(file.path);
    }
  }
  CHECK(files == std::set<std::string>{"services/gateway/http/connection.cc"});
}

TEST_CASE("every gRPC service has the same parts", "[layering]") {
  const auto files = SourceFiles("services");
  for (const std::string service :
       {"token-vault", "call-link", "account-link", "zoom-api", "automation"}) {
    for (const std::string part : {"main.cc", "config.cc", "grpc/", "domain/", "storage/"}) {
      if (service == "call-link" && part == "storage/") continue;
      const std::string prefix = "services/" + service + "/" + part;
      INFO(prefix);
      CHECK(std::any_of(files.begin(), files.end(),
                        [&](const SourceFile& file) { return file.path.starts_with(prefix); }));
    }
  }
}
