// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "libs/https_client/https_stream.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/zoom-api/domain/request_life.h"
#include "services/zoom-api/sending/intent_book.h"
#include "services/zoom-api/sending/rate_budget.h"
#include "services/zoom-api/sending/sender.h"
#include "services/zoom-api/sending/token_source.h"
#include "services/zoom-api/sending/user_gate.h"

namespace shodan::zoomapi {

struct SenderSettings {
  std::string ca_file;  ///< PEM bundle to trust instead of the system's
  /// For one transfer, from the first byte to the last.
  std::chrono::milliseconds timeout{120'000};
  std::chrono::milliseconds stall_timeout{30'000};  ///< without a byte in either direction
  /// For token, rate budget, intent and repetitions together: what comes before the last transfer.
  std::chrono::milliseconds patience{12'000};
  /// Lets Zoom be at a loopback address, over http or https.
  bool allow_loopback = false;
  int64_t answer_bytes_max = 100 << 20;
  int in_flight_per_user = 20;
  LifeSettings life;
};

/// The sender: drives a RequestLife with vault, budget, intents and HTTPS. Cancelling Send() ends a
/// safe request; an unsafe one that may have been sent goes on until its outcome is known, at most
/// for the transfer's time limit, and says it to its intent.
class ZoomSender final : public Sender {
 public:
  /// Everything outlives it.
  ZoomSender(HttpsStreamClient& https, TokenSource& tokens, RateBudget& budget, IntentBook& intents,
             SenderSettings settings, Logger& log, Metrics& metrics)
      : https_(https),
        tokens_(tokens),
        budget_(budget),
        intents_(intents),
        settings_(std::move(settings)),
        gate_(settings_.in_flight_per_user),
        log_(log),
        metrics_(metrics) {}

  boost::asio::awaitable<absl::Status> Send(ApiRequest request, BodySource& body, AnswerSink& sink,
                                            Deadline deadline) override;

 private:
  friend class Exchange;

  HttpsStreamClient& https_;
  TokenSource& tokens_;
  RateBudget& budget_;
  IntentBook& intents_;
  const SenderSettings settings_;
  UserGate gate_;
  Logger& log_;
  Metrics& metrics_;
};

}  // namespace shodan::zoomapi
