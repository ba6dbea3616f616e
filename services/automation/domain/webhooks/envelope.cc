// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/envelope.h"

#include <algorithm>
#include <utility>

#include <boost/json/parse.hpp>

#include "libs/base/status.h"
#include "services/automation/domain/errors.h"
#include "services/automation/domain/webhooks/json_reader.h"
#include "services/automation/domain/webhooks/zoom_time.h"

namespace shodan::automation {
namespace {

namespace json = boost::json;

constexpr size_t kEventBytesMax = 64;
constexpr size_t kIdBytesMax = 512;

bool IsEventName(std::string_view text) {
  return !text.empty() && text.size() <= kEventBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
         });
}

// Milliseconds as a number, or a time in words.
std::optional<Time> EventTime(const JsonReader& object) {
  if (const int64_t milliseconds = object.Integer("event_ts"); milliseconds > 0) {
    return TimeOfMilliseconds(milliseconds);
  }
  return object.When("event_ts");
}

}  // namespace

absl::StatusOr<Envelope> ReadEnvelope(std::string_view body) {
  json::error_code error;
  json::value document = json::parse({body.data(), body.size()}, error);
  if (error || !document.is_object()) return Malformed("it is no JSON object.");
  const JsonReader root(document.get_object());
  Envelope envelope;
  envelope.event = root.Text("event");
  if (!IsEventName(envelope.event)) return Malformed("event is no name of an event.");
  const json::object* payload = root.Object("payload");
  if (payload == nullptr) return Malformed("payload is no object.");
  const JsonReader inside(*payload);
  envelope.event_time = EventTime(root);
  if (!envelope.event_time.has_value()) envelope.event_time = EventTime(inside);
  envelope.account_id = inside.Id("account_id");
  if (envelope.account_id.size() > kIdBytesMax) return Malformed("payload.account_id is too long.");
  envelope.payload = std::move(document.get_object()["payload"].get_object());
  return envelope;
}

absl::StatusOr<Deauthorization> ReadDeauthorization(const Envelope& envelope) {
  const JsonReader payload(envelope.payload);
  Deauthorization deauthorization;
  deauthorization.zoom_account_id = envelope.account_id;
  deauthorization.zoom_user_id = payload.Id("user_id");
  if (deauthorization.zoom_user_id.empty() || deauthorization.zoom_user_id.size() > kIdBytesMax) {
    return Malformed("payload.user_id is no id.");
  }
  std::optional<Time> time = payload.When("deauthorization_time");
  if (!time.has_value()) time = envelope.event_time;
  if (!time.has_value()) return Malformed("payload.deauthorization_time is no time.");
  deauthorization.time = *time;
  return deauthorization;
}

}  // namespace shodan::automation
