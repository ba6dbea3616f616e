// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "shodan/tokenvault/v1/keys.pb.h"

#include "services/token-vault/domain/keys/tag_rotation_store.h"

namespace shodan::tokenvault {

v1::TagVersion ToProto(const TagVersionStatus& version);

}  // namespace shodan::tokenvault
