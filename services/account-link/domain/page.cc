// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/page.h"

#include <chrono>

#include "absl/strings/numbers.h"
#include "libs/base/encoding.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {
namespace {

constexpr size_t kCheckBytes = 12;
constexpr size_t kUuidCharacters = 36;
// Within what a Time can hold: the year 2255.
constexpr int64_t kMaxMicros = 9'000'000'000'000'000;

std::string CheckOf(std::string_view position, std::string_view list) {
  return Sha256(LengthPrefixed({"shodan.accountlink.page.1", list, position}))
      .substr(0, kCheckBytes);
}

}  // namespace

// The check, the id, and the time in microseconds since 1970.
std::string EncodePageToken(const PagePosition& position, std::string_view list) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(
      position.create_time.time_since_epoch());
  const std::string text = Join(position.id, std::to_string(micros.count()));
  return Base64UrlEncode(Join(CheckOf(text, list), text));
}

std::optional<PagePosition> DecodePageToken(std::string_view text, std::string_view list) {
  if (text.size() > kMaxPageTokenBytes) return std::nullopt;
  const std::optional<std::string> bytes = Base64UrlDecode(text);
  if (!bytes.has_value() || bytes->size() <= kCheckBytes + kUuidCharacters) return std::nullopt;
  const std::string_view position = std::string_view(*bytes).substr(kCheckBytes);
  if (!ConstantTimeEquals(std::string_view(*bytes).substr(0, kCheckBytes),
                          CheckOf(position, list))) {
    return std::nullopt;
  }
  int64_t micros = 0;
  std::string id(position.substr(0, kUuidCharacters));
  if (!IsUuid(id) || !absl::SimpleAtoi(ToAbsl(position.substr(kUuidCharacters)), &micros) ||
      micros < 0 || micros > kMaxMicros) {
    return std::nullopt;
  }
  return PagePosition{Time(std::chrono::microseconds(micros)), std::move(id)};
}

std::string ListName(std::string_view kind, const UserKey& owner,
                     std::initializer_list<std::string_view> filter) {
  return LengthPrefixed({kind, owner.project_id, owner.user_id, LengthPrefixed(filter)});
}

PageQuery CheckPage(const PageRequest& request, std::string_view list, RequestCheck& check) {
  PageQuery query;
  query.size = request.size == 0 ? kDefaultPageSize : request.size;
  if (query.size < 1 || query.size > kMaxPageSize) {
    check.Add("pageSize", "OUT_OF_RANGE", "must be 1 to 100");
  }
  if (!request.after.empty()) {
    query.after = DecodePageToken(request.after, list);
    if (!query.after.has_value()) {
      check.Add("pageToken", "MALFORMED",
                "must be the nextPageToken of the previous page of the same list");
    }
  }
  return query;
}

}  // namespace shodan::account_link
