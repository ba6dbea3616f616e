// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/file_ledger.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"

namespace shodan::tokenvault {
namespace {

constexpr char kLockFile[] = "lock";

absl::Status Unwritable(std::string_view what, int error) {
  return Unavailable("LEDGER_UNWRITABLE", Join("The erasure ledger cannot be written: ", what,
                                               " (errno ", std::to_string(error), ")."));
}

std::string DayOf(Time time) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text.data();
}

absl::Status SyncDirectory(const std::string& directory) {
  const Descriptor fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return Unwritable("open", errno);
  return fsync(fd.get()) == 0 ? absl::OkStatus() : Unwritable("fsync", errno);
}

absl::Status WriteAt(int fd, std::string_view text, int64_t place) {
  while (!text.empty()) {
    const ssize_t written = pwrite(fd, text.data(), text.size(), place);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Unwritable("write", errno);
    text.remove_prefix(static_cast<size_t>(written));
    place += written;
  }
  return fsync(fd) == 0 ? absl::OkStatus() : Unwritable("fsync", errno);
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileLedger>> FileLedger::Open(std::string directory, Clock clock) {
  std::unique_ptr<FileLedger> ledger(new FileLedger(std::move(directory), std::move(clock)));
  if (ledger->directory_.empty()) return ledger;
  SHODAN_RETURN_IF_ERROR(ledger->Lock());
  SHODAN_ASSIGN_OR_RETURN(ledger->state_, ScanLedger(ledger->directory_));
  SHODAN_RETURN_IF_ERROR(ledger->Recover());
  return ledger;
}

absl::StatusOr<std::unique_ptr<FileLedger>> FileLedger::OpenToRead(std::string directory) {
  std::unique_ptr<FileLedger> ledger(new FileLedger(std::move(directory), Clock()));
  ledger->read_only_ = true;
  SHODAN_ASSIGN_OR_RETURN(ledger->state_, ScanLedger(ledger->directory_));
  if (!ledger->state_.writer.empty()) return ledger;
  return NotFound("LEDGER_EMPTY", Join("There is no erasure ledger in ", ledger->directory_,
                                       ": name the ledger directories of the replicas."));
}

absl::Status FileLedger::Lock() {
  lock_ = Descriptor(
      open(Join(directory_, "/", kLockFile).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock_.get() < 0) return Unwritable("open", errno);
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return absl::OkStatus();
  return FailedPrecondition("LEDGER_IN_USE",
                            "Another process writes to the ledger directory: each replica needs "
                            "its own.");
}

absl::Status FileLedger::Recover() {
  if (state_.writer.empty()) {
    state_.writer = RandomUuid();
    // At once, so that the directory keeps its writer.
    SHODAN_RETURN_IF_ERROR(SaveBeat(0));
  }
  if (state_.files.empty() || !state_.files.back().torn) return absl::OkStatus();
  LedgerFileInfo& file = state_.files.back();
  const Descriptor fd(open(PathOf(file).c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (fd.get() < 0) return Unwritable("open", errno);
  if (ftruncate(fd.get(), file.bytes) != 0) return Unwritable("truncate", errno);
  file.torn = false;
  return fsync(fd.get()) == 0 ? absl::OkStatus() : Unwritable("fsync", errno);
}

std::string FileLedger::writer() const {
  const std::scoped_lock lock(mutex_);
  return state_.writer;
}

int64_t FileLedger::last_sequence() const {
  const std::scoped_lock lock(mutex_);
  return state_.files.empty() ? 0 : state_.files.back().last;
}

int64_t FileLedger::beat() const {
  const std::scoped_lock lock(mutex_);
  return state_.beat;
}

// Whoever finds nobody writing writes for all who wait, with one fsync.
absl::Status FileLedger::Append(const std::vector<EndedLife>& lives) {
  if (read_only_) return FailedPrecondition("LEDGER_READ_ONLY", "The ledger is open to be read.");
  if (directory_.empty() || lives.empty()) return absl::OkStatus();
  Waiter waiter{&lives, absl::OkStatus()};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&waiter);
  while (!waiter.done) {
    if (writing_) {
      written_.wait(lock);
      continue;
    }
    writing_ = true;
    const std::vector<Waiter*> batch = std::exchange(waiting_, {});
    lock.unlock();
    const absl::Status status = Write(batch);
    lock.lock();
    writing_ = false;
    for (Waiter* written : batch) {
      written->status = status;
      written->done = true;
    }
    written_.notify_all();
  }
  return waiter.status;
}

absl::Status FileLedger::Write(const std::vector<Waiter*>& batch) {
  LedgerFileInfo file;
  bool is_new = false;
  SHODAN_RETURN_IF_ERROR(PrepareFile(file, is_new));
  std::string text;
  LedgerLine line;
  const int64_t place = file.bytes;
  for (const Waiter* waiter : batch) {
    for (const EndedLife& life : *waiter->lives) {
      line.sequence = ++file.last;
      line.life = life;
      text += EncodeLedgerLine(state_.writer, line);
      file.newest = std::max(file.newest, life.erased_at);
    }
  }
  file.bytes += static_cast<int64_t>(text.size());
  absl::Status written = WriteAt(present_.get(), text, place);
  if (written.ok() && is_new) written = SyncDirectory(directory_);
  if (!written.ok()) {
    // Nothing of it counts: the next try cuts it off and begins anew.
    present_ = Descriptor();
    if (is_new) unlink(PathOf(file).c_str());
    return written;
  }
  const std::scoped_lock lock(mutex_);
  if (is_new) {
    state_.files.push_back(std::move(file));
  } else {
    state_.files.back() = std::move(file);
  }
  return absl::OkStatus();
}

// The file to append to: the present one on its day, a new one after it.
absl::Status FileLedger::PrepareFile(LedgerFileInfo& file, bool& is_new) {
  const std::string day = DayOf(clock_());
  {
    const std::scoped_lock lock(mutex_);
    int64_t last = 0;
    if (!state_.files.empty()) {
      file = state_.files.back();
      last = file.last;
      is_new = file.day != day && file.last >= file.first;
    } else {
      is_new = true;
    }
    if (is_new) {
      file = LedgerFileInfo();
      file.name = LedgerFileName(state_.writer, day, last + 1);
      file.day = day;
      file.first = last + 1;
      file.last = last;
    }
  }
  if (is_new) present_ = Descriptor();
  return OpenFile(file);
}

absl::Status FileLedger::OpenFile(const LedgerFileInfo& file) {
  struct stat found{};
  if (present_.get() < 0) {
    present_ =
        Descriptor(open(PathOf(file).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  }
  if (present_.get() < 0 || fstat(present_.get(), &found) != 0) return Unwritable("open", errno);
  if (found.st_nlink == 0) {
    present_ = Descriptor();
    return Unwritable("the file was removed", ENOENT);
  }
  // What an earlier try left that failed.
  if (found.st_size > file.bytes && ftruncate(present_.get(), file.bytes) != 0) {
    return Unwritable("truncate", errno);
  }
  if (found.st_size >= file.bytes) return absl::OkStatus();
  present_ = Descriptor();
  return Unwritable("the file was cut", EIO);
}

absl::Status FileLedger::Read(
    int64_t after, int batch,
    const std::function<absl::Status(const std::vector<LedgerLine>&)>& use) {
  std::vector<LedgerFileInfo> files;
  std::string writer;
  std::string read_name;
  LedgerPlace read_place;
  {
    const std::scoped_lock lock(mutex_);
    files = state_.files;
    writer = state_.writer;
    read_name = read_name_;
    read_place = read_place_;
  }
  for (const LedgerFileInfo& file : files) {
    if (file.last <= after || file.last < file.first) continue;
    LedgerPlace from{0, file.first};
    if (file.name == read_name && read_place.sequence <= after + 1) from = read_place;
    SHODAN_ASSIGN_OR_RETURN(const LedgerPlace end,
                            ReadLedgerFile(PathOf(file), writer, from, file.bytes, batch,
                                           [&](const std::vector<LedgerLine>& lines) {
                                             if (lines.front().sequence > after) return use(lines);
                                             std::vector<LedgerLine> wanted;
                                             for (const LedgerLine& line : lines) {
                                               if (line.sequence > after) wanted.push_back(line);
                                             }
                                             return wanted.empty() ? absl::OkStatus() : use(wanted);
                                           }));
    const std::scoped_lock lock(mutex_);
    read_name_ = file.name;
    read_place_ = end;
  }
  return absl::OkStatus();
}

absl::Status FileLedger::SaveBeat(int64_t beat) {
  if (directory_.empty()) return absl::OkStatus();
  const std::string text = EncodeBeat(writer(), beat);
  const std::string path = Join(directory_, "/", kBeatFile);
  const std::string unfinished = path + ".tmp";
  {
    const Descriptor fd(
        open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd.get() < 0) return Unwritable("open", errno);
    SHODAN_RETURN_IF_ERROR(WriteAt(fd.get(), text, 0));
  }
  if (rename(unfinished.c_str(), path.c_str()) != 0) return Unwritable("rename", errno);
  SHODAN_RETURN_IF_ERROR(SyncDirectory(directory_));
  const std::scoped_lock lock(mutex_);
  state_.beat = beat;
  return absl::OkStatus();
}

absl::Status FileLedger::Drop(std::chrono::milliseconds age) {
  if (directory_.empty()) return absl::OkStatus();
  const Time before = clock_() - age;
  while (true) {
    std::string path;
    {
      const std::scoped_lock lock(mutex_);
      if (state_.files.size() < 2 || state_.files.front().newest >= before) return absl::OkStatus();
      path = PathOf(state_.files.front());
    }
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return Unwritable("unlink", errno);
    SHODAN_RETURN_IF_ERROR(SyncDirectory(directory_));
    const std::scoped_lock lock(mutex_);
    state_.files.erase(state_.files.begin());
  }
}

}  // namespace shodan::tokenvault
