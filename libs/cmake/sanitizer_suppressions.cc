// SPDX-License-Identifier: Apache-2.0
// Read by the sanitizer's runtime in every program of a sanitizer build.

extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __lsan_default_suppressions() {
  // c-ares, which gRPC resolves names with, never frees the host name it read at start.
  return "leak:libcares.so\n";
}

// Libraries of the distribution are not instrumented; what they do with memory is not judged.
extern "C" const char* __tsan_default_options() { return "ignore_noninstrumented_modules=1"; }

// How gRPC's threads hand a call to each other is not seen either, so that what one of them wrote
// and the next one reads looks like a race. Hidden with it is
// what our code does on gRPC's own threads; a call's work is done on the worker pool or on the
// caller's executor, and there everything is seen: planted_race_test proves it.
extern "C" const char* __tsan_default_suppressions() {
  return "race:libgrpc\n"
         "race:^grpc::\n"
         "race:^google::protobuf::\n";
}
