// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/ledger_scan.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/config/config_reader.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "services/token-vault/storage/descriptor.h"

namespace shodan::tokenvault {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".ledger";
constexpr size_t kUuidBytes = 36;
constexpr size_t kDayBytes = 8;
constexpr size_t kFirstDigits = 15;
constexpr size_t kChunkBytes = 1 << 20;
constexpr size_t kBeatChecksumBytes = 8;

absl::Status Unreadable(const std::string& name, int error) {
  return Unavailable(
      "LEDGER_UNREADABLE",
      Join("The erasure ledger's ", name, " cannot be read (errno ", std::to_string(error), ")."));
}

absl::Status Corrupt(const std::string& name) {
  return MakeError(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT",
                   Join("The erasure ledger's file ", name,
                        " cannot be read: put back a good copy of the directory, or move it away "
                        "and file everything again (see the runbook for restores)."));
}

std::optional<int64_t> ReadNumber(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

struct Named {
  std::string writer;
  LedgerFileInfo file;
};

std::optional<Named> FileNamed(const std::string& name) {
  constexpr size_t kSize = kUuidBytes + 1 + kDayBytes + 1 + kFirstDigits + kSuffix.size();
  if (name.size() != kSize || !name.ends_with(kSuffix) || name[kUuidBytes] != '.' ||
      name[kUuidBytes + 1 + kDayBytes] != '.') {
    return std::nullopt;
  }
  Named named;
  named.writer = name.substr(0, kUuidBytes);
  named.file.name = name;
  named.file.day = name.substr(kUuidBytes + 1, kDayBytes);
  const auto first =
      ReadNumber(std::string_view(name).substr(kUuidBytes + kDayBytes + 2, kFirstDigits));
  if (!IsUuid(named.writer) || !first.has_value() || *first < 1) return std::nullopt;
  named.file.first = *first;
  named.file.last = *first - 1;
  return named;
}

absl::Status ListFiles(const std::string& directory, LedgerDirectory& found) {
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.ends_with(kSuffix)) continue;
    std::optional<Named> named = FileNamed(name);
    if (!named.has_value()) return Corrupt(name);
    if (found.writer.empty()) found.writer = named->writer;
    // Files of two replicas in one directory are nobody's ledger.
    if (found.writer != named->writer) return Corrupt(name);
    found.files.push_back(std::move(named->file));
  }
  if (error) return Unreadable("directory", error.value());
  std::sort(found.files.begin(), found.files.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return absl::OkStatus();
}

absl::Status ReadBeat(const std::string& directory, LedgerDirectory& found) {
  const std::string path = Join(directory, "/", kBeatFile);
  if (!fs::exists(path)) return absl::OkStatus();
  SHODAN_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const size_t space = text.find(' ');
  if (space != std::string::npos) {
    const std::string writer = text.substr(0, space);
    const auto beat =
        ReadNumber(std::string_view(text).substr(space + 1, text.find(' ', space + 1) - space - 1));
    if (beat.has_value() && text == EncodeBeat(writer, *beat) &&
        (found.writer.empty() || writer == found.writer)) {
      found.writer = writer;
      found.beat = *beat;
      return absl::OkStatus();
    }
  }
  return Corrupt(kBeatFile);
}

absl::Status ScanFile(const std::string& directory, const std::string& writer,
                      LedgerFileInfo& file) {
  const std::string path = Join(directory, "/", file.name);
  std::error_code error;
  const auto size = static_cast<int64_t>(fs::file_size(path, error));
  if (error) return Unreadable(file.name, error.value());
  constexpr int kBatch = 1'000;
  SHODAN_ASSIGN_OR_RETURN(const LedgerPlace end,
                          ReadLedgerFile(path, writer, {0, file.first}, size, kBatch,
                                         [&](const std::vector<LedgerLine>& lines) {
                                           for (const LedgerLine& line : lines) {
                                             file.newest =
                                                 std::max(file.newest, line.life.erased_at);
                                           }
                                           return absl::OkStatus();
                                         }));
  file.last = end.sequence - 1;
  file.bytes = end.bytes;
  file.torn = file.bytes < size;
  return absl::OkStatus();
}

}  // namespace

std::string LedgerFileName(const std::string& writer, const std::string& day, int64_t first) {
  std::string digits = std::to_string(first);
  digits.insert(0, kFirstDigits - std::min(kFirstDigits, digits.size()), '0');
  return Join(writer, ".", day, ".", digits, kSuffix);
}

std::string EncodeBeat(const std::string& writer, int64_t beat) {
  const std::string text = Join(writer, " ", std::to_string(beat));
  return Join(text, " ", HexEncode(Sha256(text).substr(0, kBeatChecksumBytes)), "\n");
}

absl::StatusOr<LedgerDirectory> ScanLedger(const std::string& directory) {
  LedgerDirectory found;
  SHODAN_RETURN_IF_ERROR(ListFiles(directory, found));
  SHODAN_RETURN_IF_ERROR(ReadBeat(directory, found));
  for (size_t i = 0; i < found.files.size(); ++i) {
    LedgerFileInfo& file = found.files[i];
    SHODAN_RETURN_IF_ERROR(ScanFile(directory, found.writer, file));
    const bool is_last = i + 1 == found.files.size();
    const bool follows = i == 0 || found.files[i - 1].last + 1 == file.first;
    if (!follows || (file.torn && !is_last)) return Corrupt(file.name);
  }
  return found;
}

absl::StatusOr<LedgerPlace> ReadLedgerFile(
    const std::string& path, const std::string& writer, LedgerPlace from, int64_t end, int batch,
    const std::function<absl::Status(const std::vector<LedgerLine>&)>& use) {
  const std::string name = fs::path(path).filename().string();
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (fd.get() < 0) return Unreadable(name, errno);
  std::string text;  // read and not used up
  std::vector<LedgerLine> lines;
  int64_t read_to = from.bytes;
  int64_t sequence = from.sequence;
  while (true) {
    size_t used = 0;
    for (size_t at; (at = text.find('\n', used)) != std::string::npos; used = at + 1) {
      absl::StatusOr<LedgerLine> line =
          DecodeLedgerLine(writer, std::string_view(text).substr(used, at - used));
      if (!line.ok() || line->sequence != sequence) return Corrupt(name);
      ++sequence;
      lines.push_back(*std::move(line));
      if (static_cast<int>(lines.size()) < batch) continue;
      SHODAN_RETURN_IF_ERROR(use(lines));
      lines.clear();
    }
    text.erase(0, used);
    if (text.size() > kLedgerLineBytesMax) return Corrupt(name);
    const auto wanted =
        static_cast<size_t>(std::min<int64_t>(static_cast<int64_t>(kChunkBytes), end - read_to));
    if (wanted == 0) break;
    const size_t kept = text.size();
    text.resize(kept + wanted);
    const ssize_t got = pread(fd.get(), text.data() + kept, wanted, read_to);
    text.resize(kept + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unreadable(name, errno);
    if (got == 0) break;
    read_to += got;
  }
  if (!lines.empty()) SHODAN_RETURN_IF_ERROR(use(lines));
  return LedgerPlace{read_to - static_cast<int64_t>(text.size()), sequence};
}

}  // namespace shodan::tokenvault
