// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "libs/secrets/secret.h"

namespace shodan::tokenvault {

/// What Zoom signs of a webhook: the header's text and the bytes of the body, both as they came.
struct SignedWebhook {
  std::string_view timestamp;  ///< x-zm-request-timestamp
  std::string_view signature;  ///< x-zm-signature
  std::string_view body;       ///< raw: a body that was parsed and written again has other bytes
};

/// True when the signature is "v0=" and the lower-case hexadecimal HMAC-SHA-256, under `secret`, of
/// "v0:", timestamp, ":" and body. Constant time in the content; an empty secret fits nothing.
bool SignatureFits(const Secret& secret, const SignedWebhook& webhook);

/// What is answered to Zoom's check that an address belongs to the app.
struct ChallengeAnswer {
  std::string plain_token;
  std::string encrypted_token;  ///< lower-case hexadecimal HMAC-SHA-256 of the plain token
};

/// Whether a body asks for a check of the address, and with what.
struct Challenge {
  std::string plain_token;  ///< empty when the body has none of the allowed form
};

/// The challenge in the body of an "endpoint.url_validation" event; nullopt for every other body.
///
/// Whoever may have any text encrypted could have "v0:<time>:<body>" encrypted, which is an event's
/// signature. So the plain token is 1 to 64 of [A-Za-z0-9_-]: no colon, nothing that begins one.
std::optional<Challenge> ReadChallenge(std::string_view body);

/// `plain_token` is of the allowed form.
ChallengeAnswer AnswerChallenge(const Secret& secret, const std::string& plain_token);

}  // namespace shodan::tokenvault
