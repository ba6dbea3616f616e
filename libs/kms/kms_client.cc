// SPDX-License-Identifier: Apache-2.0
#include "libs/kms/kms_client.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <boost/json.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan::kms {
namespace {

namespace json = boost::json;

constexpr size_t kAnswerSizeMax = 64 << 10;
constexpr char kContentType[] = "application/x-amz-json-1.1";

absl::Status Away() {
  return Unavailable("KMS_UNAVAILABLE", "The key management service does not answer now.");
}

json::object Contextual(const EncryptionContext& context) {
  json::object object;
  for (const auto& [name, value] : context) object.emplace(name, value);
  return object;
}

Secret Serialize(const json::object& object) { return Secret::Take(json::serialize(object)); }

// The error's type, without a namespace before it or an address after it.
std::string TypeOf(const json::value& document) {
  const json::object* object = document.if_object();
  const json::value* type = object == nullptr ? nullptr : object->if_contains("__type");
  if (type == nullptr || !type->is_string()) return "";
  std::string text(std::string_view(type->get_string()));
  if (const size_t hash = text.rfind('#'); hash != std::string::npos) text.erase(0, hash + 1);
  text.resize(std::min(text.find(':'), text.size()));
  return text;
}

bool IsPassing(int status, const std::string& type) {
  static const std::set<std::string> passing = {"ThrottlingException", "LimitExceededException",
                                                "DependencyTimeoutException",
                                                "KMSInternalException", "KeyUnavailableException"};
  return status >= 500 || status == 429 || passing.contains(type);
}

bool IsStaleCredential(const std::string& type) {
  return type == "ExpiredTokenException" || type == "UnrecognizedClientException" ||
         type == "InvalidClientTokenId";
}

absl::StatusOr<std::string> BytesOf(const Secret& answer, const char* name) {
  boost::system::error_code error;
  const json::value document = json::parse(answer.Expose(SecretAccess::ForEncryption()), error);
  const json::object* object = error ? nullptr : document.if_object();
  const json::value* value = object == nullptr ? nullptr : object->if_contains(name);
  if (value == nullptr || !value->is_string()) return Away();
  std::optional<std::string> bytes = Base64Decode(std::string_view(value->get_string()));
  if (!bytes.has_value()) return Away();
  return *std::move(bytes);
}

}  // namespace

KmsClient::KmsClient(HttpsClient& https, CachedCredentials& credentials, KmsSettings settings,
                     Now now)
    : https_(https), credentials_(credentials), settings_(std::move(settings)), now_(now) {}

absl::StatusOr<Secret> KmsClient::Call(const std::string& operation, Secret body) {
  SHODAN_ASSIGN_OR_RETURN(const AwsCredentials credentials, credentials_.Get());
  const std::string target = "TrentService." + operation;
  SigV4Request signed_request;
  signed_request.method = "POST";
  signed_request.host = settings_.endpoint.substr(settings_.endpoint.find("://") + 3);
  signed_request.headers = {{"Content-Type", kContentType}, {"X-Amz-Target", target}};
  signed_request.body = body.Expose(SecretAccess::ForUpstreamRequest());
  SigV4Headers signature = SignSigV4(signed_request, credentials, settings_.region, "kms", now_());
  HttpsRequest request;
  request.method = "POST";
  request.url = settings_.endpoint + "/";
  request.ca_file = settings_.ca_file;
  request.timeout = settings_.timeout;
  request.answer_bytes_max = kAnswerSizeMax;
  request.headers.emplace_back("Content-Type", Secret(kContentType));
  request.headers.emplace_back("X-Amz-Target", Secret(target));
  request.headers.emplace_back("X-Amz-Date", Secret(signature.date));
  request.headers.emplace_back("Authorization", std::move(signature.authorization));
  if (!signature.session_token.empty()) {
    request.headers.emplace_back("X-Amz-Security-Token", std::move(signature.session_token));
  }
  request.body = std::move(body);
  HttpsOutcome outcome = https_.Send(request);
  if (!outcome.error.ok()) return Away();
  if (outcome.status == 200) return std::move(outcome.body);
  boost::system::error_code error;
  const json::value document =
      json::parse(outcome.body.Expose(SecretAccess::ForUpstreamRequest()), error);
  const std::string type = error ? "" : TypeOf(document);
  if (IsStaleCredential(type)) credentials_.Forget();
  if (IsPassing(outcome.status, type)) return Away();
  return MakeError(absl::StatusCode::kFailedPrecondition, "KMS_REFUSED",
                   Join("The key management service refused: ", type,
                        ". Check key id, permissions and the key-ring file."),
                   {{"type", type}});
}

absl::StatusOr<std::string> KmsClient::Encrypt(const std::string& key_id, const Secret& plaintext,
                                               const EncryptionContext& context) {
  const json::object request = {
      {"KeyId", key_id},
      {"Plaintext", Base64Encode(plaintext.Expose(SecretAccess::ForEncryption()))},
      {"EncryptionContext", Contextual(context)}};
  SHODAN_ASSIGN_OR_RETURN(const Secret answer, Call("Encrypt", Serialize(request)));
  return BytesOf(answer, "CiphertextBlob");
}

absl::StatusOr<Secret> KmsClient::Decrypt(const std::string& key_id, const std::string& ciphertext,
                                          const EncryptionContext& context) {
  const json::object request = {{"KeyId", key_id},
                                {"CiphertextBlob", Base64Encode(ciphertext)},
                                {"EncryptionContext", Contextual(context)}};
  SHODAN_ASSIGN_OR_RETURN(const Secret answer, Call("Decrypt", Serialize(request)));
  SHODAN_ASSIGN_OR_RETURN(std::string plaintext, BytesOf(answer, "Plaintext"));
  return Secret::Take(std::move(plaintext));
}

absl::StatusOr<DataKey> KmsClient::GenerateDataKey(const std::string& key_id,
                                                   const EncryptionContext& context) {
  const json::object request = {
      {"KeyId", key_id}, {"KeySpec", "AES_256"}, {"EncryptionContext", Contextual(context)}};
  SHODAN_ASSIGN_OR_RETURN(const Secret answer, Call("GenerateDataKey", Serialize(request)));
  DataKey key;
  SHODAN_ASSIGN_OR_RETURN(std::string plaintext, BytesOf(answer, "Plaintext"));
  key.plaintext = Secret::Take(std::move(plaintext));
  SHODAN_ASSIGN_OR_RETURN(key.ciphertext, BytesOf(answer, "CiphertextBlob"));
  return key;
}

}  // namespace shodan::kms
