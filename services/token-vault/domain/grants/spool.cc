// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/spool.h"

#include <charconv>
#include <optional>

#include <boost/json.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/crypto/aes_gcm.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"

namespace shodan::tokenvault {
namespace {

namespace json = boost::json;

constexpr std::string_view kSuffix = ".spool";
constexpr std::string_view kPurpose = "shodan refresh spool 1";
constexpr size_t kSaltBytes = 32;
constexpr size_t kKeyBytes = 32;
constexpr size_t kNonceBytes = 12;
constexpr size_t kUuidBytes = 36;

absl::Status Corrupt() {
  return MakeError(absl::StatusCode::kDataLoss, "SPOOL_FILE_CORRUPT",
                   "A spool file cannot be read.");
}

// "<link id>.<generation>.<token version>.spool": ids of ours and numbers.
std::string NameOf(const TokenKey& token) {
  return token.link_id + "." + std::to_string(token.generation) + "." +
         std::to_string(token.token_version) + std::string(kSuffix);
}

std::optional<int64_t> ReadNumber(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<TokenKey> TokenNamed(std::string_view name) {
  if (!name.ends_with(kSuffix) || name.size() < kUuidBytes + kSuffix.size()) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  TokenKey token;
  token.link_id = std::string(name.substr(0, kUuidBytes));
  const std::string_view numbers = name.substr(kUuidBytes);
  const size_t dot = numbers.find('.', 1);
  if (!IsUuid(token.link_id) || numbers.empty() || numbers[0] != '.' ||
      dot == std::string_view::npos) {
    return std::nullopt;
  }
  const std::optional<int64_t> generation = ReadNumber(numbers.substr(1, dot - 1));
  const std::optional<int64_t> version = ReadNumber(numbers.substr(dot + 1));
  if (!generation.has_value() || !version.has_value()) return std::nullopt;
  token.generation = *generation;
  token.token_version = *version;
  return token;
}

struct FileKey {
  Secret key;
  std::string nonce;
};

// The salt makes each file's key its own, so the nonce may be derived with it.
FileKey DeriveKey(const Secret& intent_secret, std::string_view salt) {
  const Secret derived = HkdfSha256(intent_secret, salt, kPurpose, kKeyBytes + kNonceBytes);
  const std::string_view bytes = derived.Expose(SecretAccess::ForEncryption());
  return {Secret(bytes.substr(0, kKeyBytes)), std::string(bytes.substr(kKeyBytes))};
}

int64_t Microseconds(Time time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

std::string Encode(const SpooledRefresh& refresh) {
  return json::serialize(
      json::object{{"access_token", Base64Encode(refresh.tokens.sealed_access_token)},
                   {"refresh_token", Base64Encode(refresh.tokens.sealed_refresh_token)},
                   {"scope", refresh.tokens.scope},
                   {"expires_in_s", refresh.tokens.expires_in.count()},
                   {"key_epoch", refresh.tokens.key_epoch},
                   {"asked_at_us", Microseconds(refresh.asked_at)},
                   {"write_id", refresh.write_id}});
}

absl::StatusOr<SpooledRefresh> Decode(const TokenKey& token, const Secret& encoded) {
  boost::system::error_code error;
  const json::value value = json::parse(encoded.Expose(SecretAccess::ForEncryption()), error);
  if (error || !value.is_object()) return Corrupt();
  const json::object& object = value.get_object();
  const auto text = [&](const char* key) -> std::optional<std::string> {
    const json::value* field = object.if_contains(key);
    if (field == nullptr || !field->is_string()) return std::nullopt;
    return std::string(std::string_view(field->get_string()));
  };
  const auto number = [&](const char* key) -> std::optional<int64_t> {
    const json::value* field = object.if_contains(key);
    if (field == nullptr || !field->is_int64()) return std::nullopt;
    return field->get_int64();
  };
  const auto access_token = Base64Decode(text("access_token").value_or("!"));
  const auto refresh_token = Base64Decode(text("refresh_token").value_or("!"));
  const auto scope = text("scope");
  const auto write_id = text("write_id");
  const auto expires_in = number("expires_in_s");
  const auto key_epoch = number("key_epoch");
  const auto asked_at = number("asked_at_us");
  if (!access_token || !refresh_token || !scope || !write_id || !expires_in || !key_epoch ||
      !asked_at) {
    return Corrupt();
  }
  SpooledRefresh refresh;
  refresh.token = token;
  refresh.tokens = {*access_token, *refresh_token, *scope, std::chrono::seconds(*expires_in),
                    static_cast<int32_t>(*key_epoch)};
  refresh.asked_at = Time(std::chrono::microseconds(*asked_at));
  refresh.write_id = *write_id;
  return refresh;
}

}  // namespace

absl::Status Spool::Keep(const SpooledRefresh& refresh, const Secret& intent_secret) {
  const std::string name = NameOf(refresh.token);
  const std::string salt = RandomBytes(kSaltBytes);
  const FileKey key = DeriveKey(intent_secret, salt);
  SHODAN_RETURN_IF_ERROR(
      files_.Write(name, salt + AesGcmEncrypt(key.key, key.nonce, name, Encode(refresh))));
  metrics_.Count("shodan_vault_spooled_total", "Refreshed tokens put into the spool.");
  return absl::OkStatus();
}

void Spool::Forget(const TokenKey& token) {
  const absl::Status removed = files_.Remove(NameOf(token));
  // Left behind, the file is unreadable: its secret is gone from the row. The next replay tries
  // again.
  if (!removed.ok()) {
    log_.Warning("spool file could not be removed", {{"link_id", token.link_id}});
  }
}

absl::Status Spool::Replay(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.List());
  for (const std::string& name : names) {
    const absl::Status replayed = ReplayOne(name, deadline);
    if (absl::IsUnavailable(replayed) || absl::IsDeadlineExceeded(replayed) ||
        absl::IsAborted(replayed)) {
      return replayed;
    }
    const bool stored = replayed.ok();
    metrics_.Count("shodan_vault_spool_replayed_total", "Spool files dealt with, by result.",
                   {{"result", stored ? "stored" : "useless"}});
    log_.Info("spool file dealt with", {{"file", name}, {"reason", ReasonOf(replayed)}});
    SHODAN_RETURN_IF_ERROR(files_.Remove(name));
  }
  return absl::OkStatus();
}

absl::Status Spool::ReplayOne(const std::string& name, Deadline deadline) {
  const std::optional<TokenKey> token = TokenNamed(name);
  if (!token.has_value()) return Corrupt();
  SHODAN_ASSIGN_OR_RETURN(const std::optional<Secret> intent_secret,
                          grants_.FindIntentSecret(*token, deadline));
  if (!intent_secret.has_value()) {
    return FailedPrecondition("SPOOL_FILE_OUTDATED", "The grant has gone on without it.");
  }
  SHODAN_ASSIGN_OR_RETURN(const std::string content, files_.Read(name));
  if (content.size() <= kSaltBytes) return Corrupt();
  const FileKey key = DeriveKey(*intent_secret, std::string_view(content).substr(0, kSaltBytes));
  SHODAN_ASSIGN_OR_RETURN(
      const Secret encoded,
      AesGcmDecrypt(key.key, key.nonce, name, std::string_view(content).substr(kSaltBytes)));
  SHODAN_ASSIGN_OR_RETURN(const SpooledRefresh refresh, Decode(*token, encoded));
  return grants_
      .StoreRefresh(refresh.token, refresh.tokens, refresh.asked_at, refresh.write_id, deadline)
      .status();
}

}  // namespace shodan::tokenvault
