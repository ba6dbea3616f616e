// SPDX-License-Identifier: Apache-2.0
// Whatever Zoom answers, it is read whole, refused with a place, or told as an error of ours.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "libs/base/status.h"
#include "libs/base/utf8.h"
#include "services/zoom-api/domain/meetings/meeting_json.h"
#include "services/zoom-api/domain/meetings/requests.h"
#include "services/zoom-api/domain/zoom_error.h"

namespace {

using shodan::zoomapi::ApiRequest;

void Require(bool condition) {
  if (!condition) std::abort();
}

template <typename Result>
void RequireReadOrRefused(const Result& result) {
  Require(result.ok() || shodan::HasReason(result.status(), "ZOOM_ANSWER_UNREADABLE"));
}

// What reaches a caller is short UTF-8 on one line.
void RequireCleanMetadata(const absl::Status& error) {
  Require(!error.ok());
  Require(!shodan::ReasonOf(error).empty());
  for (const auto& [name, value] : shodan::MetadataOf(error)) {
    Require(shodan::CountCharacters(value).has_value());
    if (name != "scopes") Require(value.size() <= 300);
    for (const char c : value) Require(static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string body(data, data + size);
  const auto meeting = shodan::zoomapi::ReadMeeting(body);
  RequireReadOrRefused(meeting);
  if (meeting.ok()) {
    Require(!meeting->meeting_id.empty());
    const std::string written =
        shodan::zoomapi::WriteMeeting(*meeting, shodan::zoomapi::FieldsSetIn(*meeting));
    Require(shodan::CountCharacters(written).has_value());
  }
  RequireReadOrRefused(shodan::zoomapi::ReadMeetingPage(body));
  RequireReadOrRefused(shodan::zoomapi::ReadAddedRegistrant(body));
  RequireReadOrRefused(shodan::zoomapi::ReadRegistrantPage(body));

  static const ApiRequest request =
      RequestFor(shodan::zoomapi::DeleteRegistrant{"92674392836", "r", ""}).head;
  for (const int status : {400, 404, 429, 503}) {
    shodan::zoomapi::AnswerHead head;
    head.status = status;
    RequireCleanMetadata(ErrorOf(request, head, body, std::chrono::system_clock::time_point()));
  }
  return 0;
}
