// SPDX-License-Identifier: Apache-2.0
#include "libs/http/target.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "libs/base/status.h"
#include "libs/http/percent_encoding.h"

namespace shodan::http {
namespace {

constexpr size_t kSegmentsMax = 16;
constexpr size_t kParametersMax = 32;
constexpr size_t kParametersBytesMax = size_t{128} * 1024;

absl::Status Invalid(std::string_view what) { return InvalidArgument("TARGET_INVALID", what); }

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsOneOf(char c, std::string_view set) {
  return c != '\0' && set.find(c) != std::string_view::npos;
}

bool IsPathCharacter(char c) {  // pchar of RFC 3986 section 3.3, or the start of an escape
  return IsAlphanumeric(c) || IsOneOf(c, "-._~!$&'()*+,;=:@%");
}

bool IsQueryCharacter(char c) { return IsPathCharacter(c) || IsOneOf(c, "/?"); }

absl::Status ParsePath(std::string_view path, std::vector<std::string>& segments) {
  if (path.empty() || path.front() != '/') return Invalid("The path must begin with a slash.");
  if (!std::all_of(path.begin(), path.end(),
                   [](char c) { return c == '/' || IsPathCharacter(c); })) {
    return Invalid("The path holds a character that must be percent-encoded.");
  }
  path.remove_prefix(1);
  while (true) {
    const size_t slash = path.find('/');
    const bool last = slash == std::string_view::npos;
    std::optional<std::string> segment = PercentDecode(path.substr(0, slash), false);
    if (!segment.has_value()) return Invalid("The path holds a broken percent-encoding.");
    if (HoldsControlCharacter(*segment) || !IsUtf8(*segment)) {
      return Invalid("The path must encode UTF-8 text without control characters.");
    }
    if (*segment == "." || *segment == "..") return Invalid("The path holds a dot segment.");
    if (segment->empty() && !last) return Invalid("The path holds an empty segment.");
    segments.push_back(*std::move(segment));
    if (segments.size() > kSegmentsMax) return Invalid("The path has too many segments.");
    if (last) return absl::OkStatus();
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

bool IsUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<uint8_t>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || i + length > text.size()) return false;
    uint32_t code = lead & (0xFFU >> (length + 1));
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<uint8_t>(text[i + k]);
      if ((next & 0xC0U) != 0x80U) return false;
      code = (code << 6U) | (next & 0x3FU);
    }
    constexpr uint32_t kSmallest[] = {0x80, 0x800, 0x10000};
    if (code < kSmallest[length - 2] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
      return false;
    }
    i += length;
  }
  return true;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsAlphanumeric(c) || IsOneOf(c, "-._~")) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<uint8_t>(c);
      out.append({'%', kDigits[byte >> 4U], kDigits[byte & 15U]});
    }
  }
  return out;
}

std::string Target::Path() const {
  std::string path;
  for (const std::string& segment : segments) path.append("/").append(PercentEncode(segment));
  return path;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseParameters(
    std::string_view raw) {
  if (raw.size() > kParametersBytesMax) return Invalid("The parameters are too long.");
  if (!std::all_of(raw.begin(), raw.end(), IsQueryCharacter)) {
    return Invalid("A parameter holds a character that must be percent-encoded.");
  }
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!raw.empty()) {
    const size_t end = raw.find('&');
    const std::string_view pair = raw.substr(0, end);
    raw.remove_prefix(end == std::string_view::npos ? raw.size() : end + 1);
    if (pair.empty()) continue;
    if (parameters.size() == kParametersMax) return Invalid("There are too many parameters.");
    const size_t equals = pair.find('=');
    auto name = PercentDecode(pair.substr(0, equals), true);
    auto value =
        PercentDecode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
    if (!name.has_value() || !value.has_value()) {
      return Invalid("A parameter holds a broken percent-encoding.");
    }
    if (HoldsControlCharacter(*name) || value->find('\0') != std::string::npos || !IsUtf8(*name) ||
        !IsUtf8(*value)) {
      return Invalid("A parameter must encode UTF-8 text.");
    }
    parameters.emplace_back(*std::move(name), *std::move(value));
  }
  return parameters;
}

absl::StatusOr<Target> ParseTarget(std::string_view raw) {
  Target target;
  const size_t question = raw.find('?');
  target.raw_path = raw.substr(0, question);
  SHODAN_RETURN_IF_ERROR(ParsePath(target.raw_path, target.segments));
  if (question != std::string_view::npos) {
    target.raw_query = raw.substr(question + 1);
    SHODAN_ASSIGN_OR_RETURN(target.query, ParseParameters(target.raw_query));
  }
  return target;
}

}  // namespace shodan::http
