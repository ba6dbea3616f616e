// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/zoom-api/domain/meetings/meeting.h"
#include "services/zoom-api/domain/meetings/registrant.h"

namespace shodan::zoomapi {

/// Bodies of Zoom's meeting endpoints (developers.zoom.us, "Meetings").
///
/// The parts that are set in a meeting which is to be made.
std::set<MeetingField> FieldsSetIn(const Meeting& meeting);
/// JSON with exactly these fields.
std::string WriteMeeting(const Meeting& meeting, const std::set<MeetingField>& fields);
/// JSON with what is not empty, without what only Zoom sets.
std::string WriteRegistrant(const Registrant& registrant);

/// Reading forgives what does no harm: unknown members are ignored, null and absent mean the same,
/// ids are numbers or texts and keep every digit. Anything else is
/// UNAVAILABLE/ZOOM_ANSWER_UNREADABLE, which names the member and shows no content.
absl::StatusOr<Meeting> ReadMeeting(std::string_view body);
absl::StatusOr<MeetingPage> ReadMeetingPage(std::string_view body);
/// The answer to a registration, in which `id` is the meeting's.
absl::StatusOr<Registrant> ReadAddedRegistrant(std::string_view body);
absl::StatusOr<RegistrantPage> ReadRegistrantPage(std::string_view body);

}  // namespace shodan::zoomapi
