// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "libs/http/request.h"

namespace shodan::http {

/// Longest request target, in bytes.
inline constexpr size_t kTargetBytesMax = 4096;

/// Judges a parsed head where two readers could disagree about it, and takes it apart. Everything
/// the parser of Boost 1.81 lets through against RFC 9110 and 9112 ends here: transfer codings
/// other than a single "chunked", any with HTTP/1.0, both framings at once, repeated or listed
/// Content-Length, no or several Host, targets outside RFC 3986, names with an underscore (gateways
/// take those for hyphens), repeated fields that must be single, other expectations and versions.
///
/// The connection must be closed after an error. INVALID_ARGUMENT/HEAD_MALFORMED, /HOST_INVALID,
/// /TARGET_INVALID, /FRAMING_INVALID, and TARGET_TOO_LONG, EXPECTATION_FAILED, METHOD_NOT_ALLOWED
/// (see HttpStatusOf in problem_details.h).
absl::StatusOr<RequestHead> CheckHead(const ParsedHead& parsed);

}  // namespace shodan::http
