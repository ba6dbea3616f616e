// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/link_change.h"

#include <chrono>

#include "absl/strings/numbers.h"
#include "libs/base/encoding.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {
namespace {

constexpr size_t kCheckBytes = 12;
// Within what a Time can hold: the year 2255.
constexpr int64_t kMaxMicros = 9'000'000'000'000'000;

std::string CheckOf(std::string_view position, std::string_view project_id) {
  return Sha256(LengthPrefixed({"shodan.accountlink.watch.1", project_id, position}))
      .substr(0, kCheckBytes);
}

}  // namespace

// The check, the id, a point, and the time in microseconds since 1970.
std::string EncodeResumeToken(const ChangePosition& position, std::string_view project_id) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(
      position.change_time.time_since_epoch());
  const std::string text =
      Join(std::to_string(position.change_id), ".", std::to_string(micros.count()));
  return Base64UrlEncode(Join(CheckOf(text, project_id), text));
}

std::optional<ChangePosition> DecodeResumeToken(std::string_view text,
                                                std::string_view project_id) {
  if (text.size() > kMaxPageTokenBytes) return std::nullopt;
  const std::optional<std::string> bytes = Base64UrlDecode(text);
  if (!bytes.has_value() || bytes->size() <= kCheckBytes) return std::nullopt;
  const std::string_view position = std::string_view(*bytes).substr(kCheckBytes);
  if (!ConstantTimeEquals(std::string_view(*bytes).substr(0, kCheckBytes),
                          CheckOf(position, project_id))) {
    return std::nullopt;
  }
  const size_t point = position.find('.');
  int64_t id = 0;
  int64_t micros = 0;
  if (point == std::string_view::npos ||
      !absl::SimpleAtoi(ToAbsl(position.substr(0, point)), &id) ||
      !absl::SimpleAtoi(ToAbsl(position.substr(point + 1)), &micros) || id < 0 || micros < 0 ||
      micros > kMaxMicros) {
    return std::nullopt;
  }
  return ChangePosition{id, Time(std::chrono::microseconds(micros))};
}

}  // namespace shodan::account_link
