// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include "shodan/tokenvault/v1/resources.pb.h"

#include "libs/rpc/call_context.h"
#include "services/token-vault/domain/authorization/code_exchange.h"
#include "services/token-vault/domain/erasure/erasure_store.h"
#include "services/token-vault/domain/grants/grant_store.h"

namespace shodan::tokenvault {

/// Domain values as messages, and back.
google::protobuf::Timestamp ToProto(Time time);
v1::Attempt ToProto(const Attempt& attempt);
v1::IdentityMatch ToProto(IdentityMatch match);
v1::GrantState ToProto(GrantState state);
v1::GrantCause ToProto(GrantCause cause);
v1::GrantEvent ToProto(const GrantEvent& event);
v1::ErasureReceipt ToProto(const ErasureProgress& progress);
AttemptResult FromProto(v1::AttemptResult result);

Actor ActorFrom(const rpc::CallContext& call);

}  // namespace shodan::tokenvault
