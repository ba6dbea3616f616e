// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/base/status.h"

namespace shodan::calllink {

// Why a number is refused; the same on the wire.
inline constexpr ErrorReason kNumberEmpty = "NUMBER_EMPTY";  ///< nothing but white space
inline constexpr ErrorReason kNumberTooLong =
    "NUMBER_TOO_LONG";  ///< more text than kNumberBytesMax
inline constexpr ErrorReason kNumberNotANumber = "NUMBER_NOT_A_NUMBER";  ///< other characters in it
inline constexpr ErrorReason kNumberTooShort =
    "NUMBER_TOO_SHORT";  ///< digits missing, or a short code
inline constexpr ErrorReason kNumberTooManyDigits = "NUMBER_TOO_MANY_DIGITS";
/// A national number, and nobody said of which country.
inline constexpr ErrorReason kNumberRegionRequired = "NUMBER_REGION_REQUIRED";
inline constexpr ErrorReason kNumberUnknownCountryCode = "NUMBER_UNKNOWN_COUNTRY_CODE";
/// Neither too short nor too long, but no number of that country has so many digits.
inline constexpr ErrorReason kNumberImpossibleLength = "NUMBER_IMPOSSIBLE_LENGTH";
inline constexpr ErrorReason kNumberEmergency = "NUMBER_EMERGENCY";
inline constexpr ErrorReason kNumberRegionInvalid = "NUMBER_REGION_INVALID";

// What the user should know about a number that is dialled all the same.
inline constexpr ErrorReason kNumberOutsideKnownRanges = "NUMBER_OUTSIDE_KNOWN_RANGES";
inline constexpr ErrorReason kExtensionNotDialled = "EXTENSION_NOT_DIALLED";

}  // namespace shodan::calllink
