// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "services/zoom-api/sending/outgoing_body.h"
#include "services/zoom-api/sending/zoom_sender.h"

namespace shodan::zoomapi {

/// One request on its way through the sender: does what its RequestLife says. One coroutine.
class Exchange {
 public:
  /// `sender`, `body` and `sink` outlive it.
  Exchange(ZoomSender& sender, ApiRequest request, BodySource& body, AnswerSink& sink,
           Deadline deadline);

  boost::asio::awaitable<absl::Status> Run();

  /// Zoom's status; 0 while there is none.
  int zoom_status() const { return head_.status; }
  int repetitions() const { return life_.repetitions(); }

 private:
  boost::asio::awaitable<NextStep> Take(NextStep step);
  boost::asio::awaitable<NextStep> GetToken(int64_t rejected_version);
  boost::asio::awaitable<NextStep> TakeSlot(std::chrono::milliseconds pause);
  boost::asio::awaitable<NextStep> WriteIntent();
  boost::asio::awaitable<NextStep> IntentExists(EarlierIntent earlier);
  boost::asio::awaitable<NextStep> Transfer();
  boost::asio::awaitable<absl::Status> SendBody();
  boost::asio::awaitable<NextStep> GiveUpBody(absl::Status status);
  boost::asio::awaitable<NextStep> Deliver();
  boost::asio::awaitable<absl::Status> PassOn(bool& whole);
  boost::asio::awaitable<void> EndIntent(IntentState ending);

  HttpsStreamRequest MakeRequest() const;
  NextStep Lost(const absl::Status& error);
  std::string BodyFingerprintIfKnown() const;

  ZoomSender& sender_;
  const ApiRequest request_;
  const bool unsafe_;
  OutgoingBody body_;
  AnswerSink& sink_;
  const Deadline deadline_;  ///< the caller's
  const Deadline patience_;
  RequestLife life_;
  AccessToken token_;
  BudgetKey budget_key_;
  HeldSlot slot_;
  Intent intent_;
  std::unique_ptr<HttpsStream> stream_;
  HttpsStreamHead head_;
};

}  // namespace shodan::zoomapi
