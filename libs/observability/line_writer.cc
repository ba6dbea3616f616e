// SPDX-License-Identifier: Apache-2.0
#include "libs/observability/line_writer.h"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace shodan {
namespace {

constexpr int kPatienceMs = 20;

bool HasRoom(int fd, int timeout_ms) {
  pollfd entry{fd, POLLOUT, 0};
  // POLLERR: the reader is gone.
  return poll(&entry, 1, timeout_ms) == 1 && (entry.revents & (POLLOUT | POLLERR)) == POLLOUT;
}

}  // namespace

bool LineWriter::Write(const std::string& line) {
  const std::lock_guard lock(mutex_);
  const bool written = WriteLocked(line);
  dropping_ = !written;
  if (!written) dropped_.fetch_add(1, std::memory_order_relaxed);
  return written;
}

bool LineWriter::WriteLocked(const std::string& line) {
  // The rest of a line that was cut off must not run into this one.
  const std::string text = torn_ ? "\n" + line : line;
  size_t done = 0;
  while (done < text.size()) {
    if (!HasRoom(fd_, dropping_ ? 0 : kPatienceMs)) break;
    const ssize_t count = write(fd_, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<size_t>(count);
  }
  if (done > 0) torn_ = done < text.size();
  return done == text.size();
}

}  // namespace shodan
