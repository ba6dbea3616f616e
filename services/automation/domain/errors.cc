// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/errors.h"

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan::automation {

absl::Status Malformed(std::string_view what) {
  return InvalidArgument(reason::kMalformed,
                         Join("The webhook is not as Zoom documents it: ", what));
}

}  // namespace shodan::automation
