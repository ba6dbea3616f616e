// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/authorizer.h"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/crypto/random.h"
#include "tests/integration/libs/rpc/rpc_world.h"
#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

using absl::StatusCode;
using rpc::CallMode;
using testing::ClientCall;
using testing::IsError;
using testing::IsOk;
using testing::RpcWorld;

ClientCall With(const std::string& assertion) {
  ClientCall call;
  call.assertions = {assertion};
  return call;
}

TEST_CASE_METHOD(RpcWorld, "A call needs a deadline") {
  ClientCall call;
  call.deadline = false;

  CHECK_THAT(CallAs("own", call), IsError(StatusCode::kInvalidArgument, "DEADLINE_REQUIRED"));
  CHECK(calls == 0);
}

TEST_CASE_METHOD(RpcWorld, "The caller's deadline is the handler's") {
  CHECK_THAT(CallAs("own"), IsOk());

  CHECK(seen->deadline.Remaining() > std::chrono::seconds(0));
  CHECK(seen->deadline.Remaining() <= std::chrono::seconds(20));
}

TEST_CASE_METHOD(RpcWorld,
                 "A caller that the policy does not list is refused before anything else") {
  ClientCall call = With("made up");
  call.deadline = false;

  CHECK_THAT(CallAs("stranger", call),
             IsError(StatusCode::kPermissionDenied, "CALLER_NOT_ALLOWED"));
  CHECK(calls == 0);
}

TEST_CASE_METHOD(RpcWorld, "A service acts on its own behalf for any user, without an assertion") {
  CHECK_THAT(CallAs("own"), IsOk());
  CHECK(seen->mode == CallMode::kService);
  CHECK_FALSE(seen->assertion.has_value());
  CHECK(rpc::ActorOf(*seen) == "service:own");

  CHECK_THAT(CallAs("own", With(Assert("demo", "hanako"))),
             IsError(StatusCode::kPermissionDenied, "ASSERTION_NOT_ALLOWED"));
  CHECK(calls == 1);
}

TEST_CASE_METHOD(RpcWorld, "On behalf of a person a call names that person and nobody else") {
  CHECK_THAT(CallAs("acting", With(Assert("demo", "hanako"))), IsOk());
  CHECK(seen->mode == CallMode::kUser);
  CHECK(seen->assertion->user_id == "hanako");
  CHECK(rpc::ActorOf(*seen) == "user:hanako");

  CHECK_THAT(CallAs("acting"), IsError(StatusCode::kUnauthenticated, "ASSERTION_REQUIRED"));
  CHECK_THAT(CallAs("acting", With(Assert("demo", "taro"))),
             IsError(StatusCode::kPermissionDenied, "ASSERTION_USER_MISMATCH"));
  CHECK_THAT(CallAs("acting", With(Assert("demo2", "hanako"))),
             IsError(StatusCode::kPermissionDenied, "ASSERTION_USER_MISMATCH"));
  CHECK_THAT(CallAs("acting", With(Assert("demo", "hanako", /*admin=*/true))), IsOk());
  CHECK(seen->mode == CallMode::kUser);
  CHECK(calls == 2);
}

TEST_CASE_METHOD(RpcWorld, "A role does not let one act as another user where the mode is user") {
  CHECK_THAT(CallAs("acting", With(Assert("demo", "taro", /*admin=*/true))),
             IsError(StatusCode::kPermissionDenied, "ASSERTION_USER_MISMATCH"));
}

TEST_CASE_METHOD(RpcWorld, "An administrator may name another user of the same project") {
  CHECK_THAT(CallAs("admin", With(Assert("demo", "taro", /*admin=*/true))), IsOk());
  CHECK(seen->mode == CallMode::kAdmin);
  CHECK(rpc::ActorOf(*seen) == "admin:taro");

  CHECK_THAT(CallAs("admin", With(Assert("demo", "taro"))),
             IsError(StatusCode::kPermissionDenied, "ADMIN_ROLE_REQUIRED"));
  CHECK_THAT(CallAs("admin", With(Assert("demo2", "taro", /*admin=*/true))),
             IsError(StatusCode::kPermissionDenied, "ASSERTION_USER_MISMATCH"));
  CHECK_THAT(CallAs("admin"), IsError(StatusCode::kUnauthenticated, "ASSERTION_REQUIRED"));
  CHECK(calls == 1);
}

TEST_CASE_METHOD(RpcWorld, "Where both modes are open, an assertion decides, and must be good") {
  CHECK_THAT(CallAs("both"), IsOk());
  CHECK(seen->mode == CallMode::kService);
  CHECK_THAT(CallAs("both", With(Assert("demo", "hanako"))), IsOk());
  CHECK(seen->mode == CallMode::kUser);
  CHECK_THAT(CallAs("both", With(Assert("demo", "taro"))),
             IsError(StatusCode::kPermissionDenied, "ASSERTION_USER_MISMATCH"));
  CHECK_THAT(CallAs("both", With("made-up")),
             IsError(StatusCode::kUnauthenticated, "ASSERTION_INVALID"));
  CHECK_THAT(CallAs("both", With("")), IsError(StatusCode::kUnauthenticated, "ASSERTION_INVALID"));
}

TEST_CASE_METHOD(RpcWorld, "An API key acts for any user of its project, as far as its scopes go") {
  const auto key = [this](const std::string& project, std::vector<std::string> scopes) {
    rpc::Assertion assertion;
    assertion.audience = "token-vault";
    assertion.project_id = project;
    assertion.api_key_id = "key-1";
    assertion.scopes = std::move(scopes);
    return With(rpc::SignAssertion(assertion_key, assertion, std::chrono::system_clock::now()));
  };
  CHECK_THAT(CallAs("both", key("demo", {"other", "profile.read"})), IsOk());
  CHECK(seen->mode == CallMode::kApiKey);
  CHECK(rpc::ActorOf(*seen) == "api_key:key-1");

  CHECK_THAT(CallAs("both", key("demo", {"other"})),
             IsError(StatusCode::kPermissionDenied, "SCOPE_REQUIRED"));
  CHECK_THAT(CallAs("both", key("demo", {})),
             IsError(StatusCode::kPermissionDenied, "SCOPE_REQUIRED"));
  CHECK_THAT(CallAs("both", key("demo2", {"profile.read"})),
             IsError(StatusCode::kPermissionDenied, "ASSERTION_USER_MISMATCH"));
  for (const char* identity : {"acting", "own", "admin"}) {
    CHECK_THAT(CallAs(identity, key("demo", {"profile.read"})),
               IsError(StatusCode::kPermissionDenied, "ASSERTION_NOT_ALLOWED"));
  }
  CHECK(calls == 1);
}

TEST_CASE_METHOD(RpcWorld, "Two assertions are none") {
  ClientCall call;
  call.assertions = {Assert("demo", "hanako"), Assert("demo", "hanako")};

  CHECK_THAT(CallAs("acting", call), IsError(StatusCode::kUnauthenticated, "ASSERTION_INVALID"));
}

TEST_CASE_METHOD(RpcWorld, "An old assertion, and one for another service, are refused") {
  rpc::Assertion assertion;
  assertion.audience = "account-link";
  assertion.project_id = "demo";
  assertion.user_id = "hanako";
  const auto now = std::chrono::system_clock::now();
  const std::string other = rpc::SignAssertion(assertion_key, assertion, now);
  assertion.audience = "token-vault";
  const std::string old =
      rpc::SignAssertion(assertion_key, assertion, now - std::chrono::seconds(66));

  for (const std::string& token : {other, old}) {
    CHECK_THAT(CallAs("acting", With(token)),
               IsError(StatusCode::kUnauthenticated, "ASSERTION_INVALID"));
  }
}

TEST_CASE_METHOD(RpcWorld, "A method whose request names no user is not for persons") {
  grpc::ClientContext context;
  rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(20)), "",
                      Assert("demo", "hanako"));
  testing::v1::ListGrantEventsResponse response;

  const grpc::Status status = testing::v1::TokenVaultService::NewStub(ChannelOf("acting"))
                                  ->ListGrantEvents(&context, {}, &response);

  CHECK_THAT(rpc::FromGrpcStatus(status),
             IsError(StatusCode::kPermissionDenied, "ASSERTION_USER_MISMATCH"));
}

TEST_CASE_METHOD(RpcWorld, "A request id is taken over when it is plain, and made here otherwise") {
  ClientCall call;
  call.request_ids = {"0b5f7d0e-REQ_1"};
  CHECK_THAT(CallAs("own", call), IsOk());
  CHECK(seen->request_id == "0b5f7d0e-REQ_1");

  for (const std::vector<std::string>& ids : {std::vector<std::string>{},
                                              {""},
                                              {"a b"},
                                              {"a\"b"},
                                              {"a/b"},
                                              {std::string(65, 'a')},
                                              {"one", "two"}}) {
    CAPTURE(ids);
    call.request_ids = ids;
    CHECK_THAT(CallAs("own", call), IsOk());
    CHECK(IsUuid(seen->request_id));
  }
}

}  // namespace
}  // namespace shodan
