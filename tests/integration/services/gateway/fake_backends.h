// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "shodan/accountlink/v1/resources.pb.h"
#include "shodan/automation/v1/automation_service.pb.h"
#include "shodan/calllink/v1/call_link_service.pb.h"
#include "shodan/tokenvault/v1/token_vault_service.pb.h"

#include "absl/status/statusor.h"
#include "libs/jwt/jws.h"
#include "libs/rpc/server.h"
#include "libs/rpc/tls.h"
#include "tests/integration/services/gateway/fake_zoom_api.h"

namespace shodan::gateway {

/// The five services behind the gateway, in this process, over mutual TLS and under the real
/// policy file: a call in the wrong mode or for another user fails as it would there. Links, calls
/// and notes are kept in memory; what the vault answers is set by the test.
class FakeBackends {
 public:
  using Link = shodan::accountlink::v1::Link;
  using Attempt = shodan::tokenvault::v1::Attempt;

  /// `issue` gives the certificate of a service.
  FakeBackends(const std::function<rpc::TlsFiles(const std::string&)>& issue,
               const jwt::KeySet& assertion_keys);
  ~FakeBackends();

  std::string account_link_target() const;
  std::string token_vault_target() const;
  std::string call_link_target() const;
  std::string zoom_api_target() const;
  std::string automation_target() const;
  void StopAccountLink();

  // What the services know or answer; set before the request or under `mutex`.
  std::mutex mutex;
  shodan::accountlink::v1::Project project;
  std::map<std::string, Link> links;  ///< by user
  absl::Status complete_link;         ///< of CompleteLink
  bool disconnect_takes_long = false;
  std::function<absl::StatusOr<shodan::tokenvault::v1::RedeemTicketResponse>(
      const shodan::tokenvault::v1::RedeemTicketRequest&)>
      redeem_ticket;
  std::function<absl::StatusOr<Attempt>(const shodan::tokenvault::v1::ExchangeCodeRequest&)>
      exchange_code;
  std::function<absl::StatusOr<Attempt>(const shodan::tokenvault::v1::GetAttemptRequest&)>
      get_attempt;
  absl::StatusOr<shodan::tokenvault::v1::Profile> profile;
  std::function<absl::StatusOr<shodan::automation::v1::IngestWebhookResponse>(
      const shodan::automation::v1::IngestWebhookRequest&)>
      ingest_webhook;
  std::function<void()> before_get_link;  ///< runs inside GetLink, may block
  /// "Method user" of every call, in order.
  std::vector<std::string> calls;

  FakeZoomApi zoom;

  size_t CountCalls(const std::string& method);

 private:
  struct Services;
  std::unique_ptr<Services> services_;
};

}  // namespace shodan::gateway
