// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/key_ring_file.h"

#include <fstream>
#include <utility>

#include <sys/stat.h>

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan {
namespace {

constexpr int64_t kFileSizeMax = 1 << 20;
constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

KeyRingFile::KeyRingFile(std::string path, KeyUnwrapper unwrap)
    : path_(std::move(path)), unwrap_(std::move(unwrap)) {}

std::optional<KeyRingFile::Version> KeyRingFile::Look() const {
  struct stat file = {};
  if (stat(path_.c_str(), &file) != 0) return std::nullopt;
  return Version{file.st_dev, file.st_ino, file.st_size,
                 file.st_mtim.tv_sec * kNanosecondsPerSecond + file.st_mtim.tv_nsec};
}

absl::StatusOr<KeyRing> KeyRingFile::Read() {
  read_.reset();
  // Looked at before it is read: what changes meanwhile is read again.
  const std::optional<Version> version = Look();
  std::ifstream file(path_, std::ios::binary);
  if (!version.has_value() || version->size > kFileSizeMax || !file) {
    return NotFound("KEY_RING_UNREADABLE",
                    Join("The key ring file ", path_, " cannot be read, or is over 1 MiB."));
  }
  std::string text(static_cast<size_t>(version->size), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  const Secret content = Secret::Take(std::move(text));
  SHODAN_ASSIGN_OR_RETURN(KeyRing ring, KeyRing::Parse(content, unwrap_));
  read_ = version;
  return ring;
}

absl::StatusOr<std::optional<KeyRing>> KeyRingFile::Poll() {
  if (read_.has_value() && Look() == read_) return std::optional<KeyRing>();
  SHODAN_ASSIGN_OR_RETURN(KeyRing ring, Read());
  return std::optional<KeyRing>(std::move(ring));
}

}  // namespace shodan
