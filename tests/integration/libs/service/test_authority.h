// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <grpcpp/grpcpp.h>

#include "libs/rpc/tls.h"
#include "tests/support/temporary_directory.h"

namespace shodan::testing {

/// A certificate authority of one test: makes the files that services hold on a real installation.
class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  /// A P-256 certificate for the URI spiffe://shodan.local/ns/shodan/sa/<service> and the names
  /// <service>, localhost and 127.0.0.1, valid for an hour. An empty name leaves the URI out.
  rpc::TlsFiles Issue(std::string_view service) const;

  /// A channel to a service of this authority on 127.0.0.1, as the named service; plain, without
  /// the retries of rpc::MakeChannel().
  std::shared_ptr<grpc::Channel> Connect(int port, std::string_view service) const;

  /// A JWK Set with one Ed25519 public key (RFC 8037 appendix A.2), for "assertion_keys_file".
  std::string AssertionKeysFile() const;

  const TemporaryDirectory& directory() const { return directory_; }

 private:
  struct Impl;
  TemporaryDirectory directory_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace shodan::testing
