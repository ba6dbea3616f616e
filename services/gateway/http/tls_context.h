// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace shodan::gateway {

/// The server's certificate and key. TLS 1.2 or newer, HTTP/1.1 by ALPN, no compression, no
/// renegotiation. Thread-safe.
class TlsContext {
 public:
  /// INVALID_ARGUMENT/CERTIFICATE_INVALID when the files cannot be read or do not belong together.
  static absl::StatusOr<std::unique_ptr<TlsContext>> Load(std::string certificate_file,
                                                          std::string private_key_file);

  /// For new connections; those open keep theirs.
  std::shared_ptr<boost::asio::ssl::context> Current() const;
  /// Loads the files again when one changed. Files that do not fit together (a rotation half done)
  /// leave everything as it is until the next call; then the error says so.
  absl::Status ReloadIfChanged();

 private:
  TlsContext(std::string certificate_file, std::string private_key_file)
      : certificate_file_(std::move(certificate_file)),
        private_key_file_(std::move(private_key_file)) {}

  const std::string certificate_file_;
  const std::string private_key_file_;
  mutable std::mutex mutex_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::filesystem::file_time_type certificate_time_;
  std::filesystem::file_time_type private_key_time_;
};

}  // namespace shodan::gateway
