// SPDX-License-Identifier: Apache-2.0
#include "libs/kms/credential_sources.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <string_view>

#include <boost/json.hpp>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan::kms {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kTimeout{5'000};
constexpr size_t kFileSizeMax = 64 << 10;

absl::Status Failed(std::string_view what) {
  return Unavailable("AWS_CREDENTIALS_UNAVAILABLE", Join("No AWS credentials: ", what));
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

absl::StatusOr<Secret> ReadSecretFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kFileSizeMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  const std::string_view content =
      Trim(std::string_view(text).substr(0, static_cast<size_t>(file.gcount())));
  Secret secret(content);
  WipeString(text);
  if (secret.empty()) return Failed("a configured file is missing or empty.");
  return secret;
}

absl::StatusOr<Secret> Send(HttpsClient& https, HttpsRequest request) {
  request.timeout = kTimeout;
  request.answer_bytes_max = kFileSizeMax;
  HttpsOutcome outcome = https.Send(request);
  if (!outcome.error.ok()) return Failed("their source cannot be reached.");
  if (outcome.status != 200) {
    return Failed(Join("their source answered with status ", std::to_string(outcome.status), "."));
  }
  return std::move(outcome.body);
}

absl::StatusOr<ExpiringCredentials> Assemble(std::string_view id, std::string_view key,
                                             std::string_view token, std::string_view expiration) {
  absl::Time expires_at;
  if (id.empty() || key.empty() || token.empty() ||
      !absl::ParseTime(absl::RFC3339_full, ToAbsl(expiration), &expires_at, nullptr)) {
    return Failed("their source did not answer with temporary credentials.");
  }
  return ExpiringCredentials{{std::string(id), Secret(key), Secret(token)},
                             absl::ToChronoTime(expires_at)};
}

// The document of both the Pod Identity agent and the instance metadata.
absl::StatusOr<ExpiringCredentials> ParseDocument(const Secret& body) {
  boost::system::error_code error;
  const json::value document = json::parse(body.Expose(SecretAccess::ForUpstreamRequest()), error);
  const json::object* object = error ? nullptr : document.if_object();
  const auto member = [&](const char* name) -> std::string_view {
    const json::value* value = object == nullptr ? nullptr : object->if_contains(name);
    return value == nullptr || !value->is_string() ? "" : std::string_view(value->get_string());
  };
  return Assemble(member("AccessKeyId"), member("SecretAccessKey"), member("Token"),
                  member("Expiration"));
}

// The text of the first element of that name. The four values hold no markup.
std::string_view Element(std::string_view xml, const std::string& name) {
  const std::string open = "<" + name + ">";
  const size_t begin = xml.find(open);
  const size_t end = xml.find("</" + name + ">");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return "";
  return xml.substr(begin + open.size(), end - begin - open.size());
}

std::string FormEncode(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.') {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return out;
}

}  // namespace

absl::StatusOr<ExpiringCredentials> FileCredentials::Get() {
  SHODAN_ASSIGN_OR_RETURN(const Secret content, ReadSecretFile(file_));
  std::string_view rest = content.Expose(SecretAccess::ForUpstreamRequest());
  ExpiringCredentials found;
  bool in_profile = false;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = Trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with('[')) in_profile = line == Join("[", profile_, "]");
    const size_t equals = line.find('=');
    if (!in_profile || line.starts_with('#') || equals == std::string_view::npos) continue;
    const std::string_view name = Trim(line.substr(0, equals));
    const std::string_view value = Trim(line.substr(equals + 1));
    if (name == "aws_access_key_id") found.credentials.access_key_id = value;
    if (name == "aws_secret_access_key") found.credentials.secret_access_key = Secret(value);
    if (name == "aws_session_token") found.credentials.session_token = Secret(value);
  }
  if (found.credentials.access_key_id.empty() || found.credentials.secret_access_key.empty()) {
    return Failed("the credentials file lacks the profile, its key id or its secret key.");
  }
  return found;
}

absl::StatusOr<ExpiringCredentials> WebIdentityCredentials::Get() {
  SHODAN_ASSIGN_OR_RETURN(const Secret token, ReadSecretFile(settings_.token_file));
  HttpsRequest request;
  request.method = "POST";
  request.url = settings_.sts_url;
  request.ca_file = settings_.ca_file;
  request.headers.emplace_back("Content-Type", Secret("application/x-www-form-urlencoded"));
  request.body = Secret::Take(
      Join("Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=",
           FormEncode(settings_.role_arn), "&RoleSessionName=", FormEncode(settings_.session_name),
           "&WebIdentityToken=", FormEncode(token.Expose(SecretAccess::ForUpstreamRequest()))));
  SHODAN_ASSIGN_OR_RETURN(const Secret body, Send(https_, std::move(request)));
  const std::string_view xml = body.Expose(SecretAccess::ForUpstreamRequest());
  return Assemble(Element(xml, "AccessKeyId"), Element(xml, "SecretAccessKey"),
                  Element(xml, "SessionToken"), Element(xml, "Expiration"));
}

absl::StatusOr<ExpiringCredentials> PodIdentityCredentials::Get() {
  SHODAN_ASSIGN_OR_RETURN(Secret token, ReadSecretFile(token_file_));
  HttpsRequest request;
  request.url = url_;
  request.headers.emplace_back("Authorization", std::move(token));
  SHODAN_ASSIGN_OR_RETURN(const Secret body, Send(https_, std::move(request)));
  return ParseDocument(body);
}

absl::StatusOr<ExpiringCredentials> InstanceMetadataCredentials::Get() {
  HttpsRequest session;
  session.method = "PUT";
  session.url = base_url_ + "/latest/api/token";
  session.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", Secret("60"));
  SHODAN_ASSIGN_OR_RETURN(const Secret token, Send(https_, std::move(session)));
  const auto get = [&](const std::string& path) {
    HttpsRequest request;
    request.url = base_url_ + "/latest/meta-data/iam/security-credentials/" + path;
    request.headers.emplace_back("X-aws-ec2-metadata-token", token.Clone());
    return Send(https_, std::move(request));
  };
  SHODAN_ASSIGN_OR_RETURN(const Secret roles, get(""));
  const std::string_view listed = Trim(roles.Expose(SecretAccess::ForUpstreamRequest()));
  const std::string role(listed.substr(0, listed.find('\n')));
  if (role.empty()) return Failed("the instance has no role.");
  SHODAN_ASSIGN_OR_RETURN(const Secret body, get(role));
  return ParseDocument(body);
}

}  // namespace shodan::kms
