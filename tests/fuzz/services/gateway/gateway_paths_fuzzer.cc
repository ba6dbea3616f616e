// SPDX-License-Identifier: Apache-2.0
// Where a browser may be sent, who sent a request, and what a page shows.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/gateway/handlers/development_handlers.h"
#include "services/gateway/http/client_address.h"
#include "services/gateway/pages/html.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shodan::gateway;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string path = SafeReturnTo(text);
  if (path.rfind("/app/", 0) != 0 || path.find_first_of("\\\r\n\t ") != std::string::npos ||
      path.find("/..") != std::string::npos || path.rfind("/app//", 0) == 0) {
    std::abort();
  }
  static const TrustedProxies proxies = *TrustedProxies::Parse({"10.0.0.0/8", "::1"});
  static_cast<void>(proxies.ClientAddress("10.0.0.1", text));
  if (EscapeHtml(text).find_first_of("<>\"'") != std::string::npos) std::abort();
  return 0;
}
