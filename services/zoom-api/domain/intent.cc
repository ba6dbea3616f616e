// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/intent.h"

#include "libs/crypto/digest.h"

namespace shodan::zoomapi {

std::string_view ToText(IntentState state) {
  switch (state) {
    case IntentState::kSending:
      return "sending";
    case IntentState::kCompleted:
      return "completed";
    case IntentState::kUnknown:
      return "unknown";
    case IntentState::kNotSent:
      return "not_sent";
  }
  return "";
}

std::string RequestDigest(std::string_view request_id) { return Sha256(request_id); }

std::string HeadFingerprint(const ApiRequest& request) {
  return Sha256(
      LengthPrefixed({"head", request.request_id, ToText(request.method), request.target.Encoded(),
                      request.content_type, std::to_string(request.content_length)}));
}

std::string BodyFingerprint(std::string_view request_id, std::string_view body_digest) {
  return Sha256(LengthPrefixed({"body", request_id, body_digest}));
}

}  // namespace shodan::zoomapi
