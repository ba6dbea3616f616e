// SPDX-License-Identifier: Apache-2.0
#include "services/automation/grpc/backend_status.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/rpc/status_mapping.h"
#include "services/automation/domain/errors.h"

namespace shodan::automation {
namespace {

constexpr std::array kDecisiveReasons = {reason::kSignatureInvalid,  reason::kSecretMissing,
                                         reason::kChallengeInvalid,  reason::kProjectNotFound,
                                         reason::kGrantNotFound,     reason::kInboxKeyNotFound,
                                         reason::kResumeTokenExpired};

absl::Status Translate(const grpc::Status& status, std::string_view unavailable,
                       std::string_view who) {
  absl::Status error = rpc::FromGrpcStatus(status);
  const std::string got = ReasonOf(error);
  if (std::find(kDecisiveReasons.begin(), kDecisiveReasons.end(), got) != kDecisiveReasons.end()) {
    return error;
  }
  return WithRetryAfter(
      MakeError(absl::StatusCode::kUnavailable, unavailable,
                Join(who, " does not answer at present. Repeat the call."),
                {{"code", absl::StatusCodeToString(error.code())}, {"reason", got}}),
      RetryAfterOf(error).value_or(std::chrono::seconds(1)));
}

}  // namespace

absl::Status FromVaultStatus(const grpc::Status& status) {
  return Translate(status, reason::kVaultUnavailable, "The token vault");
}

absl::Status FromAccountLinkStatus(const grpc::Status& status) {
  return Translate(status, reason::kAccountLinkUnavailable, "account-link");
}

}  // namespace shodan::automation
