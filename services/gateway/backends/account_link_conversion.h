// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "shodan/accountlink/v1/account_link_service.pb.h"

#include "services/gateway/backends/account_link_client.h"

namespace shodan::gateway {

Project FromProto(const shodan::accountlink::v1::Project& proto);
Link FromProto(const shodan::accountlink::v1::Link& proto);
Receipt FromProto(const shodan::accountlink::v1::DisconnectReceipt& proto);
Call FromProto(const shodan::accountlink::v1::Call& proto);
Note FromProto(const shodan::accountlink::v1::CallNote& proto);
void ToProto(const Call& call, shodan::accountlink::v1::Call& proto);
void ToProto(const Note& note, shodan::accountlink::v1::CallNote& proto);

/// The outcome's number; UNSPECIFIED for a name that does not exist.
shodan::accountlink::v1::CallOutcome OutcomeOf(std::string_view name);

}  // namespace shodan::gateway
