// SPDX-License-Identifier: Apache-2.0
#include "libs/service/port_file.h"

#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan::service {
namespace {

constexpr mode_t kReadableByAll = 0644;

std::string PortsAsJson(const Ports& ports) {
  std::string json = "{";
  for (const auto& [name, port] : ports) {
    if (json.size() > 1) json += ',';
    json += Join("\"", name, "\":", std::to_string(port));
  }
  return json + "}\n";
}

bool WriteFile(const std::string& path, std::string_view content) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kReadableByAll);
  if (file < 0) return false;
  const bool written =
      write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  return close(file) == 0 && written;
}

}  // namespace

absl::Status WritePortFile(const std::string& path, const Ports& ports) {
  const std::string temporary = Join(path, ".", std::to_string(getpid()), ".new");
  if (!WriteFile(temporary, PortsAsJson(ports)) ||
      std::rename(temporary.c_str(), path.c_str()) != 0) {
    unlink(temporary.c_str());
    return Unavailable("PORT_FILE_UNWRITABLE", Join("Cannot write the port file ", path,
                                                    "; its folder must exist and be writable."));
  }
  return absl::OkStatus();
}

}  // namespace shodan::service
