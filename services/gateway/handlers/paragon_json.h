// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "absl/status/status.h"
#include "libs/http/response.h"
#include "services/gateway/auth/session.h"
#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/token_vault_client.h"

namespace shodan::gateway {

/// What the wire protocol of @useparagon/connect calls things (compatibility/paragon.md). All ids
/// are UUIDs that follow from ids of ours, so that they are the same at every answer.

/// The one integration of a project: Zoom.
std::string IntegrationIdOf(std::string_view project_id);
/// The id of the attempt that a user's client names by a key of its own choice.
std::string AttemptIdOf(const Person& person, std::string_view install_key);

/// Whether the link is a credential of the user; its id is then the link's id.
bool HasCredential(const Link& link);

/// The credential of a link for which HasCredential() is true. `profile` may be null.
boost::json::object CredentialJson(const Link& link, const ZoomProfile* profile);
/// Answer to GET /sdk/me. `metadata` is a JSON object.
boost::json::object UserJson(const Link& link, const std::string& metadata);
/// One element of GET /sdk/integrations.
boost::json::object IntegrationJson(std::string_view project_id);

/// Why an attempt of the given result brought no connection; the result is one of the browser API's
/// closed list.
absl::Status InstallError(std::string_view result);

/// An error as that client reads it: `message`, `code`, and our problem document as `meta`.
http::Response ParagonError(const absl::Status& status, std::string_view instance,
                            std::string_view request_id);

}  // namespace shodan::gateway
