// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "shodan/zoomapi/v1/resources.pb.h"

#include "services/gateway/backends/zoom_meeting.h"

namespace shodan::gateway {

/// Between zoom-api's messages and what the handlers see.
void ToProto(const ZoomMeeting& meeting, shodan::zoomapi::v1::Meeting& proto);
void ToProto(const ZoomRegistrant& registrant, shodan::zoomapi::v1::Registrant& proto);
ZoomMeeting FromProto(const shodan::zoomapi::v1::Meeting& proto);
ZoomRegistrant FromProto(const shodan::zoomapi::v1::Registrant& proto);

}  // namespace shodan::gateway
