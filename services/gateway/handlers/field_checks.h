// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "libs/http/json_body.h"

namespace shodan::gateway {

/// The requestId of a body: a UUID in lower case, chosen by the caller for one effect.
std::string ReadRequestId(http::JsonBody& body);

/// An optional opaque id of 1 to 255 bytes; empty when absent.
std::string ReadOpaqueId(http::JsonBody& body, std::string_view name);

}  // namespace shodan::gateway
