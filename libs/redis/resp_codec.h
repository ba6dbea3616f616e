// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/redis/reply.h"

struct redisReader;

namespace shodan::redis {

/// A command as an array of bulk strings; arguments may hold any bytes.
std::string EncodeCommand(const std::vector<std::string>& arguments);

/// Takes replies out of a stream of bytes. No sockets, no clock. Not thread-safe.
class Decoder {
 public:
  Decoder();
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// INTERNAL/REDIS_PROTOCOL_ERROR when the bytes are no RESP2, nest deeper than 7, hold an array
  /// of more than 1,024 elements, or a reply is longer than 1 MiB; the connection is then useless.
  absl::Status Feed(std::string_view bytes);
  /// The next complete reply; nullopt when more bytes are needed. Errors as Feed().
  absl::StatusOr<std::optional<Reply>> Next();

 private:
  struct FreeReader {
    void operator()(redisReader* reader) const noexcept;
  };
  std::unique_ptr<redisReader, FreeReader> reader_;
  size_t bytes_since_reply_ = 0;
};

}  // namespace shodan::redis
