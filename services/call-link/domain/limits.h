// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace shodan::calllink {

inline constexpr size_t kNumberBytesMax = 250;  ///< of one number as written
inline constexpr size_t kNumbersPerBatchMax = 200;
inline constexpr size_t kE164DigitsMin = 5;   ///< country code included; ITU-T E.164 sets none
inline constexpr size_t kE164DigitsMax = 15;  ///< ITU-T E.164 section 6.1
inline constexpr size_t kExtensionDigitsMax = 20;
inline constexpr size_t kCachedLinksMax = 32'768;  ///< about half a kilobyte each

inline constexpr int kWorkerThreads = 4;
inline constexpr int kQueuedCallsMax = 256;

}  // namespace shodan::calllink
