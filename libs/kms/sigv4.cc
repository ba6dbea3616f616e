// SPDX-License-Identifier: Apache-2.0
#include "libs/kms/sigv4.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "absl/time/time.h"
#include "libs/base/encoding.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"

namespace shodan::kms {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kScopeEnd = "aws4_request";

bool IsUnreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

std::string PercentEncode(std::string_view text, std::string_view kept) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsUnreserved(c) || kept.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return out;
}

// Without dot segments and empty ones; a slash at the end stays.
std::string CanonicalPath(std::string_view path) {
  const bool slash_at_end = path.ends_with('/');
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment == ".." && !segments.empty()) segments.pop_back();
    if (!segment.empty() && segment != "." && segment != "..") segments.push_back(segment);
  }
  std::string out;
  for (const std::string_view segment : segments) out += Join("/", PercentEncode(segment, ""));
  return segments.empty() || slash_at_end ? out + "/" : out;
}

// Parameters are percent-encoded already; a name without a value gets an equals sign.
std::string CanonicalQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const size_t equals = std::min(parameter.find('='), parameter.size());
    const size_t value = std::min(equals + 1, parameter.size());
    parameters.emplace_back(PercentEncode(parameter.substr(0, equals), "%"),
                            PercentEncode(parameter.substr(value), "%"));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string out;
  for (const auto& [name, value] : parameters) {
    out += Join(out.empty() ? "" : "&", name, "=", value);
  }
  return out;
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Without white space at the ends, and with one space for each run inside.
std::string Collapse(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool space = c == ' ' || c == '\t';
    if (!space) out += c;
    if (space && !out.empty() && out.back() != ' ') out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

struct CanonicalHeaders {
  std::string lines;
  std::string names;
};

CanonicalHeaders Canonicalise(const SigV4Request& request, const SigV4Headers& ours) {
  std::map<std::string, std::string> headers;
  const auto add = [&](const std::string& name, std::string_view value) {
    const auto [entry, first] = headers.try_emplace(Lower(name), Collapse(value));
    if (!first) entry->second += Join(",", Collapse(value));
  };
  add("host", request.host);
  add("x-amz-date", ours.date);
  if (!ours.session_token.empty()) {
    add("x-amz-security-token", ours.session_token.Expose(SecretAccess::ForUpstreamRequest()));
  }
  for (const auto& [name, value] : request.headers) add(name, value);
  CanonicalHeaders out;
  for (const auto& [name, value] : headers) {
    out.lines += Join(name, ":", value, "\n");
    out.names += Join(out.names.empty() ? "" : ";", name);
  }
  return out;
}

Secret SigningKey(const Secret& secret_access_key, std::string_view day, std::string_view region,
                  std::string_view service) {
  std::string first = Join("AWS4", secret_access_key.Expose(SecretAccess::ForUpstreamRequest()));
  Secret key = Secret::Take(std::move(first));
  for (const std::string_view part : {day, region, service, kScopeEnd}) {
    key = Secret::Take(HmacSha256(key, part));
  }
  return key;
}

}  // namespace

SigV4Headers SignSigV4(const SigV4Request& request, const AwsCredentials& credentials,
                       std::string_view region, std::string_view service,
                       std::chrono::system_clock::time_point now) {
  SigV4Headers out;
  out.date = absl::FormatTime("%Y%m%dT%H%M%SZ", absl::FromChrono(now), absl::UTCTimeZone());
  out.session_token = credentials.session_token.Clone();
  const std::string day = out.date.substr(0, out.date.find('T'));
  CanonicalHeaders headers = Canonicalise(request, out);
  std::string canonical =
      Join(request.method, "\n", CanonicalPath(request.path), "\n", CanonicalQuery(request.query),
           "\n", headers.lines, "\n", headers.names, "\n", HexEncode(Sha256(request.body)));
  WipeString(headers.lines);
  const std::string scope = Join(day, "/", region, "/", service, "/", kScopeEnd);
  const std::string to_sign =
      Join(kAlgorithm, "\n", out.date, "\n", scope, "\n", HexEncode(Sha256(canonical)));
  WipeString(canonical);
  const std::string signature = HexEncode(
      HmacSha256(SigningKey(credentials.secret_access_key, day, region, service), to_sign));
  out.authorization = Secret(Join(kAlgorithm, " Credential=", credentials.access_key_id, "/", scope,
                                  ", SignedHeaders=", headers.names, ", Signature=", signature));
  return out;
}

}  // namespace shodan::kms
