// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/sending/zoom_sender.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/zoom-api/domain/errors.h"
#include "services/zoom-api/sending/exchange.h"

namespace shodan::zoomapi {
namespace {

using boost::asio::awaitable;

// The reasons that the metric tells apart; everything else is "other".
constexpr std::array kOutcomes = {
    reason::kNotConnected,        reason::kReconnectRequired, reason::kScopeMissing,
    reason::kZoomRateLimited,     reason::kZoomUnavailable,   reason::kVaultUnavailable,
    reason::kDatabaseUnavailable, reason::kServerBusy,        reason::kOutcomeUnknown,
    reason::kRequestCompleted,    reason::kRequestIdReused,   reason::kRequestNotRepeatable,
    reason::kAnswerTooLarge,      reason::kCallCancelled,     reason::kDeadlinePassed};

std::string_view OutcomeOf(const absl::Status& status, int zoom_status) {
  if (status.ok()) {
    constexpr std::array<std::string_view, 4> kClasses = {"2xx", "3xx", "4xx", "5xx"};
    return kClasses[static_cast<size_t>(std::clamp(zoom_status / 100, 2, 5) - 2)];
  }
  const std::string got = ReasonOf(status);
  const auto found = std::find(kOutcomes.begin(), kOutcomes.end(), got);
  return found == kOutcomes.end() ? std::string_view("other") : *found;
}

}  // namespace

awaitable<absl::Status> ZoomSender::Send(ApiRequest request, BodySource& body, AnswerSink& sink,
                                         Deadline deadline) {
  const bool unsafe = IsUnsafe(request.method);
  if (unsafe && !IsUuid(request.request_id)) {
    co_return InvalidField("requestId", "NOT_A_UUID",
                           "must be a UUID in lower case, chosen by the caller");
  }
  const UserGate::Pass pass = gate_.Enter(request.requester);
  if (!pass) co_return ServerBusy();
  const RateCategory category = CategoryOf(request.method, request.target);
  Exchange exchange(*this, std::move(request), body, sink, deadline);
  auto operation = exchange.Run();
  absl::Status status = co_await std::move(operation);
  metrics_.Count("shodan_zoomapi_requests_total", "Requests to Zoom's API by how they ended.",
                 {{"method", unsafe ? "unsafe" : "safe"},
                  {"category", NameOf(category)},
                  {"outcome", OutcomeOf(status, exchange.zoom_status())}});
  if (exchange.repetitions() > 0) {
    metrics_.Count("shodan_zoomapi_repetitions_total", "Requests sent to Zoom's API once more.", {},
                   exchange.repetitions());
  }
  co_return status;
}

}  // namespace shodan::zoomapi
