// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace shodan::testing {

/// A certificate and its private key, as PEM.
struct TestCertificate {
  std::string certificate;
  std::string private_key;
};

/// What a certificate says. The times are relative to now.
struct CertificateContent {
  std::vector<std::string> dns_names;
  std::vector<std::string> uris;
  std::chrono::seconds not_before{-3600};
  std::chrono::seconds not_after{3600};
};

/// A certificate authority that lives as long as the test. P-256 keys.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name = "test authority");
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  /// The authority's own certificate, as PEM.
  const std::string& certificate() const;
  TestCertificate Issue(const CertificateContent& content) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace shodan::testing
