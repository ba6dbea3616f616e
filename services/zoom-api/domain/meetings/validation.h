// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/zoom-api/domain/meetings/actions.h"
#include "services/zoom-api/domain/request_check.h"

namespace shodan::zoomapi {

// Adds what is wrong with an action to `check`. The bounds are those of the proto files; what only
// Zoom can judge is left to it.
void Check(const CreateMeeting& action, RequestCheck& check);
void Check(const UpdateMeeting& action, RequestCheck& check);
void Check(const ListMeetings& action, RequestCheck& check);
void Check(const GetMeeting& action, RequestCheck& check);
void Check(const DeleteMeeting& action, RequestCheck& check);
void Check(const AddRegistrant& action, RequestCheck& check);
void Check(const ListRegistrants& action, RequestCheck& check);
void Check(const DeleteRegistrant& action, RequestCheck& check);

}  // namespace shodan::zoomapi
