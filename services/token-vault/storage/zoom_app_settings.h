// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "services/token-vault/domain/zoom/zoom_app.h"

namespace shodan::tokenvault {

/// Everything of an app but its ids and secret, as the settings column holds it.
std::string EncodeSettings(const ZoomApp& app);
/// Fills the app from the column. INTERNAL/ZOOM_APP_MALFORMED.
absl::Status DecodeSettings(std::string_view text, ZoomApp& app);

}  // namespace shodan::tokenvault
