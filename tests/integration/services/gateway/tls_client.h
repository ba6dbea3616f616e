// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace shodan::gateway {

/// An answer as it came over the wire.
struct RawResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  ///< names in lower case
  std::string body;

  /// The first value; empty when there is none.
  std::string Field(const std::string& name) const;
  /// The value of a cookie that the answer sets; nullopt when it does not.
  std::optional<std::string> Cookie(const std::string& name) const;
};

/// A blocking TLS connection that checks the server's certificate and sends any bytes. Every read
/// gives up after 20 s.
class TlsClient {
 public:
  TlsClient(int port, const std::string& ca_file, int max_version = 0);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool connected() const;
  std::string protocol() const;  ///< by ALPN
  std::string tls_version() const;

  /// False when the peer is gone.
  bool Send(const std::string& bytes);
  /// `head_only`: for answers to HEAD. nullopt when the connection ended first.
  std::optional<RawResponse> Receive(bool head_only = false);
  /// Reads no further than the head of an answer. False when the connection ended first.
  bool ReceivesHead();
  /// Reads until the peer ends the connection in order (TLS close or FIN); false when it reset the
  /// connection or kept it open.
  bool ReadsEnd();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace shodan::gateway
