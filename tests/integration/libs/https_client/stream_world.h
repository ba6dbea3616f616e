// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "libs/https_client/curl_https_stream.h"
#include "tests/integration/libs/https_client/tls_server.h"
#include "tests/support/temporary_directory.h"

namespace shodan::testing {

/// What came of a streamed request.
struct StreamOutcome {
  StreamOutcome() = default;
  absl::Status written;  ///< of the body
  absl::Status error;    ///< of the answer
  HttpsStreamHead head;
  std::string body;
  size_t largest_chunk = 0;
  bool may_have_been_sent = false;
};

/// Writes the body, then reads the answer to its end. `stream` outlives it.
boost::asio::awaitable<StreamOutcome> Exchange(HttpsStream& stream, std::string body);

/// A stream client, and servers that it may reach.
struct StreamWorld {
  TestAuthority authority;
  TemporaryDirectory directory;
  std::string ca_file = directory.Write("ca.pem", authority.certificate());
  boost::asio::io_context io;
  std::unique_ptr<HttpsStreamClient> client = MakeCurlHttpsStreamClient();

  TestCertificate ForLocalhost() const;
  /// A request to a server of the test.
  HttpsStreamRequest Request(const std::string& url, const std::string& method = "GET") const;

  /// The coroutine's result.
  template <typename T>
  T Run(boost::asio::awaitable<T> coroutine) {
    std::optional<T> result;
    auto completed = [&result](std::exception_ptr error, T value) {
      REQUIRE(error == nullptr);
      result = std::move(value);
    };
    boost::asio::co_spawn(io, std::move(coroutine), std::move(completed));
    io.restart();
    io.run();
    REQUIRE(result.has_value());
    return *std::move(result);
  }
  /// Sends the request with the body, if it has a length, and reads the answer.
  StreamOutcome Send(HttpsStreamRequest request, std::string body = "");
};

}  // namespace shodan::testing
