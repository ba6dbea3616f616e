// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <openssl/ssl.h>

#include "tests/support/test_certificates.h"

namespace shodan::testing {

/// The server's end of one connection, after the handshake.
class TlsConnection {
 public:
  TlsConnection(SSL* ssl, int socket, std::function<void(std::string_view)> record)
      : ssl_(ssl), socket_(socket), record_(std::move(record)) {}

  /// One request with a body of its Content-Length. Short when the client leaves before its end.
  std::string ReadRequest();
  /// What has come when the head of a request is complete.
  std::string ReadHead();
  /// False when the client has left.
  bool Write(std::string_view bytes);
  /// Blocks until the client closes the connection.
  void AwaitClose();
  /// From here on the connection ends with a reset instead of an orderly end.
  void Reset();
  /// Whether it shall end as TLS wants it.
  bool orderly() const { return orderly_; }

 private:
  /// 0 at the end.
  size_t Read(char* data, size_t size);

  SSL* ssl_;
  int socket_;
  std::function<void(std::string_view)> record_;
  bool orderly_ = true;
};

/// A TLS server on a free port of 127.0.0.1. Each connection is served on a thread of its own.
class TlsServer {
 public:
  using Serve = std::function<void(TlsConnection&)>;
  TlsServer(const TestCertificate& certificate, Serve serve, int tls_version_max = TLS1_3_VERSION);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  /// "https://localhost:<port>" and the path.
  std::string Url(std::string_view path) const;
  /// Ends the server; everything that clients sent after a handshake.
  std::string Stop();
  int connections();

 private:
  void Run();
  void Handle(int socket);

  const Serve serve_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  int listener_;
  int port_ = 0;
  std::mutex mutex_;
  std::string received_;
  int connections_ = 0;
  std::thread thread_;
};

}  // namespace shodan::testing
