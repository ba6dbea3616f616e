// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include "absl/status/status.h"

namespace shodan::redis {

/// A connected byte stream, plain or TLS, behind one interface. Used on one strand.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Resolves, connects and, with TLS, checks the server's certificate against the authority and
  /// the host name. No time limit of its own: the caller cancels. UNAVAILABLE/REDIS_UNREACHABLE.
  virtual boost::asio::awaitable<absl::Status> Connect(std::string host, std::string port) = 0;
  /// 0 bytes at the end or after an error.
  virtual boost::asio::awaitable<size_t> Read(boost::asio::mutable_buffer buffer) = 0;
  /// False after an error.
  virtual boost::asio::awaitable<bool> Write(boost::asio::const_buffer buffer) = 0;
  virtual void Close() = 0;
};

/// With `ca_file` the stream is TLS 1.2 or newer. INVALID_ARGUMENT/CA_UNREADABLE.
absl::Status MakeStream(const boost::asio::any_io_executor& executor,
                        const std::optional<std::string>& ca_file, std::unique_ptr<Stream>& stream);

}  // namespace shodan::redis
