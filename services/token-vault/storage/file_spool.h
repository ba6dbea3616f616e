// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "services/token-vault/domain/grants/spool.h"

namespace shodan::tokenvault {

/// Spool files in one directory of this replica's own, which outlives the process. Without a
/// directory nothing can be kept: Write() fails, List() is empty. Thread-safe.
class FileSpool final : public SpoolFiles {
 public:
  explicit FileSpool(std::string directory) : directory_(std::move(directory)) {}

  /// UNAVAILABLE/SPOOL_UNWRITABLE unless a file can be written and removed here.
  absl::Status Check();

  absl::Status Write(const std::string& name, const std::string& content) override;
  absl::StatusOr<std::vector<std::string>> List() override;
  absl::StatusOr<std::string> Read(const std::string& name) override;
  absl::Status Remove(const std::string& name) override;

 private:
  std::string directory_;
};

}  // namespace shodan::tokenvault
