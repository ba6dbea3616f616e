// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "services/zoom-api/domain/api_request.h"

namespace shodan::zoomapi {

/// How far an unsafe request came, as the database knows it.
enum class IntentState {
  kSending,    ///< under way, or its process ended and nobody has said so yet
  kCompleted,  ///< Zoom answered
  kUnknown,    ///< Zoom may have done it
  kNotSent,    ///< Zoom did nothing; the id may be used again for the same request
};

std::string_view ToText(IntentState state);

/// Says, before an unsafe request is sent, that it will be. Holds nothing of Zoom's that can be
/// read: the request id, which is not in it, salts the digests.
struct Intent {
  Requester requester;
  std::string request_digest;    ///< SHA-256 of the request id, 32 raw bytes
  std::string attempt_id;        ///< UUID of this attempt: only it may say how the attempt ended
  std::string head_fingerprint;  ///< over method, target, media type and length
  std::string body_fingerprint;  ///< empty while the body is not known to its end
  std::string method;
  std::string endpoint;  ///< see EndpointTemplate()
  std::chrono::milliseconds time_limit{
      0};  ///< after which an intent that is still kSending is lost
};

/// An intent that was there before.
struct EarlierIntent {
  IntentState state = IntentState::kSending;
  int zoom_status = 0;  ///< 0 unless kCompleted, or kUnknown after an answer of 5xx
  std::string head_fingerprint;
  std::string body_fingerprint;  ///< empty when it was never known
};

/// How an attempt ended.
struct IntentEnding {
  IntentState state = IntentState::kUnknown;
  int zoom_status = 0;           ///< 0 without an answer
  std::string tracking_id;       ///< Zoom's, of the answer
  std::string body_fingerprint;  ///< empty when it is not known, or was known at the beginning
};

/// The digests of an intent. They are equal for two requests exactly when these are repetitions of
/// each other.
std::string RequestDigest(std::string_view request_id);
std::string HeadFingerprint(const ApiRequest& request);
/// `body_digest`: SHA-256 of the body.
std::string BodyFingerprint(std::string_view request_id, std::string_view body_digest);

}  // namespace shodan::zoomapi
