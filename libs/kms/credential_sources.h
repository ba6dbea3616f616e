// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "libs/https_client/https_client.h"
#include "libs/kms/aws_credentials.h"

namespace shodan::kms {

/// A profile of a shared credentials file (AWS SDKs and Tools Reference Guide, "Shared config and
/// credentials files"), read at each call.
class FileCredentials : public CredentialSource {
 public:
  FileCredentials(std::string file, std::string profile)
      : file_(std::move(file)), profile_(std::move(profile)) {}
  absl::StatusOr<ExpiringCredentials> Get() override;

 private:
  const std::string file_;
  const std::string profile_;
};

/// AssumeRoleWithWebIdentity of the Security Token Service: IAM roles for service accounts.
class WebIdentityCredentials : public CredentialSource {
 public:
  struct Settings {
    std::string sts_url;  ///< https://sts.REGION.amazonaws.com/
    std::string role_arn;
    std::string session_name;
    std::string token_file;  ///< read at each call: the kubelet replaces it
    std::string ca_file;
  };
  /// `https` outlives this.
  WebIdentityCredentials(HttpsClient& https, Settings settings)
      : https_(https), settings_(std::move(settings)) {}
  absl::StatusOr<ExpiringCredentials> Get() override;

 private:
  HttpsClient& https_;
  const Settings settings_;
};

/// The EKS Pod Identity agent.
class PodIdentityCredentials : public CredentialSource {
 public:
  /// `url` is AWS_CONTAINER_CREDENTIALS_FULL_URI, `token_file`
  /// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE.
  PodIdentityCredentials(HttpsClient& https, std::string url, std::string token_file)
      : https_(https), url_(std::move(url)), token_file_(std::move(token_file)) {}
  absl::StatusOr<ExpiringCredentials> Get() override;

 private:
  HttpsClient& https_;
  const std::string url_;
  const std::string token_file_;
};

/// The instance metadata service, version 2 (a session token first, then the role's credentials).
class InstanceMetadataCredentials : public CredentialSource {
 public:
  /// `base_url` without a slash at the end, http://169.254.169.254 on an instance.
  InstanceMetadataCredentials(HttpsClient& https, std::string base_url)
      : https_(https), base_url_(std::move(base_url)) {}
  absl::StatusOr<ExpiringCredentials> Get() override;

 private:
  HttpsClient& https_;
  const std::string base_url_;
};

}  // namespace shodan::kms
