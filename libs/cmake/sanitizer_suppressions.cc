// SPDX-License-Identifier: Apache-2.0
// Read by LeakSanitizer at the end of every program of a sanitizer build.

extern "C" const char* __lsan_default_suppressions();

extern "C" const char* __lsan_default_suppressions() {
  // c-ares, which gRPC resolves names with, never frees the host name it read at start.
  return "leak:libcares.so\n";
}
