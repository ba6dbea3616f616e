// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/key_management.h"

#include "libs/base/strings.h"

namespace shodan::tokenvault {
namespace {

constexpr char kInstanceMetadata[] = "http://169.254.169.254";
constexpr char kPodIdentityAgent[] = "http://169.254.170.23/v1/credentials";

std::unique_ptr<kms::CredentialSource> MakeSource(HttpsClient& https,
                                                  const KeyManagementConfig& config) {
  if (config.source == "web_identity") {
    return std::make_unique<kms::WebIdentityCredentials>(
        https,
        kms::WebIdentityCredentials::Settings{config.url, config.role_arn, config.session_name,
                                              config.file, config.kms.ca_file});
  }
  if (config.source == "pod_identity") {
    return std::make_unique<kms::PodIdentityCredentials>(https, config.url, config.file);
  }
  if (config.source == "instance_metadata") {
    return std::make_unique<kms::InstanceMetadataCredentials>(https, config.url);
  }
  return std::make_unique<kms::FileCredentials>(config.file, config.profile);
}

void ReadCredentials(ConfigReader reader, KeyManagementConfig& config) {
  config.source =
      reader.Choice("source", {"file", "web_identity", "pod_identity", "instance_metadata"}, "");
  if (config.source == "file") {
    config.file = reader.String("file");
    config.profile = reader.String("profile", "default");
  } else if (config.source == "web_identity") {
    config.url =
        reader.String("sts_url", Join("https://sts.", config.kms.region, ".amazonaws.com/"));
    config.file = reader.String("token_file");
    config.role_arn = reader.String("role_arn");
    config.session_name = reader.String("session_name", "shodan-token-vault");
  } else if (config.source == "pod_identity") {
    config.url = reader.String("url", kPodIdentityAgent);
    config.file = reader.String("token_file");
  } else if (config.source == "instance_metadata") {
    config.url = reader.String("url", kInstanceMetadata);
  }
}

}  // namespace

KeyManagementConfig ReadKeyManagement(ConfigReader& reader, bool development) {
  KeyManagementConfig config;
  if (!reader.Has("kms")) return config;
  ConfigReader kms = reader.Object("kms");
  config.kms.region = kms.String("region");
  config.kms.endpoint =
      kms.String("endpoint", Join("https://kms.", config.kms.region, ".amazonaws.com"));
  config.kms.ca_file = kms.String("ca_file", "");
  config.kms.timeout =
      std::chrono::milliseconds(kms.Integer("timeout_ms", 100, 25'000, config.kms.timeout.count()));
  const bool local = development && config.kms.endpoint.starts_with("http://127.0.0.1:");
  if (!config.kms.endpoint.starts_with("https://") && !local) {
    kms.AddProblem("endpoint", "must begin with https://");
  }
  ReadCredentials(kms.Object("credentials"), config);
  return config;
}

boost::json::object DescribeKeyManagement(const KeyManagementConfig& config) {
  if (config.source.empty()) return {};
  return {{"region", config.kms.region},
          {"endpoint", config.kms.endpoint},
          {"credentials", config.source}};
}

KeyManagement::KeyManagement(HttpsClient& https, const KeyManagementConfig& config) {
  if (config.source.empty()) return;
  constexpr kms::Now kNow = &std::chrono::system_clock::now;
  source_ = MakeSource(https, config);
  credentials_ = std::make_unique<kms::CachedCredentials>(*source_, kNow);
  client_ = std::make_unique<kms::KmsClient>(https, *credentials_, config.kms, kNow);
}

KeyUnwrapper KeyManagement::Unwrapper() {
  if (client_ == nullptr) return {};
  return [client = client_.get()](const WrappedKey& key) {
    return client->Decrypt(key.kms_key_id, key.ciphertext,
                           {{"shodan", "key-ring"}, {key.name, std::to_string(key.id)}});
  };
}

}  // namespace shodan::tokenvault
