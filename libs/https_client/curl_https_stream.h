// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "libs/https_client/https_stream.h"

namespace shodan {

/// HttpsStreamClient over libcurl's multi interface. Up to 64 idle connections are kept, each for
/// at most 30 s. What is under way when the client goes ends with CANCELLED/HTTPS_CANCELLED;
/// streams may outlive it.
std::unique_ptr<HttpsStreamClient> MakeCurlHttpsStreamClient();

}  // namespace shodan
