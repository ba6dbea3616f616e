// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/json.h"

#include <array>
#include <cstdio>
#include <ctime>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace shodan::gateway {
namespace {

namespace json = boost::json;
using std::chrono::system_clock;

json::string Text(std::string_view text) { return json::string(text.data(), text.size()); }

std::string_view NameOf(LinkState state) {
  switch (state) {
    case LinkState::kNone:
      return "none";
    case LinkState::kActive:
      return "active";
    case LinkState::kReconnectRequired:
      return "reconnect_required";
    case LinkState::kDisconnecting:
      return "disconnecting";
  }
  return {};
}

json::object ToJson(const Attempt& attempt, system_clock::time_point now) {
  std::string_view state = "pending";
  std::string_view result = attempt.result;
  if (attempt.state == AttemptState::kActivated) {
    state = "succeeded";
  } else if (attempt.state == AttemptState::kEnded) {
    state = "failed";
  } else if (const std::string_view failure = FailureOf(attempt, now); !failure.empty()) {
    state = "failed";  // the vault's sweeper has not come by yet
    result = failure;
  }
  return {{"attemptId", Text(attempt.attempt_id)},
          {"state", Text(state)},
          {"result", JsonOptional(result)},
          {"createTime", JsonTime(attempt.create_time)},
          {"endTime", JsonTime(attempt.end_time)}};
}

}  // namespace

std::string FormatTime(system_clock::time_point time) {
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const int64_t rest = ((milliseconds % 1000) + 1000) % 1000;
  const std::time_t seconds = (milliseconds - rest) / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(rest));
  return std::string(text.data(), size).append(fraction.data());
}

json::value JsonTime(const std::optional<system_clock::time_point>& time) {
  if (!time.has_value()) return nullptr;
  return json::value(Text(FormatTime(*time)));
}

json::value JsonOptional(std::string_view text) {
  if (text.empty()) return nullptr;
  return json::value(Text(text));
}

json::object ToJson(const Session& session) {
  json::array roles;
  for (const std::string& role : session.roles) roles.push_back(Text(role));
  return {{"projectId", Text(session.project_id)},
          {"userId", Text(session.user_id)},
          {"displayName", Text(session.display_name)},
          {"roles", std::move(roles)},
          {"admin", session.admin},
          {"expireTime", JsonTime(session.expire_time)}};
}

json::object ToJson(const Link& link, const ZoomProfile* profile, const Attempt* attempt,
                    system_clock::time_point now) {
  json::value account = nullptr;
  json::array missing_scopes;
  if (profile != nullptr) {
    account =
        json::object{{"displayName", Text(profile->display_name)}, {"email", Text(profile->email)}};
    for (const std::string& scope : profile->missing_scopes) missing_scopes.push_back(Text(scope));
  }
  json::value last_attempt = nullptr;
  if (attempt != nullptr) last_attempt = ToJson(*attempt, now);
  return {
      {"projectId", Text(link.project_id)},         {"userId", Text(link.user_id)},
      {"linkId", JsonOptional(link.link_id)},       {"state", Text(NameOf(link.state))},
      {"cause", JsonOptional(link.cause)},          {"generation", link.generation},
      {"connectTime", JsonTime(link.connect_time)}, {"updateTime", JsonTime(link.update_time)},
      {"zoomAccount", std::move(account)},          {"missingScopes", std::move(missing_scopes)},
      {"lastAttempt", std::move(last_attempt)}};
}

json::object ToJson(const Receipt& receipt) {
  return {{"linkId", Text(receipt.link_id)},
          {"generation", receipt.generation},
          {"startTime", JsonTime(receipt.start_time)},
          {"endTime", JsonTime(receipt.end_time)},
          {"revokedAtZoom", receipt.revoked_at_zoom ? "yes" : "unconfirmed"},
          {"backupsUnreadableTime", JsonTime(receipt.backups_unreadable_time)}};
}

json::object ToJson(const Call& call) {
  json::value duration = nullptr;
  if (call.duration.has_value()) duration = call.duration->count();
  return {{"callId", Text(call.call_id)},
          {"number", Text(call.number)},
          {"inputNumber", Text(call.input_number)},
          {"region", JsonOptional(call.region)},
          {"companyId", JsonOptional(call.company_id)},
          {"personId", JsonOptional(call.person_id)},
          {"outcome", Text(call.outcome)},
          {"startTime", JsonTime(call.start_time)},
          {"durationSeconds", std::move(duration)},
          {"createTime", JsonTime(call.create_time)},
          {"updateTime", JsonTime(call.update_time)},
          {"etag", Text(call.etag)}};
}

json::object ToJson(const Note& note) {
  return {{"noteId", Text(note.note_id)},
          {"text", Text(note.text)},
          {"companyId", JsonOptional(note.company_id)},
          {"personId", JsonOptional(note.person_id)},
          {"callId", JsonOptional(note.call_id)},
          {"createTime", JsonTime(note.create_time)},
          {"updateTime", JsonTime(note.update_time)},
          {"etag", Text(note.etag)}};
}

json::object ToJson(const Explanation& explanation) {
  return {{"reason", Text(explanation.reason)}, {"detail", Text(explanation.detail)}};
}

json::object ToJson(const CallLinkEntry& entry, std::string_view input) {
  const CallLink link = entry.link.value_or(CallLink{});
  json::value notice = nullptr;
  if (link.notice.has_value()) notice = ToJson(*link.notice);
  json::value error = nullptr;
  if (entry.problem.has_value()) error = ToJson(*entry.problem);
  return {{"input", Text(input)},
          {"ok", entry.link.has_value()},
          {"callUri", JsonOptional(link.call_uri)},
          {"telUri", JsonOptional(link.tel_uri)},
          {"e164", JsonOptional(link.e164)},
          {"national", JsonOptional(link.national)},
          {"international", JsonOptional(link.international)},
          {"region", JsonOptional(link.region)},
          {"notice", std::move(notice)},
          {"error", std::move(error)}};
}

std::string_view FailureOf(const Attempt& attempt, system_clock::time_point now) {
  if (attempt.state == AttemptState::kEnded) return attempt.result;
  const bool late = attempt.expire_time.has_value() && *attempt.expire_time <= now;
  return attempt.state == AttemptState::kPending && late ? "expired" : "";
}

http::Response JsonAnswer(int status, const json::object& body) {
  return http::JsonResponse(status, json::serialize(body));
}

http::Response NoContent() {
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace shodan::gateway
