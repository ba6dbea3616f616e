// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/secrets/secret.h"
#include "services/automation/domain/time.h"

namespace shodan::automation {

/// A new secret of an endpoint: "whsec_" and the Base64 of 32 random bytes.
Secret NewEndpointSecret();

/// One attempt to send a message.
struct Message {
  std::string id;
  Time time;              ///< of the attempt; whole seconds count
  std::string_view body;  ///< the bytes that are sent
};

/// The value of Standard Webhooks' header webhook-signature: for each secret "v1," and the Base64
/// of HMAC-SHA-256 over id, ".", seconds since 1970, "." and body, under the bytes that the
/// secret's Base64 stands for; separated by spaces. Every secret is one of NewEndpointSecret().
std::string StandardSignature(const std::vector<Secret>& secrets, const Message& message);

/// What @nangohq/node verifies in x-nango-hmac-sha256: lower-case hexadecimal HMAC-SHA-256 over the
/// body under the secret's text.
std::string NangoSignature(const Secret& secret, std::string_view body);

/// The header fields of an attempt. `secrets`: the present one first, then the one before while it
/// signs too. The field of Nango holds one signature alone: that of the oldest, which programs know
/// until the overlap ends.
std::vector<std::pair<std::string, Secret>> SignedHeaders(const std::vector<Secret>& secrets,
                                                          const Message& message);

}  // namespace shodan::automation
