// SPDX-License-Identifier: Apache-2.0
// Raw bytes through the head scanner, a plain reading of the head, the strict gate, the target
// parser and the body decoder. Run also with -max_len=262144: floods are longer than usual inputs.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "libs/http/body_decoder.h"
#include "libs/http/head_scanner.h"
#include "libs/http/strict_gate.h"

namespace {

using namespace shodan::http;

constexpr size_t kHeadBytesMax = 16384;
constexpr size_t kBodyBytesMax = 65536;

void Require(bool condition) {
  if (!condition) std::abort();
}

ParsedHead Parse(std::string_view head) {
  ParsedHead parsed;
  size_t end = head.find("\r\n");
  const std::string_view line = head.substr(0, end);
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  parsed.method = std::string(line.substr(0, first));
  if (first != std::string_view::npos && last > first) {
    parsed.target = std::string(line.substr(first + 1, last - first - 1));
    parsed.version = line.substr(last + 1) == "HTTP/1.0" ? 10 : 11;
  }
  while (end + 4 < head.size()) {
    const size_t start = end + 2;
    end = head.find("\r\n", start);
    const std::string_view field = head.substr(start, end - start);
    const size_t colon = field.find(':');
    if (colon == std::string_view::npos) continue;
    parsed.fields.Add(field.substr(0, colon), TrimOws(field.substr(colon + 1)));
  }
  return parsed;
}

void CheckTarget(const Target& target) {
  for (size_t i = 0; i < target.segments.size(); ++i) {
    const std::string& segment = target.segments[i];
    Require(segment != "." && segment != ".." && IsUtf8(segment));
    Require(!segment.empty() || i + 1 == target.segments.size());
  }
  const auto again = ParseTarget(target.Path());
  Require(again.ok() && again->segments == target.segments);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  HeadScanner scanner(kHeadBytesMax, 64);
  HeadScanner in_two(kHeadBytesMax, 64);
  const bool scanned = scanner.Scan(bytes).ok();
  const bool halves = in_two.Scan(bytes.substr(0, size / 2)).ok() && in_two.Scan(bytes).ok();
  Require(scanned == halves && (!scanned || scanner.size() == in_two.size()));
  if (!scanned || scanner.size() == 0) return 0;
  const auto head = CheckHead(Parse(bytes.substr(0, scanner.size())));
  if (!head.ok()) return 0;
  Require(!(head->chunked && head->content_length.has_value()));
  Require(head->fields.Count("Host") == 1);
  CheckTarget(head->target);
  BodyDecoder decoder(*head, kBodyBytesMax);
  size_t used = 0;
  const std::string_view rest = bytes.substr(scanner.size());
  if (!decoder.Feed(rest, used).ok()) return 0;
  Require(used <= rest.size() && (decoder.done() || used == rest.size()));
  Require(decoder.TakeBody().size() <= kBodyBytesMax);
  return 0;
}
