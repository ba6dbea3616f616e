// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "libs/jwt/jws.h"
#include "services/gateway/config.h"
#include "services/gateway/gateway.h"
#include "tests/integration/libs/service/test_authority.h"
#include "tests/integration/services/gateway/fake_backends.h"
#include "tests/integration/services/gateway/tls_client.h"

namespace shodan::gateway {

inline constexpr char kOrigin[] = "https://localhost:8443";
inline constexpr char kProjectPath[] = "/v1/projects/demo";

/// One request, built field by field.
struct RequestText {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::string> fields;  ///< "Name: value"
  std::string body;
};

/// The whole gateway in this process with fake services behind it.
class RunningGateway {
 public:
  explicit RunningGateway(const std::function<void(Config&)>& change = {});

  FakeBackends& backends() { return *backends_; }
  Gateway& gateway() { return *gateway_; }
  const std::string& ca_file() const { return ca_file_; }
  const testing::TestAuthority& authority() const { return authority_; }
  std::unique_ptr<TlsClient> Connect() const;

  /// A session token of the user, valid for `seconds`.
  std::string Token(const std::string& user, const std::string& roles = "[]",
                    int seconds = 600) const;

  /// On a connection of its own. Fails the test when no answer comes.
  RawResponse Send(const RequestText& request) const;
  RawResponse Get(const std::string& target, const std::vector<std::string>& fields = {}) const;
  /// With a bearer token of the user. `body` is JSON, empty for none.
  RawResponse As(const std::string& user, const std::string& method, const std::string& target,
                 const std::string& body = "") const;

 private:
  testing::TestAuthority authority_;
  jwt::SigningKey key_;
  std::string ca_file_;
  Logger log_;
  Metrics metrics_;
  std::unique_ptr<FakeBackends> backends_;
  std::unique_ptr<Gateway> gateway_;
};

std::string TextOf(const RequestText& request);
boost::json::value JsonOf(const RawResponse& response);
/// "400 INVALID_FIELD text,callId": status, reason and bad fields of a problem document.
std::string ProblemOf(const RawResponse& response);

}  // namespace shodan::gateway
