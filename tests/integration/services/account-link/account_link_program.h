// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "shodan/accountlink/v1/account_link_service.grpc.pb.h"

#include "absl/status/statusor.h"
#include "libs/jwt/jws.h"
#include "libs/rpc/server.h"
#include "services/account-link/domain/link.h"
#include "tests/contract/services/account-link/fakes/fake_vault.h"
#include "tests/contract/services/account-link/fakes/fake_vault_service.h"
#include "tests/integration/libs/service/running_program.h"
#include "tests/integration/libs/service/test_authority.h"
#include "tests/support/postgres_fixture.h"

namespace shodan::account_link::testing {

/// The program account-link over mutual TLS, on a database of its own with the rights that an
/// installation gives it, and a vault of the test's.
class AccountLinkProgram : public shodan::testing::PostgresFixture {
 public:
  AccountLinkProgram();
  ~AccountLinkProgram();

  struct Options {
    std::vector<std::string> crash_points;
    std::chrono::milliseconds grace{0};
  };
  /// Connects a user as a replica that ran before did; the program need not run.
  void Connected(const std::string& user, const std::string& zoom_user);

  /// Starts it, or starts it again, and waits until it serves.
  void Start(const Options& options);
  void Start() { Start(Options()); }
  /// As by kill -9; or waits for the end that a crash point brings.
  int Kill(int signal);
  int WaitForEnd();
  /// Runs `account-link` with these arguments to its end; `config` is a file's content.
  int Run(const std::string& config, const std::vector<std::string>& arguments,
          std::string* output = nullptr) const;
  std::string Config(const Options& options) const;

  /// Makes the vault unreachable, or reachable again under the same address.
  void StopVault();
  void StartVault();

  /// A user's call by the gateway. `assertion_user` empty: none is sent.
  template <typename Request, typename Response>
  using Method = grpc::Status (accountlink::v1::AccountLinkService::Stub::*)(grpc::ClientContext*,
                                                                             const Request&,
                                                                             Response*);
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(Method<Request, Response> method, const Request& request,
                                const std::string& assertion_user) {
    Response response;
    const absl::Status status = Send(
        [&](grpc::ClientContext& context) {
          return (stub_.get()->*method)(&context, request, &response);
        },
        assertion_user);
    if (!status.ok()) return status;
    return response;
  }

  // The calls that most tests make, as this user of project demo.
  absl::StatusOr<accountlink::v1::Link> CompleteLink(const std::string& user,
                                                     const std::string& attempt_id);
  absl::StatusOr<accountlink::v1::Link> GetLink(const std::string& user);
  absl::StatusOr<accountlink::v1::DisconnectResponse> Disconnect(const std::string& user);
  absl::StatusOr<accountlink::v1::CallNote> WriteNote(const std::string& user,
                                                      const std::string& text);
  /// Asks until the link is in this state; fails the test after half a minute.
  accountlink::v1::Link Await(const std::string& user, accountlink::v1::LinkState state);
  /// Asks until a query, whose column is named "value", answers this.
  void AwaitQuery(const std::string& sql, const std::string& value);

  const std::string& output() const { return program_->output(); }
  shodan::testing::RunningProgram& program() { return *program_; }

  FakeVault vault;

 private:
  absl::Status Send(const std::function<grpc::Status(grpc::ClientContext&)>& send,
                    const std::string& assertion_user);
  std::string PortFile() const;
  void Migrate();

  shodan::testing::TestAuthority authority_;
  jwt::SigningKey assertion_key_;
  FakeVaultService vault_service_{vault};
  std::unique_ptr<rpc::Server> vault_server_;
  int vault_port_ = 0;
  bool migrated_ = false;
  std::unique_ptr<shodan::testing::RunningProgram> program_;
  std::unique_ptr<accountlink::v1::AccountLinkService::Stub> stub_;
};

}  // namespace shodan::account_link::testing
