// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/json.h"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

namespace shodan::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

constexpr system_clock::time_point kTime{milliseconds(1'700'000'000'042)};

TEST_CASE("Times are RFC 3339 in UTC with milliseconds, also before 1970") {
  CHECK(FormatTime(kTime) == "2023-11-14T22:13:20.042Z");
  CHECK(FormatTime(system_clock::time_point(milliseconds(-1))) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("A link that was never connected") {
  Link link;
  link.project_id = "demo";
  link.user_id = "ann";
  CHECK(
      boost::json::serialize(ToJson(link, nullptr, nullptr, kTime)) ==
      R"({"projectId":"demo","userId":"ann","linkId":null,"state":"none","cause":null,"generation":0,)"
      R"("connectTime":null,"updateTime":null,"zoomAccount":null,"missingScopes":[],"lastAttempt":null})");
}

TEST_CASE("A link with account, missing scopes and attempt") {
  Link link;
  link.link_id = "l";
  link.state = LinkState::kReconnectRequired;
  link.cause = "revoked";
  link.generation = 3;
  link.connect_time = kTime;
  const ZoomProfile profile{"Ann", "ann@zoom.example", {"user:read:user"}};
  Attempt attempt;
  attempt.attempt_id = "a";
  attempt.state = AttemptState::kEnded;
  attempt.result = "cancelled";
  attempt.end_time = kTime;
  CHECK(
      boost::json::serialize(ToJson(link, &profile, &attempt, kTime)) ==
      R"({"projectId":"","userId":"","linkId":"l","state":"reconnect_required","cause":"revoked","generation":3,)"
      R"("connectTime":"2023-11-14T22:13:20.042Z","updateTime":null,)"
      R"("zoomAccount":{"displayName":"Ann","email":"ann@zoom.example"},"missingScopes":["user:read:user"],)"
      R"("lastAttempt":{"attemptId":"a","state":"failed","result":"cancelled","createTime":null,)"
      R"("endTime":"2023-11-14T22:13:20.042Z"}})");
}

TEST_CASE("An attempt is pending until its end, succeeded when activated, expired past its time") {
  const Link link;
  Attempt attempt;
  const auto last = [&] {
    return boost::json::serialize(ToJson(link, nullptr, &attempt, kTime).at("lastAttempt"));
  };
  for (const AttemptState state :
       {AttemptState::kPending, AttemptState::kExchanging, AttemptState::kExchanged}) {
    attempt.state = state;
    CHECK(last().find(R"("state":"pending","result":null)") != std::string::npos);
  }
  attempt.state = AttemptState::kActivated;
  attempt.result = "connected";
  CHECK(last().find(R"("state":"succeeded","result":"connected")") != std::string::npos);
  attempt = Attempt{};
  attempt.expire_time = kTime;
  CHECK(last().find(R"("state":"failed","result":"expired")") != std::string::npos);
}

TEST_CASE("Calls, notes and receipts keep every field, absent ones as null") {
  Call call;
  call.call_id = "c";
  call.number = "+81312345678";
  call.input_number = "03-1234-5678";
  call.company_id = "acme";
  call.duration = seconds(61);
  call.etag = "e";
  CHECK(
      boost::json::serialize(ToJson(call)) ==
      R"({"callId":"c","number":"+81312345678","inputNumber":"03-1234-5678","region":null,"companyId":"acme",)"
      R"("personId":null,"outcome":"unspecified","startTime":null,"durationSeconds":61,"createTime":null,)"
      R"("updateTime":null,"etag":"e"})");
  Note note;
  note.text = "line\n\"quoted\" 山";
  CHECK(boost::json::serialize(ToJson(note).at("text")) == R"("line\n\"quoted\" 山")");
  Receipt receipt;
  CHECK(ToJson(receipt).at("revokedAtZoom") == "unconfirmed");
  receipt.revoked_at_zoom = true;
  CHECK(ToJson(receipt).at("revokedAtZoom") == "yes");
  CHECK(ToJson(receipt).at("backupsUnreadableTime").is_null());
  receipt.backups_unreadable_time = kTime;
  CHECK(ToJson(receipt).at("backupsUnreadableTime").is_string());
}

TEST_CASE("A call link entry is a link or an error") {
  CallLinkEntry entry;
  entry.problem = Explanation{"NUMBER_EMERGENCY", "Dial it by hand."};
  CHECK(
      boost::json::serialize(ToJson(entry, "110")) ==
      R"({"input":"110","ok":false,"callUri":null,"telUri":null,"e164":null,"national":null,"international":null,)"
      R"("region":null,"notice":null,"error":{"reason":"NUMBER_EMERGENCY","detail":"Dial it by hand."}})");
  entry = CallLinkEntry{};
  entry.link = CallLink{"zoomphonecall://+81",
                        "tel:+81",
                        "+81",
                        "n",
                        "i",
                        "JP",
                        Explanation{"EXTENSION_NOT_DIALLED", "d"}};
  CHECK(ToJson(entry, "x").at("ok") == true);
  CHECK(ToJson(entry, "x").at("callUri") == "zoomphonecall://+81");
  CHECK(ToJson(entry, "x").at("notice").at("reason") == "EXTENSION_NOT_DIALLED");
}

}  // namespace
}  // namespace shodan::gateway
