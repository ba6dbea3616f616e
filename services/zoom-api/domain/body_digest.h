// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace shodan::zoomapi {

/// A digest of a body that comes in pieces; does not depend on where it was cut. SHA-256 over the
/// digest of what was before and the next block of 64 KiB. Not thread-safe.
class BodyDigest {
 public:
  void Add(std::string_view bytes);
  /// 32 raw bytes. Add() must not be called any more.
  std::string Finish();

 private:
  void CloseBlock();

  std::string block_;
  std::string digest_;
};

}  // namespace shodan::zoomapi
