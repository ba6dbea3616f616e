// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <google/protobuf/timestamp.pb.h>

#include "shodan/accountlink/v1/account_link_service.pb.h"

#include "libs/rpc/call_context.h"
#include "services/account-link/domain/call.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/link.h"
#include "services/account-link/domain/link_change.h"
#include "services/account-link/domain/note.h"
#include "services/account-link/domain/project.h"
#include "services/account-link/domain/validation.h"

namespace shodan::account_link {

namespace v1 = ::shodan::accountlink::v1;

v1::Link ToProto(const Link& link);
/// `project_id` is the one that is watched: resume tokens fit it alone.
v1::LinkEvent ToProto(const LinkEvent& event, const std::string& project_id);
v1::DisconnectReceipt ToProto(const DisconnectReceipt& receipt);
v1::Project ToProto(const Project& project);
v1::Call ToProto(const Call& call);
v1::CallNote ToProto(const Note& note);
google::protobuf::Timestamp ToProto(Time time);

/// Any request of this service that names a user.
template <typename Request>
UserKey OwnerOf(const Request& request) {
  return {request.project_id(), request.user_id()};
}

CallContent ContentOf(const v1::Call& call);
NoteContent ContentOf(const v1::CallNote& note);
/// What the mask names; problems with the mask and with the values it names go to `check`.
CallChange ChangeOf(const v1::UpdateCallRequest& request, RequestCheck& check);

CallScope ScopeOf(const rpc::CallContext& call);

}  // namespace shodan::account_link
