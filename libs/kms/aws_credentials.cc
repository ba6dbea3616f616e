// SPDX-License-Identifier: Apache-2.0
#include "libs/kms/aws_credentials.h"

#include "libs/base/status.h"

namespace shodan::kms {
namespace {

constexpr std::chrono::minutes kMargin{5};

}  // namespace

absl::StatusOr<AwsCredentials> CachedCredentials::Get() {
  const std::scoped_lock lock(mutex_);
  const bool fresh = cached_.has_value() &&
                     (!cached_->expires_at.has_value() || *cached_->expires_at - kMargin > now_());
  if (!fresh) {
    SHODAN_ASSIGN_OR_RETURN(cached_, source_.Get());
  }
  return cached_->credentials.Clone();
}

void CachedCredentials::Forget() {
  const std::scoped_lock lock(mutex_);
  cached_.reset();
}

}  // namespace shodan::kms
