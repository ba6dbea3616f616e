// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <boost/json/object.hpp>

#include "libs/config/config_reader.h"
#include "libs/crypto/key_ring.h"
#include "libs/https_client/https_client.h"
#include "libs/kms/credential_sources.h"
#include "libs/kms/kms_client.h"

namespace shodan::tokenvault {

/// How wrapped keys of the key ring are decrypted.
struct KeyManagementConfig {
  kms::KmsSettings kms;
  std::string source;  ///< file | web_identity | pod_identity | instance_metadata; empty: no KMS
  std::string file;    ///< of the credentials, or of the token that proves who this is
  std::string profile;
  std::string url;  ///< of the token service, the agent or the metadata
  std::string role_arn;
  std::string session_name;
};

/// Reads the optional object "kms".
KeyManagementConfig ReadKeyManagement(ConfigReader& reader, bool development);
boost::json::object DescribeKeyManagement(const KeyManagementConfig& config);

/// AWS KMS with the credentials it needs. Thread-safe.
class KeyManagement {
 public:
  /// `https` outlives this.
  KeyManagement(HttpsClient& https, const KeyManagementConfig& config);

  /// Empty without a KMS. The answer must not outlive this.
  KeyUnwrapper Unwrapper();

 private:
  std::unique_ptr<kms::CredentialSource> source_;
  std::unique_ptr<kms::CachedCredentials> credentials_;
  std::unique_ptr<kms::KmsClient> client_;
};

}  // namespace shodan::tokenvault
