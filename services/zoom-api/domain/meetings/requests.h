// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/zoom-api/domain/api_request.h"
#include "services/zoom-api/domain/meetings/actions.h"

namespace shodan::zoomapi {

/// A request to Zoom with its body; empty: none.
struct ActionRequest {
  ApiRequest head;
  std::string body;
};

// What an action that passed its Check() asks of Zoom, with the scopes that allow it
// (developers.zoom.us, "Meetings"). Requester and request id are the caller's to set.
ActionRequest RequestFor(const CreateMeeting& action);
ActionRequest RequestFor(const UpdateMeeting& action);
ActionRequest RequestFor(const ListMeetings& action);
ActionRequest RequestFor(const GetMeeting& action);
ActionRequest RequestFor(const DeleteMeeting& action);
ActionRequest RequestFor(const AddRegistrant& action);
ActionRequest RequestFor(const ListRegistrants& action);
ActionRequest RequestFor(const DeleteRegistrant& action);

}  // namespace shodan::zoomapi
