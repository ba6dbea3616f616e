// SPDX-License-Identifier: Apache-2.0
#include "libs/observability/log.h"

#include <regex>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "libs/observability/line_writer.h"
#include "tests/unit/libs/observability/pipe.h"

namespace shodan {
namespace {

namespace json = boost::json;

std::vector<std::string> Lines(const testing::Pipe& pipe) {
  const std::string text = pipe.Drain();
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

json::object OnlyLine(const testing::Pipe& pipe) {
  const std::vector<std::string> lines = Lines(pipe);
  REQUIRE(lines.size() == 1);
  return json::parse(lines[0]).as_object();
}

TEST_CASE("A log line is one JSON object with time, level, service, message and typed fields") {
  const testing::Pipe pipe;
  Logger log("token-vault", LogLevel::kInfo, pipe.writer());

  log.Warning("refresh failed", {{"status", 503}, {"took_s", 1.5}, {"sent", true}, {"id", "a\"b"}});

  const json::object line = OnlyLine(pipe);
  CHECK(std::regex_match(std::string(line.at("time").as_string()),
                         std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)")));
  CHECK(line.at("level") == "warning");
  CHECK(line.at("service") == "token-vault");
  CHECK(line.at("message") == "refresh failed");
  CHECK(line.at("status") == 503);
  CHECK(line.at("took_s") == 1.5);
  CHECK(line.at("sent") == true);
  CHECK(line.at("id") == "a\"b");
  CHECK(line.size() == 8);
}

TEST_CASE("Lines below the level are not written") {
  const testing::Pipe pipe;
  Logger log("gateway", LogLevel::kWarning, pipe.writer());

  log.Debug("debug");
  log.Info("info");
  log.Error("error");

  CHECK(OnlyLine(pipe).at("message") == "error");
}

TEST_CASE("Line breaks and control characters in a value cannot forge a second line") {
  const testing::Pipe pipe;
  Logger log("gateway", LogLevel::kInfo, pipe.writer());

  const std::string path = std::string("/a\n{\"level\":\"error\"}\r\x1b[0m") + '\0';

  log.Info("request", {{"path", path}});

  CHECK(OnlyLine(pipe).at("level") == "info");
}

TEST_CASE("Bytes that are not UTF-8 become the replacement character, well-formed text stays") {
  const testing::Pipe pipe;
  Logger log("gateway", LogLevel::kInfo, pipe.writer());

  log.Info("m",
           {{"bad", "a\xff\xc0\xaf\xed\xa0\x80z"}, {"cut", "x\xe3\x81"}, {"good", "鈴木 é 📞"}});

  const json::object line = OnlyLine(pipe);
  CHECK(line.at("bad") == "a\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDz");
  CHECK(line.at("cut") == "x\uFFFD\uFFFD");
  CHECK(line.at("good") == "鈴木 é 📞");
}

TEST_CASE("A field cannot replace the level or the message") {
  const testing::Pipe pipe;
  Logger log("gateway", LogLevel::kInfo, pipe.writer());

  log.Info("true", {{"message", "false"}, {"level", "debug"}, {"time", "never"}});

  const json::object line = OnlyLine(pipe);
  CHECK(line.at("message") == "true");
  CHECK(line.at("level") == "info");
}

TEST_CASE("Long texts are cut, and a line stays within one atomic write") {
  const testing::Pipe pipe;
  Logger log("gateway", LogLevel::kInfo, pipe.writer());
  const std::string value(2000, '"');

  log.Info("m", {{"a", value}, {"b", value}, {"c", value}, {"d", value}, {"e", value}});

  const std::vector<std::string> lines = Lines(pipe);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].size() < LineWriter::kMaxLine);
  const json::object line = json::parse(lines[0]).as_object();
  CHECK(line.at("truncated") == true);
  CHECK(line.at("a").as_string().size() < 520);
}

TEST_CASE("Dropped lines are reported once the reader reads again") {
  const testing::Pipe pipe;
  Logger log("gateway", LogLevel::kInfo, pipe.writer());
  const std::string filler(500, 'x');
  while (log.dropped_lines() < 3) log.Info("filler", {{"text", filler}});
  pipe.Drain();

  log.Info("after");

  const std::vector<std::string> lines = Lines(pipe);
  REQUIRE(lines.size() == 2);
  const json::object report = json::parse(lines[0]).as_object();
  CHECK(report.at("message") == "log lines were dropped");
  CHECK(report.at("dropped_lines_total") == log.dropped_lines());
  CHECK(json::parse(lines[1]).at("message") == "after");
}

TEST_CASE("Levels are named debug, info, warning and error") {
  LogLevel level = LogLevel::kInfo;
  CHECK(ParseLogLevel("debug", level));
  CHECK(level == LogLevel::kDebug);
  CHECK(ParseLogLevel("error", level));
  CHECK(level == LogLevel::kError);
  CHECK_FALSE(ParseLogLevel("Error", level));
  CHECK_FALSE(ParseLogLevel("", level));
  CHECK(level == LogLevel::kError);
}

}  // namespace
}  // namespace shodan
