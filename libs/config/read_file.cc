// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/config/config_reader.h"

namespace shodan {
namespace {

constexpr size_t kMaxFileSize = size_t{1} << 20U;

absl::Status Unreadable(const std::string& path, std::string_view why) {
  return NotFound("FILE_UNREADABLE", Join("The file ", path, " cannot be read: ", why, "."));
}

absl::Status Unreadable(const std::string& path, int error) {
  return Unreadable(path, std::generic_category().message(error));
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Unreadable(path, errno);
  const absl::Cleanup close_file = [file] { close(file); };

  // One buffer of the full size, never reallocated: a secret leaves no copies behind.
  std::string content(kMaxFileSize + 1, '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t count = read(file, content.data() + size, content.size() - size);
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Unreadable(path, errno);
    size += static_cast<size_t>(count);
  }
  if (size > kMaxFileSize) return Unreadable(path, "it is larger than 1 MiB");
  content.resize(size);
  return content;
}

}  // namespace shodan
