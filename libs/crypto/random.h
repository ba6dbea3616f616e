// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "libs/secrets/secret.h"

namespace shodan {

/// Bytes from OpenSSL's CSPRNG. The process ends if the system has no entropy: nothing that depends
/// on unpredictability may go on without it. Thread-safe.
std::string RandomBytes(size_t size);
Secret RandomSecret(size_t size);
/// `size` random bytes as base64url text; 32 bytes give 43 characters.
Secret RandomToken(size_t size = 32);
/// A random UUID (RFC 4122 version 4), lower case.
std::string RandomUuid();
/// True for the canonical lower-case form of any UUID.
bool IsUuid(const std::string& text);

}  // namespace shodan
