// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/auth/install_seal.h"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "libs/base/encoding.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;

constexpr std::string_view kKeyInfo = "shodan gateway install windows";
constexpr size_t kKeyBytes = 32;
constexpr size_t kSealedBytesMax = 2048;
constexpr size_t kMembers = 5;

json::string Text(std::string_view text) { return json::string(text.data(), text.size()); }

std::string TextAt(const json::array& members, size_t index) {
  const json::string* text = members[index].if_string();
  return text != nullptr ? std::string(text->data(), text->size()) : std::string();
}

}  // namespace

// Attempt cookies differ in their last part.
std::string InstallCookieName(std::string_view attempt_cookie_name) {
  const size_t dash = attempt_cookie_name.rfind('-');
  return Join(kInstallCookie, attempt_cookie_name.substr(dash));
}

std::string SubjectOf(std::string_view project_id, std::string_view user_id) {
  return Base64UrlEncode(Sha256(std::string_view(LengthPrefixed({project_id, user_id}))));
}

InstallSeal::InstallSeal(const Secret& key_material, Clock clock)
    : key_(HkdfSha256(key_material, "", kKeyInfo, kKeyBytes)), clock_(std::move(clock)) {}

std::string InstallSeal::Seal(const InstallWindow& window) const {
  const auto end = std::chrono::duration_cast<std::chrono::seconds>(
      (clock_() + kInstallLifetime).time_since_epoch());
  const json::array members{Text(window.project_id), Text(window.subject), Text(window.origin),
                            Text(window.attempt_id), end.count()};
  const std::string content = json::serialize(members);
  return Join(Base64UrlEncode(content), ".", Base64UrlEncode(HmacSha256(key_, content)));
}

std::optional<InstallWindow> InstallSeal::Open(std::string_view sealed) const {
  const size_t dot = sealed.find('.');
  if (sealed.size() > kSealedBytesMax || dot == std::string_view::npos) return std::nullopt;
  const std::optional<std::string> content = Base64UrlDecode(sealed.substr(0, dot));
  const std::optional<std::string> mac = Base64UrlDecode(sealed.substr(dot + 1));
  if (!content.has_value() || !mac.has_value() ||
      !ConstantTimeEquals(*mac, HmacSha256(key_, *content))) {
    return std::nullopt;
  }
  json::error_code error;
  const json::value value = json::parse(*content, error);
  const json::array* members = error ? nullptr : value.if_array();
  if (members == nullptr || members->size() != kMembers || !(*members)[4].is_int64()) {
    return std::nullopt;
  }
  const std::chrono::seconds end((*members)[4].get_int64());
  if (clock_() >= std::chrono::system_clock::time_point(end)) return std::nullopt;
  return InstallWindow{TextAt(*members, 0), TextAt(*members, 1), TextAt(*members, 2),
                       TextAt(*members, 3)};
}

}  // namespace shodan::gateway
