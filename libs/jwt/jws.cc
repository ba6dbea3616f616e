// SPDX-License-Identifier: Apache-2.0
#include "libs/jwt/jws.h"

#include <optional>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/jwt/key_set_impl.h"

namespace shodan::jwt {
namespace {

constexpr size_t kTokenBytesMax = size_t{16} * 1024;

absl::Status Malformed(std::string_view what) { return Unauthenticated("TOKEN_MALFORMED", what); }

struct Parts {
  std::string_view signing_input;
  std::string_view payload;
  std::string_view signature;
  std::string_view header;
};

absl::StatusOr<Parts> Split(std::string_view token) {
  if (token.size() > kTokenBytesMax) return Malformed("The token is longer than 16 KiB.");
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return Malformed("The token is not a JWS in compact form.");
  }
  return Parts{token.substr(0, second), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, first)};
}

struct Header {
  Algorithm algorithm;
  std::optional<std::string> kid;
};

absl::StatusOr<Header> ParseHeader(std::string_view encoded) {
  const std::optional<std::string> text = Base64UrlDecode(encoded);
  if (!text.has_value()) return Malformed("The token's header is not base64url.");
  boost::json::error_code error;
  const boost::json::value document = boost::json::parse({text->data(), text->size()}, error);
  if (error || !document.is_object()) return Malformed("The token's header is not a JSON object.");
  const boost::json::object& header = document.get_object();
  // Extensions that must be understood are not, and a key must never come from the token itself.
  for (const char* refused : {"crit", "b64", "jwk", "jku", "x5c", "x5u"}) {
    if (header.contains(refused)) return Malformed("The token's header holds a refused parameter.");
  }
  const boost::json::value* alg = header.if_contains("alg");
  std::optional<Algorithm> algorithm;
  if (alg != nullptr && alg->is_string()) {
    algorithm = ParseAlgorithm({alg->get_string().data(), alg->get_string().size()});
  }
  if (!algorithm.has_value()) {
    return Malformed("The token's algorithm is none of RS256, ES256, EdDSA.");
  }
  Header result{*algorithm, std::nullopt};
  if (const boost::json::value* kid = header.if_contains("kid")) {
    if (!kid->is_string()) return Malformed("The token's kid is not a string.");
    result.kid = std::string(kid->get_string().data(), kid->get_string().size());
  }
  return result;
}

}  // namespace

absl::StatusOr<std::string> VerifyJws(std::string_view token, const KeySet& keys) {
  SHODAN_ASSIGN_OR_RETURN(const Parts parts, Split(token));
  SHODAN_ASSIGN_OR_RETURN(const Header header, ParseHeader(parts.header));
  std::optional<std::string> payload = Base64UrlDecode(parts.payload);
  const std::optional<std::string> signature = Base64UrlDecode(parts.signature);
  if (!payload.has_value() || !signature.has_value()) {
    return Malformed("The token's payload or signature is not base64url.");
  }
  bool candidate_seen = false;
  for (const PublicKey& key : keys.impl().keys) {
    if (header.kid.has_value() && key.kid != *header.kid) continue;
    if (key.algorithm != header.algorithm) continue;
    candidate_seen = true;
    if (VerifySignature(key, parts.signing_input, *signature)) return *std::move(payload);
  }
  if (!candidate_seen) {
    return Unauthenticated("TOKEN_KEY_UNKNOWN", "No trusted key fits the token.");
  }
  return Unauthenticated("TOKEN_SIGNATURE_INVALID", "The token's signature does not verify.");
}

}  // namespace shodan::jwt
