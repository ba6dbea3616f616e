// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/key_ring.h"

#include <utility>

#include <boost/json.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"

namespace shodan {
namespace {

namespace json = boost::json;

constexpr size_t kKeySize = 32;

absl::Status Invalid(std::string_view what) {
  return InvalidArgument("KEY_RING_INVALID", Join("The key ring file is invalid: ", what));
}

struct Entry {
  int32_t id = 0;
  std::string state;
  Secret key;
};

const json::string* Text(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_string();
}

absl::StatusOr<Secret> ParseKey(const json::object& object, std::string_view id_name, int32_t id,
                                const KeyUnwrapper& unwrap) {
  const json::string* wrapped = Text(object, "wrapped_key");
  std::optional<std::string> bytes =
      Base64Decode(std::string_view(*(wrapped != nullptr ? wrapped : Text(object, "key"))));
  if (wrapped == nullptr) {
    if (!bytes.has_value() || bytes->size() != kKeySize) {
      return Invalid("a key must be 32 bytes in base64.");
    }
    return Secret::Take(std::move(*bytes));
  }
  if (!bytes.has_value()) return Invalid("a wrapped_key is not base64.");
  if (unwrap == nullptr) return Invalid("it holds wrapped keys, and no kms is configured.");
  SHODAN_ASSIGN_OR_RETURN(
      Secret key, unwrap({std::string(id_name), id,
                          std::string(std::string_view(*Text(object, "kms_key_id"))), *bytes}));
  if (key.size() != kKeySize) return Invalid("a wrapped_key does not hold 32 bytes.");
  return key;
}

absl::StatusOr<Entry> ParseEntry(const json::value& value, std::string_view id_name,
                                 const KeyUnwrapper& unwrap) {
  const json::object* object = value.if_object();
  if (object == nullptr) return Invalid("an entry is not an object.");
  const json::value* id = object->if_contains(json::string_view(id_name.data(), id_name.size()));
  const json::string* state = Text(*object, "state");
  const bool plain = object->size() == 3 && Text(*object, "key") != nullptr;
  const bool wrapped = object->size() == 4 && Text(*object, "wrapped_key") != nullptr &&
                       Text(*object, "kms_key_id") != nullptr;
  if (id == nullptr || !id->is_int64() || state == nullptr || (!plain && !wrapped)) {
    return Invalid(Join("an entry needs exactly ", id_name,
                        ", state and key, or wrapped_key and kms_key_id instead of key."));
  }
  if (id->get_int64() < 1 || id->get_int64() > 1'000'000) {
    return Invalid(Join(id_name, " must be from 1 to 1000000."));
  }
  Entry entry;
  entry.id = static_cast<int32_t>(id->get_int64());
  entry.state = std::string(std::string_view(*state));
  SHODAN_ASSIGN_OR_RETURN(entry.key, ParseKey(*object, id_name, entry.id, unwrap));
  return entry;
}

const json::array* Array(const json::object& root, const char* name) {
  const json::value* value = root.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

}  // namespace

absl::StatusOr<KeyRing> KeyRing::Parse(const Secret& text, const KeyUnwrapper& unwrap) {
  boost::system::error_code error;
  const json::value document = json::parse(text.Expose(SecretAccess::ForEncryption()), error);
  if (error || !document.is_object()) return Invalid("it is not a JSON object.");
  const json::object& root = document.get_object();
  const json::value* format = root.if_contains("format");
  if (format == nullptr || !format->is_int64() || format->get_int64() != 1) {
    return Invalid("format must be 1.");
  }
  const json::array* epochs = Array(root, "epochs");
  const json::array* tag_keys = Array(root, "tag_keys");
  if (epochs == nullptr || tag_keys == nullptr || root.size() != 3) {
    return Invalid("it needs exactly format, epochs and tag_keys.");
  }
  KeyRing ring;
  for (const json::value& value : *epochs) {
    SHODAN_ASSIGN_OR_RETURN(Entry entry, ParseEntry(value, "key_epoch", unwrap));
    if (entry.state == "primary") {
      if (ring.primary_epoch_ != 0) return Invalid("more than one epoch is primary.");
      ring.primary_epoch_ = entry.id;
    } else if (entry.state != "readable") {
      return Invalid("an epoch's state must be primary or readable.");
    }
    if (!ring.epochs_.emplace(entry.id, std::move(entry.key)).second) {
      return Invalid("a key_epoch occurs twice.");
    }
  }
  if (ring.primary_epoch_ == 0) return Invalid("no epoch is primary.");
  for (const json::value& value : *tag_keys) {
    SHODAN_ASSIGN_OR_RETURN(Entry entry, ParseEntry(value, "tag_version", unwrap));
    if (entry.state == "current" && ring.current_tag_version_ == 0) {
      ring.current_tag_version_ = entry.id;
    } else if (entry.state == "next" && !ring.next_tag_version_.has_value()) {
      ring.next_tag_version_ = entry.id;
    } else {
      return Invalid("tag keys need one current and at most one next.");
    }
    if (!ring.tag_keys_.emplace(entry.id, std::move(entry.key)).second) {
      return Invalid("a tag_version occurs twice.");
    }
  }
  if (ring.current_tag_version_ == 0) return Invalid("no tag key is current.");
  return ring;
}

KeyRing KeyRing::OfOneKey(Secret key) {
  KeyRing ring;
  ring.primary_epoch_ = 1;
  ring.epochs_.emplace(ring.primary_epoch_, std::move(key));
  return ring;
}

KeyRing KeyRing::WithPrimary(int32_t key_epoch) const {
  KeyRing ring;
  for (const auto& [id, key] : epochs_) ring.epochs_.emplace(id, key.Clone());
  for (const auto& [id, key] : tag_keys_) ring.tag_keys_.emplace(id, key.Clone());
  ring.primary_epoch_ = key_epoch;
  ring.current_tag_version_ = current_tag_version_;
  ring.next_tag_version_ = next_tag_version_;
  return ring;
}

KeyRing KeyRing::WithTags(int32_t current, std::optional<int32_t> next) const {
  KeyRing ring = WithPrimary(primary_epoch_);
  ring.current_tag_version_ = current;
  ring.next_tag_version_ = next;
  return ring;
}

const Secret* KeyRing::EpochKey(int32_t key_epoch) const {
  const auto found = epochs_.find(key_epoch);
  return found == epochs_.end() ? nullptr : &found->second;
}

std::string KeyRing::Fingerprint(int32_t key_epoch) const {
  const Secret* key = EpochKey(key_epoch);
  if (key == nullptr) return "";
  return HexEncode(HmacSha256(*key, "shodan key epoch fingerprint")).substr(0, 16);
}

std::string KeyRing::TagFingerprint(int32_t tag_version) const {
  const auto found = tag_keys_.find(tag_version);
  if (found == tag_keys_.end()) return "";
  return HexEncode(HmacSha256(found->second, "shodan tag key fingerprint")).substr(0, 16);
}

std::string KeyRing::Tag(int32_t tag_version, std::string_view encoded_parts) const {
  return HmacSha256(tag_keys_.at(tag_version), encoded_parts);
}

}  // namespace shodan
