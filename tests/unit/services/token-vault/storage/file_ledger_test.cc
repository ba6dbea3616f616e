// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/file_ledger.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/stat.h>

#include "libs/base/status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/services/token-vault/support/fake_ledger.h"

namespace shodan::tokenvault {
namespace {

namespace fs = std::filesystem;
using testing::IsError;
using testing::IsOk;
using testing::SomeEndedLife;
using testing::TemporaryDirectory;

constexpr auto kDay = std::chrono::hours(24);

struct World {
  TemporaryDirectory directory;
  Time now = SomeEndedLife().erased_at;
  std::unique_ptr<FileLedger> ledger;

  World() { REQUIRE_THAT(Open(), IsOk()); }

  absl::Status Open() {
    ledger.reset();
    auto opened = FileLedger::Open(directory.path().string(), [this] { return now; });
    if (opened.ok()) ledger = *std::move(opened);
    return opened.status();
  }
  EndedLife Append(const std::string& user_id = "user") {
    EndedLife life = SomeEndedLife(user_id);
    life.erased_at = now;
    REQUIRE_THAT(ledger->Append({life}), IsOk());
    return life;
  }
  std::vector<std::string> ReadUsers(int64_t after = 0) const {
    std::vector<std::string> users;
    REQUIRE_THAT(ledger->Read(after, 2,
                              [&](const std::vector<LedgerLine>& lines) {
                                for (const LedgerLine& line : lines) {
                                  users.push_back(line.life.user_id);
                                }
                                return absl::OkStatus();
                              }),
                 IsOk());
    return users;
  }
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory.path())) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".ledger")) names.push_back(entry.path().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  static std::string Content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  static void Replace(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  }
};

using Users = std::vector<std::string>;

TEST_CASE_METHOD(World, "Lines outlive the process, with their writer and its beat") {
  const std::string writer = ledger->writer();
  Append("a");
  Append("b");
  REQUIRE_THAT(ledger->SaveBeat(41), IsOk());

  REQUIRE_THAT(Open(), IsOk());

  CHECK(ledger->writer() == writer);
  CHECK(ledger->last_sequence() == 2);
  CHECK(ledger->beat() == 41);
  CHECK(ReadUsers() == Users{"a", "b"});
}

TEST_CASE_METHOD(World, "Lines are read after any sequence, while more are written") {
  for (const char* user : {"a", "b", "c", "d", "e"}) Append(user);
  CHECK(ReadUsers() == Users{"a", "b", "c", "d", "e"});
  CHECK(ReadUsers(3) == Users{"d", "e"});
  CHECK(ReadUsers(5).empty());
  Append("f");
  CHECK(ReadUsers(5) == Users{"f"});
  CHECK(ReadUsers(0).size() == 6);
}

TEST_CASE_METHOD(World, "Nobody else may read a ledger file") {
  Append();
  struct stat status{};
  REQUIRE(stat(Files().at(0).c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
}

TEST_CASE_METHOD(World, "One process at a time writes to a directory; others may read it") {
  Append("a");
  CHECK_THAT(FileLedger::Open(directory.path().string()),
             IsError(absl::StatusCode::kFailedPrecondition, "LEDGER_IN_USE"));
  const auto reader = FileLedger::OpenToRead(directory.path().string());
  REQUIRE_THAT(reader, IsOk());
  CHECK((*reader)->last_sequence() == 1);
  CHECK_THAT((*reader)->Append({SomeEndedLife()}),
             IsError(absl::StatusCode::kFailedPrecondition, "LEDGER_READ_ONLY"));
  TemporaryDirectory empty;
  CHECK_THAT(FileLedger::OpenToRead(empty.path().string()),
             IsError(absl::StatusCode::kNotFound, "LEDGER_EMPTY"));
}

TEST_CASE_METHOD(World, "A torn last line is cut off, wherever the crash cut it") {
  Append("a");
  const std::string whole = Content(Files().at(0));
  Append("b");
  const std::string both = Content(Files().at(0));
  for (const size_t size : {whole.size() + 1, whole.size() + 20, both.size() - 1}) {
    ledger.reset();
    Replace(Files().at(0), both.substr(0, size));
    REQUIRE_THAT(Open(), IsOk());
    CHECK(ReadUsers() == Users{"a"});
    CHECK(Content(Files().at(0)) == whole);
  }
  Append("c");
  CHECK(ReadUsers() == Users{"a", "c"});
}

TEST_CASE_METHOD(World, "A changed, missing or foreign line is corrupt and names its file") {
  for (const char* user : {"a", "b", "c"}) Append(user);
  const std::string path = Files().at(0);
  const std::string good = Content(path);
  const size_t first_end = good.find('\n') + 1;
  std::string changed = good;
  changed[first_end + 30] ^= 1;
  for (const std::string& bad : {changed, good.substr(first_end), good + "junk\n", good + good}) {
    ledger.reset();
    Replace(path, bad);
    const absl::Status status = Open();
    CHECK_THAT(status, IsError(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT"));
    CHECK(std::string(status.message()).find(fs::path(path).filename().string()) !=
          std::string::npos);
  }
  Replace(path, good);
  REQUIRE_THAT(Open(), IsOk());
  directory.Write("beat", "nonsense");
  CHECK_THAT(Open(), IsError(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT"));
}

TEST_CASE_METHOD(World, "Each day has its file; old ones go when every life in them is older") {
  Append("a");
  now += kDay;
  Append("b");
  now += kDay;
  Append("c");
  REQUIRE(Files().size() == 3);
  CHECK(ReadUsers() == Users{"a", "b", "c"});

  REQUIRE_THAT(ledger->Drop(kDay), IsOk());
  CHECK(ReadUsers() == Users{"b", "c"});
  now += 2 * kDay;
  REQUIRE_THAT(ledger->Drop(kDay), IsOk());
  CHECK(ReadUsers() == Users{"c"});
  CHECK(Files().size() == 1);

  REQUIRE_THAT(Open(), IsOk());
  CHECK(ledger->last_sequence() == 3);
  Append("d");
  CHECK(ReadUsers(3) == Users{"d"});
}

TEST_CASE_METHOD(World, "A file that is gone between two others is corrupt") {
  Append("a");
  now += kDay;
  Append("b");
  now += kDay;
  Append("c");
  fs::remove(Files().at(1));
  CHECK_THAT(Open(), IsError(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT"));
}

TEST_CASE_METHOD(World, "Many erasures at one moment share few writes, and each has its line") {
  constexpr int kThreads = 16;
  constexpr int kEach = 20;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < kEach; ++j) {
        const EndedLife life = SomeEndedLife(std::to_string(i) + "-" + std::to_string(j));
        if (!ledger->Append({life}).ok()) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  CHECK(failed == 0);
  REQUIRE_THAT(Open(), IsOk());
  Users users = ReadUsers();
  CHECK(users.size() == kThreads * kEach);
  std::sort(users.begin(), users.end());
  CHECK(std::unique(users.begin(), users.end()) == users.end());
}

TEST_CASE_METHOD(World, "A full disk takes nothing by half, and the next try goes on") {
  Append("a");
  const std::string before = Content(Files().at(0));
  rlimit old{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit full{before.size() + 100, old.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &full) == 0);
  const absl::Status first = ledger->Append({SomeEndedLife("b")});
  const absl::Status second = ledger->Append({SomeEndedLife("b")});
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);

  CHECK_THAT(first, IsError(absl::StatusCode::kUnavailable, "LEDGER_UNWRITABLE"));
  CHECK_THAT(second, IsError(absl::StatusCode::kUnavailable, "LEDGER_UNWRITABLE"));
  CHECK(ledger->last_sequence() == 1);
  CHECK(ReadUsers() == Users{"a"});
  Append("c");
  REQUIRE_THAT(Open(), IsOk());
  CHECK(ReadUsers() == Users{"a", "c"});
}

TEST_CASE_METHOD(World, "A file that was removed under the process counts as unwritable") {
  Append("a");
  fs::remove(Files().at(0));
  CHECK_THAT(ledger->Append({SomeEndedLife("b")}),
             IsError(absl::StatusCode::kUnavailable, "LEDGER_UNWRITABLE"));
}

TEST_CASE("Without a directory nothing is kept and nothing fails") {
  const auto opened = FileLedger::Open("");
  REQUIRE_THAT(opened, IsOk());
  CHECK((*opened)->writer().empty());
  CHECK_THAT((*opened)->Append({SomeEndedLife()}), IsOk());
  CHECK((*opened)->last_sequence() == 0);
  CHECK_THAT(FileLedger::Open("/nonexistent/ledger"),
             IsError(absl::StatusCode::kUnavailable, "LEDGER_UNWRITABLE"));
}

}  // namespace
}  // namespace shodan::tokenvault
