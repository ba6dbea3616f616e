// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>

#include "libs/http/json_body.h"
#include "services/gateway/backends/zoom_meeting.h"

namespace shodan::gateway {

/// Meetings and registrants as the browser API shows them (openapi.json). What Zoom did not tell is
/// null.
boost::json::object ToJson(const ZoomMeeting& meeting);
boost::json::object ToJson(const ZoomRegistrant& registrant);

/// The members of a body that describe a meeting; problems are the body's. zoom-api checks bounds.
ZoomMeeting ReadMeeting(http::JsonBody& body);
/// True when a member is there that can be changed.
bool HoldsChange(const ZoomMeeting& meeting);
ZoomRegistrant ReadRegistrant(http::JsonBody& body);

}  // namespace shodan::gateway
