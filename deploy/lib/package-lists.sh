# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# The Debian 12 packages each verb needs.

# What `up` needs: to build the services and to run them with their data stores.
readonly build_packages=(
  ca-certificates openssl git
  clang-19 lld-19 cmake ninja-build ccache pkg-config
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libabsl-dev
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev
  libssl-dev libpq-dev libhiredis-dev libphonenumber-dev
  catch2 prometheus-cpp-dev libcivetweb-dev libspdlog-dev libcurl4-openssl-dev
)
readonly run_packages=(
  postgresql redis-server
)

# What `test` needs besides: sanitizer runtimes, a browser with the fonts of the demo's languages, and NSS's
# certutil, which tells the browser's profile about the local certificate authority.
readonly test_packages=(
  libclang-rt-19-dev llvm-19 chromium fonts-noto-cjk fonts-dejavu-core libnss3-tools
)

# What `faults` needs besides: the tracer that kills at a system call.
readonly fault_packages=(strace)

readonly format_packages=(git clang-format-19)
readonly lint_packages=(clang-format-19 clang-tidy-19)
