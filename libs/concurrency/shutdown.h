// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace shodan {

/// Turns SIGTERM and SIGINT into a call that returns.
///
/// Construct it first in main, before any thread exists: threads inherit the signal mask, and a
/// thread without it would take the signal and end the process. SIGPIPE is ignored from then on, so
/// a peer that left shows as an error of the write. The mask stays when the object goes.
class TerminationSignal {
 public:
  TerminationSignal();
  TerminationSignal(const TerminationSignal&) = delete;
  TerminationSignal& operator=(const TerminationSignal&) = delete;

  /// Blocks until one of the two signals arrives, or returns at once when one is pending already.
  /// Returns its number.
  int Wait();
};

}  // namespace shodan
