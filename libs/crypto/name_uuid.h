// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace shodan {

/// The UUID of a name within a namespace (RFC 9562 section 5.5, version 5), lower case. The same
/// for the same input, everywhere and always. An identifier and no secret: who knows the name knows
/// the UUID. `name_space` is a UUID in its canonical form. Thread-safe.
std::string NameUuid(std::string_view name_space, std::string_view name);

}  // namespace shodan
