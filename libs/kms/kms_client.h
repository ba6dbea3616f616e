// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "libs/https_client/https_client.h"
#include "libs/kms/aws_credentials.h"

namespace shodan::kms {

/// Authenticated with every ciphertext and needed to decrypt it; shows in CloudTrail, so no secret.
using EncryptionContext = std::map<std::string, std::string>;

struct KmsSettings {
  std::string endpoint;  ///< https://kms.REGION.amazonaws.com, without a slash at the end
  std::string region;
  std::string ca_file;  ///< empty for the system's
  std::chrono::milliseconds timeout{5'000};
};

/// A new data key, in plaintext and encrypted under the service's key.
struct DataKey {
  Secret plaintext;
  std::string ciphertext;
};

/// AWS KMS (its JSON protocol, AWS Key Management Service API Reference).
///
/// UNAVAILABLE/KMS_UNAVAILABLE when it cannot be reached, is throttled or failed inside: repeat
/// later. FAILED_PRECONDITION/KMS_REFUSED, with the service's error type as metadata "type", when
/// key, ciphertext, context or permission do not fit. UNAVAILABLE/AWS_CREDENTIALS_UNAVAILABLE.
/// Thread-safe.
class KmsClient {
 public:
  /// All outlive this.
  KmsClient(HttpsClient& https, CachedCredentials& credentials, KmsSettings settings, Now now);

  absl::StatusOr<std::string> Encrypt(const std::string& key_id, const Secret& plaintext,
                                      const EncryptionContext& context);
  absl::StatusOr<Secret> Decrypt(const std::string& key_id, const std::string& ciphertext,
                                 const EncryptionContext& context);
  /// 32 bytes.
  absl::StatusOr<DataKey> GenerateDataKey(const std::string& key_id,
                                          const EncryptionContext& context);

 private:
  absl::StatusOr<Secret> Call(const std::string& operation, Secret body);

  HttpsClient& https_;
  CachedCredentials& credentials_;
  const KmsSettings settings_;
  const Now now_;
};

}  // namespace shodan::kms
