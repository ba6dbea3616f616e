// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <boost/json/object.hpp>
#include <google/protobuf/struct.pb.h>

#include "shodan/zoomapi/v1/zoom_api_service.pb.h"

#include "services/zoom-api/domain/meetings/actions.h"
#include "services/zoom-api/domain/request_check.h"

namespace shodan::zoomapi {

/// The same object, its numbers without a fraction as whole numbers. nullopt when it holds what
/// JSON has no word for: a number that is not finite, a value of no kind.
std::optional<boost::json::object> ToJson(const google::protobuf::Struct& object);
/// The same object; whole numbers that a double cannot hold become texts.
google::protobuf::Struct ToStruct(const boost::json::object& object);

// What a request asks for; what cannot be converted goes to `check`, which does not check the rest.
CreateMeeting ActionOf(const v1::CreateMeetingRequest& request, RequestCheck& check);
UpdateMeeting ActionOf(const v1::UpdateMeetingRequest& request, RequestCheck& check);
ListMeetings ActionOf(const v1::GetMeetingRequest& request, RequestCheck& check);
GetMeeting ActionOf(const v1::GetMeetingByMeetingIdRequest& request, RequestCheck& check);
DeleteMeeting ActionOf(const v1::DeleteMeetingRequest& request, RequestCheck& check);
AddRegistrant ActionOf(const v1::AddMeetingRegistrantRequest& request, RequestCheck& check);
ListRegistrants ActionOf(const v1::GetMeetingRegistrantsRequest& request, RequestCheck& check);
DeleteRegistrant ActionOf(const v1::DeleteMeetingRegistrantRequest& request, RequestCheck& check);

// Times that make no sense are left out.
v1::Meeting ToProto(const Meeting& meeting);
v1::Registrant ToProto(const Registrant& registrant);
v1::GetMeetingResponse ToProto(const MeetingPage& page);
v1::GetMeetingRegistrantsResponse ToProto(const RegistrantPage& page);

}  // namespace shodan::zoomapi
