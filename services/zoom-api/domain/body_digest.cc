// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/body_digest.h"

#include <algorithm>

#include "libs/crypto/digest.h"

namespace shodan::zoomapi {
namespace {

constexpr size_t kBlock = 64 << 10;

}  // namespace

void BodyDigest::Add(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t taken = std::min(bytes.size(), kBlock - block_.size());
    block_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (block_.size() == kBlock) CloseBlock();
  }
}

std::string BodyDigest::Finish() {
  CloseBlock();
  return digest_;
}

void BodyDigest::CloseBlock() {
  digest_ = Sha256(LengthPrefixed({digest_, block_}));
  block_.clear();
}

}  // namespace shodan::zoomapi
