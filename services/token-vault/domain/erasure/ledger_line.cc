// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/erasure/ledger_line.h"

#include <chrono>
#include <optional>

#include <boost/json.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "services/token-vault/domain/names.h"

namespace shodan::tokenvault {
namespace {

namespace json = boost::json;

constexpr int64_t kFormat = 1;
constexpr size_t kChecksumBytes = 8;
constexpr size_t kChecksumDigits = 2 * kChecksumBytes;

absl::Status Corrupt() {
  return MakeError(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT",
                   "A line of the erasure ledger cannot be read.");
}

std::string Checksum(const std::string& writer, std::string_view text) {
  return HexEncode(Sha256(Join(writer, " ", text)).substr(0, kChecksumBytes));
}

json::string Text(std::string_view text) { return json::string({text.data(), text.size()}); }

std::optional<std::string> TextOf(const json::object& object, const char* key) {
  const json::value* field = object.if_contains(key);
  if (field == nullptr || !field->is_string()) return std::nullopt;
  return std::string(std::string_view(field->get_string()));
}

std::optional<int64_t> NumberOf(const json::object& object, const char* key) {
  const json::value* field = object.if_contains(key);
  if (field == nullptr || !field->is_int64() || field->get_int64() < 0) return std::nullopt;
  return field->get_int64();
}

}  // namespace

std::string EncodeLedgerLine(const std::string& writer, const LedgerLine& line) {
  const EndedLife& life = line.life;
  const auto erased_at =
      std::chrono::duration_cast<std::chrono::microseconds>(life.erased_at.time_since_epoch());
  const std::string text = json::serialize(json::object{{"format", kFormat},
                                                        {"sequence", line.sequence},
                                                        {"link_id", Text(life.link_id)},
                                                        {"generation", life.generation},
                                                        {"project_id", Text(life.project_id)},
                                                        {"user_id", Text(life.user_id)},
                                                        {"decision_id", Text(life.decision_id)},
                                                        {"cause", Text(NameOf(life.cause))},
                                                        {"erased_at_us", erased_at.count()},
                                                        {"event_id", life.event_id}});
  return Join(Checksum(writer, text), " ", text, "\n");
}

absl::StatusOr<LedgerLine> DecodeLedgerLine(const std::string& writer, std::string_view text) {
  if (text.size() <= kChecksumDigits || text[kChecksumDigits] != ' ') return Corrupt();
  const std::string_view content = text.substr(kChecksumDigits + 1);
  if (text.substr(0, kChecksumDigits) != Checksum(writer, content)) return Corrupt();
  boost::system::error_code error;
  const json::value value = json::parse({content.data(), content.size()}, error);
  if (error || !value.is_object()) return Corrupt();
  const json::object& object = value.get_object();
  const auto format = NumberOf(object, "format");
  const auto sequence = NumberOf(object, "sequence");
  const auto link_id = TextOf(object, "link_id");
  const auto generation = NumberOf(object, "generation");
  const auto project_id = TextOf(object, "project_id");
  const auto user_id = TextOf(object, "user_id");
  const auto decision_id = TextOf(object, "decision_id");
  const auto cause = TextOf(object, "cause");
  const auto erased_at = NumberOf(object, "erased_at_us");
  const auto event_id = NumberOf(object, "event_id");
  if (format != kFormat || !sequence || !link_id || !generation || !project_id || !user_id ||
      !decision_id || !cause || !erased_at || !event_id || !IsUuid(*link_id) ||
      !IsUuid(*decision_id)) {
    return Corrupt();
  }
  LedgerLine line;
  line.sequence = *sequence;
  line.life = {*link_id,
               *generation,
               *project_id,
               *user_id,
               *decision_id,
               GrantCauseNamed(*cause),
               Time(std::chrono::microseconds(*erased_at)),
               *event_id};
  return line;
}

}  // namespace shodan::tokenvault
