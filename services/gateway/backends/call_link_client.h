// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "services/gateway/backends/backend_call.h"

namespace shodan::gateway {

/// A reason and a text for people.
struct Explanation {
  std::string reason;
  std::string detail;
};

/// A number that may be dialled.
struct CallLink {
  std::string call_uri;
  std::string tel_uri;
  std::string e164;
  std::string national;
  std::string international;
  std::string region;
  std::optional<Explanation> notice;
};

/// The answer for one number of a batch: exactly one of the two.
struct CallLinkEntry {
  std::optional<CallLink> link;
  std::optional<Explanation> problem;
};

/// Port to call-link; as AccountLinkClient.
class CallLinkClient {
 public:
  template <typename T>
  using Result = boost::asio::awaitable<absl::StatusOr<T>>;

  virtual ~CallLinkClient() = default;
  virtual Result<CallLink> BuildCallLink(BackendCall call, std::string number,
                                         std::string default_region) = 0;
  /// One entry for each number, in their order.
  virtual Result<std::vector<CallLinkEntry>> BuildCallLinks(BackendCall call,
                                                            std::vector<std::string> numbers,
                                                            std::string default_region) = 0;
};

}  // namespace shodan::gateway
