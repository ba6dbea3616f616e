// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/https_client/https_client.h"

namespace shodan {

/// HttpsClient over libcurl.
class CurlHttpsClient : public HttpsClient {
 public:
  CurlHttpsClient();
  HttpsOutcome Send(const HttpsRequest& request) override;
};

}  // namespace shodan
