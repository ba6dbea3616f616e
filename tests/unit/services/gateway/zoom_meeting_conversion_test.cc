// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/zoom_meeting_conversion.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

namespace shodan::gateway {
namespace {

namespace v1 = shodan::zoomapi::v1;

TEST_CASE("A meeting's settings come back as they went, whole numbers without a fraction") {
  const auto settings = boost::json::parse(
      R"({"a":true,"b":"text","c":15,"d":1.5,"e":[1,"x",null],"f":{"g":{}},"h":[],"i":-3})");
  ZoomMeeting meeting;
  meeting.settings = settings.as_object();
  v1::Meeting proto;
  ToProto(meeting, proto);
  const ZoomMeeting back = FromProto(proto);

  REQUIRE(back.settings.has_value());
  CHECK(*back.settings == settings.as_object());
  CHECK(back.settings->at("c").is_int64());
}

TEST_CASE("Every kind of meeting has a name, and Zoom's default has none") {
  for (const std::string_view name : kMeetingTypes) {
    ZoomMeeting meeting;
    meeting.type = std::string(name);
    v1::Meeting proto;
    ToProto(meeting, proto);
    CHECK(proto.type() != v1::MEETING_TYPE_UNSPECIFIED);
    CHECK(FromProto(proto).type == name);
  }
  CHECK_FALSE(FromProto(v1::Meeting()).type.has_value());
}

TEST_CASE("What only answers hold is not sent") {
  ZoomMeeting meeting;
  meeting.join_url = "x";
  meeting.host_email = "x";
  v1::Meeting proto;
  ToProto(meeting, proto);
  CHECK(proto.SerializeAsString().empty());

  ZoomRegistrant registrant;
  registrant.registrant_id = "x";
  registrant.join_url = "x";
  v1::Registrant sent;
  ToProto(registrant, sent);
  CHECK(sent.SerializeAsString().empty());
}

TEST_CASE("An answer about a meeting is read whole") {
  v1::Meeting proto;
  proto.set_meeting_id("1");
  proto.set_start_url("s");
  proto.set_duration_minutes(5);
  proto.mutable_create_time()->set_seconds(7);
  v1::Occurrence* date = proto.add_occurrences();
  date->set_occurrence_id("o");
  date->mutable_start_time()->set_seconds(9);
  const ZoomMeeting meeting = FromProto(proto);

  CHECK(meeting.meeting_id == "1");
  CHECK(meeting.start_url == "s");
  CHECK(meeting.duration_minutes == 5);
  CHECK(meeting.create_time->time_since_epoch() == std::chrono::seconds(7));
  REQUIRE(meeting.occurrences.size() == 1);
  CHECK(meeting.occurrences[0].start_time->time_since_epoch() == std::chrono::seconds(9));
  CHECK_FALSE(meeting.topic.has_value());
  CHECK_FALSE(meeting.settings.has_value());
}

}  // namespace
}  // namespace shodan::gateway
