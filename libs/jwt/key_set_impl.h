// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "libs/jwt/jwk.h"
#include "libs/jwt/jws.h"

namespace shodan::jwt {

struct KeySet::Impl {
  std::vector<PublicKey> keys;
};

}  // namespace shodan::jwt
