// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include <catch2/catch.hpp>
#include <grpcpp/grpcpp.h>

#include "services/account-link/grpc/vault_client.h"
#include "tests/contract/services/account-link/fakes/fake_vault.h"
#include "tests/contract/services/account-link/fakes/fake_vault_service.h"
#include "tests/contract/services/account-link/vault_suite.h"

namespace shodan::account_link::testing {
namespace {

class InProcess : public VaultHarness {
 public:
  Vault& vault() override { return fake_; }
  std::string PendingAttempt(const UserKey& owner) override { return fake_.PendingAttempt(owner); }
  std::string ExchangedAttempt(const UserKey& owner, const std::string& zoom_user,
                               Purpose purpose) override {
    return fake_.ExchangedAttempt(owner, zoom_user, purpose);
  }

 protected:
  FakeVault fake_;
};

class OverGrpc final : public InProcess {
 public:
  OverGrpc() : service_(fake_) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    REQUIRE(server_ != nullptr);
    client_ = std::make_unique<GrpcVault>(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                                              grpc::InsecureChannelCredentials()));
  }
  ~OverGrpc() override { server_->Shutdown(); }
  Vault& vault() override { return *client_; }

 private:
  FakeVaultService service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<GrpcVault> client_;
};

}  // namespace

TEST_CASE("the stand-in for the token vault keeps the contract", "[account-link][contract]") {
  InProcess harness;
  VaultSuite(harness).Run();
}

TEST_CASE("the gRPC client of the token vault keeps the contract", "[account-link][contract]") {
  OverGrpc harness;
  VaultSuite(harness).Run();
}

}  // namespace shodan::account_link::testing
