// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/file_spool.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"
#include "services/token-vault/storage/descriptor.h"

namespace shodan::tokenvault {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFileBytesMax = 256 << 10;
constexpr size_t kFilesMax = 10'000;
constexpr std::string_view kUnfinished = ".tmp";

absl::Status Failed(std::string_view what, int error) {
  return MakeError(
      absl::StatusCode::kUnavailable, "SPOOL_UNWRITABLE",
      Join("The spool cannot be used: ", what, " (errno ", std::to_string(error), ")."));
}

absl::Status WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write", errno);
    content.remove_prefix(static_cast<size_t>(written));
  }
  return fsync(fd) == 0 ? absl::OkStatus() : Failed("fsync", errno);
}

absl::Status SyncDirectory(const std::string& directory) {
  const Descriptor fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return Failed("open", errno);
  return fsync(fd.get()) == 0 ? absl::OkStatus() : Failed("fsync", errno);
}

}  // namespace

absl::Status FileSpool::Check() {
  const std::string name = "check-" + RandomUuid();
  SHODAN_RETURN_IF_ERROR(Write(name, "writable"));
  return Remove(name);
}

absl::Status FileSpool::Write(const std::string& name, const std::string& content) {
  if (directory_.empty()) return Failed("no directory is configured", 0);
  const std::string path = directory_ + "/" + name;
  const std::string unfinished = path + "." + RandomUuid() + std::string(kUnfinished);
  const Descriptor fd(
      open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd.get() < 0) return Failed("open", errno);
  absl::Status written = WriteAll(fd.get(), content);
  if (written.ok() && rename(unfinished.c_str(), path.c_str()) != 0) {
    written = Failed("rename", errno);
  }
  if (!written.ok()) {
    unlink(unfinished.c_str());
    return written;
  }
  return SyncDirectory(directory_);
}

absl::StatusOr<std::vector<std::string>> FileSpool::List() {
  std::vector<std::string> names;
  if (directory_.empty()) return names;
  std::error_code error;
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    // A volume's root may hold directories of the file system's own.
    if (entry->is_directory(error)) continue;
    const std::string name = entry->path().filename().string();
    if (!name.ends_with(kUnfinished) && names.size() < kFilesMax) names.push_back(name);
  }
  if (error) return Failed("list", error.value());
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::string> FileSpool::Read(const std::string& name) {
  const Descriptor fd(open((directory_ + "/" + name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (fd.get() < 0) return NotFound("SPOOL_FILE_GONE", "A spool file is gone.");
  std::string content(kFileBytesMax + 1, '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(fd.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", errno);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > kFileBytesMax) {
    return MakeError(absl::StatusCode::kDataLoss, "SPOOL_FILE_CORRUPT",
                     "A spool file is larger than one can be.");
  }
  content.resize(size);
  return content;
}

absl::Status FileSpool::Remove(const std::string& name) {
  if (unlink((directory_ + "/" + name).c_str()) != 0 && errno != ENOENT) {
    return Failed("unlink", errno);
  }
  return SyncDirectory(directory_);
}

}  // namespace shodan::tokenvault
