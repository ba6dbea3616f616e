// SPDX-License-Identifier: Apache-2.0
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/jwt/key_set_impl.h"

namespace shodan::jwt {
namespace {

constexpr size_t kDocumentBytesMax = size_t{256} * 1024;
constexpr size_t kKeysMax = 100;

absl::Status Invalid(std::string_view what) {
  return InvalidArgument("JWKS_INVALID", Join("The JSON Web Key Set ", what));
}

// A set with a private or symmetric member has leaked its secret; nothing signed by it proves
// anything.
bool HoldsPrivateMember(const boost::json::object& jwk) {
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    if (jwk.contains(member)) return true;
  }
  return false;
}

}  // namespace

KeySet::KeySet(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

absl::StatusOr<KeySet> KeySet::Parse(std::string_view json) {
  if (json.size() > kDocumentBytesMax) return Invalid("is longer than 256 KiB.");
  boost::json::error_code error;
  const boost::json::value document = boost::json::parse({json.data(), json.size()}, error);
  if (error || !document.is_object()) return Invalid("is not a JSON object.");
  const boost::json::value* keys = document.get_object().if_contains("keys");
  if (keys == nullptr || !keys->is_array()) return Invalid("has no list named keys.");
  if (keys->get_array().size() > kKeysMax) return Invalid("holds more than 100 keys.");
  auto impl = std::make_shared<Impl>();
  for (const boost::json::value& entry : keys->get_array()) {
    if (!entry.is_object()) return Invalid("holds a key that is not an object.");
    if (HoldsPrivateMember(entry.get_object())) {
      return Invalid("holds private key material; publish only the public members.");
    }
    if (auto key = ParseVerificationKey(entry.get_object())) impl->keys.push_back(*std::move(key));
  }
  return KeySet(std::move(impl));
}

size_t KeySet::size() const { return impl_->keys.size(); }

bool KeySet::HasKey(std::string_view kid) const {
  for (const PublicKey& key : impl_->keys) {
    if (key.kid == kid) return true;
  }
  return false;
}

}  // namespace shodan::jwt
