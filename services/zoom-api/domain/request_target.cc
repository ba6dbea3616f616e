// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/request_target.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "libs/base/status.h"
#include "libs/http/percent_encoding.h"
#include "libs/http/target.h"

namespace shodan::zoomapi {
namespace {

constexpr size_t kPathBytesMax = 2'048;
constexpr size_t kQueryBytesMax = 4'096;
constexpr size_t kSegmentsMax = 32;
constexpr size_t kParametersMax = 64;
constexpr size_t kMeetingUuidBytes = 24;

absl::Status InvalidPath(std::string_view what) {
  return InvalidField("path", "PATH_INVALID", what);
}
absl::Status InvalidQuery(std::string_view what) {
  return InvalidField("query", "QUERY_INVALID", what);
}

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Characters that RFC 3986 (sections 3.3 and 3.4) lets stand there as they are, or an escape's
// start. A semicolon is none: servers cut segments at it.
bool IsPathCharacter(char c) {
  return IsAlphanumeric(c) ||
         std::string_view("-._~!$&'()*+,=:@%").find(c) != std::string_view::npos;
}
bool IsQueryCharacter(char c) {
  return IsPathCharacter(c) || std::string_view(";/?").find(c) != std::string_view::npos;
}

// Base64 of 16 bytes, as Zoom writes the UUID of a meeting's instance.
bool IsMeetingUuid(std::string_view text) {
  return text.size() == kMeetingUuidBytes && text.ends_with("==") &&
         std::all_of(text.begin(), text.end() - 2,
                     [](char c) { return IsAlphanumeric(c) || c == '+' || c == '/'; });
}

bool IsDots(std::string_view text) { return text.find_first_not_of('.') == std::string_view::npos; }

// True for text that would be taken for another segment, or another path, by who decodes it.
bool HoldsSeparator(std::string_view text) {
  return text.find_first_of("/\\;?#") != std::string_view::npos;
}

// Decodes as forgiving servers do: an escape that is none stays as it is.
std::string DecodeLeniently(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? http::HexValue(text[i + 1]) : -1;
    const int low = high >= 0 ? http::HexValue(text[i + 2]) : -1;
    if (low < 0) {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

// What the text says when it is decoded again and again; nullopt when that never ends in a few
// rounds.
std::optional<std::string> DecodeFully(std::string text) {
  constexpr int kRounds = 4;
  for (int round = 0; round < kRounds; ++round) {
    std::string next = DecodeLeniently(text);
    if (next == text) return text;
    text = std::move(next);
  }
  return std::nullopt;
}

absl::StatusOr<std::string> ParseSegment(std::string_view raw) {
  if (!std::all_of(raw.begin(), raw.end(), IsPathCharacter)) {
    return InvalidPath("holds a character that must not stand in a path");
  }
  std::optional<std::string> once = http::PercentDecode(raw, false);
  if (!once.has_value()) return InvalidPath("holds a broken percent-encoding");
  if (IsMeetingUuid(*once)) return *std::move(once);
  const std::optional<std::string> twice = http::PercentDecode(*once, false);
  if (twice.has_value() && IsMeetingUuid(*twice)) return *twice;
  const std::optional<std::string> fully = DecodeFully(*once);
  if (!fully.has_value() || IsDots(*once) || IsDots(*fully)) {
    return InvalidPath("holds an empty segment or one of dots alone");
  }
  if (HoldsSeparator(*once) || HoldsSeparator(*fully)) {
    return InvalidPath(
        "holds a slash, backslash, semicolon, question mark or hash sign in a segment");
  }
  if (http::HoldsControlCharacter(*once) || http::HoldsControlCharacter(*fully) ||
      !http::IsUtf8(*once)) {
    return InvalidPath("must encode UTF-8 text without control characters");
  }
  return *std::move(once);
}

absl::StatusOr<std::string> ParseQueryText(std::string_view raw) {
  std::optional<std::string> text = http::PercentDecode(raw, true);
  if (!text.has_value()) return InvalidQuery("holds a broken percent-encoding");
  if (http::HoldsControlCharacter(*text) || !http::IsUtf8(*text)) {
    return InvalidQuery("must encode UTF-8 text without control characters");
  }
  return *std::move(text);
}

absl::StatusOr<std::vector<std::string>> ParsePath(std::string_view path) {
  if (path.size() > kPathBytesMax) return InvalidPath("is longer than 2,048 bytes");
  std::vector<std::string> segments;
  while (true) {
    const size_t slash = path.find('/');
    SHODAN_ASSIGN_OR_RETURN(std::string segment, ParseSegment(path.substr(0, slash)));
    segments.push_back(std::move(segment));
    if (segments.size() > kSegmentsMax) return InvalidPath("has more than 32 segments");
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseQuery(
    std::string_view query) {
  if (query.size() > kQueryBytesMax) return InvalidQuery("is longer than 4,096 bytes");
  if (!std::all_of(query.begin(), query.end(), IsQueryCharacter)) {
    return InvalidQuery("holds a character that must be percent-encoded");
  }
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    SHODAN_ASSIGN_OR_RETURN(std::string name, ParseQueryText(part.substr(0, equals)));
    if (name.empty()) return InvalidQuery("holds a parameter without a name");
    const std::string_view raw =
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    SHODAN_ASSIGN_OR_RETURN(std::string value, ParseQueryText(raw));
    parameters.emplace_back(std::move(name), std::move(value));
    if (parameters.size() > kParametersMax) return InvalidQuery("has more than 64 parameters");
  }
  return parameters;
}

std::string EncodeSegment(const std::string& segment) {
  std::string encoded = http::PercentEncode(segment);
  const bool twice = segment.front() == '/' || segment.find("//") != std::string::npos;
  return twice ? http::PercentEncode(encoded) : encoded;
}

}  // namespace

absl::StatusOr<RequestTarget> RequestTarget::Parse(std::string_view path, std::string_view query) {
  RequestTarget target;
  SHODAN_ASSIGN_OR_RETURN(target.segments_, ParsePath(path));
  SHODAN_ASSIGN_OR_RETURN(target.parameters_, ParseQuery(query));
  return target;
}

RequestTarget RequestTarget::Of(std::vector<std::string> segments,
                                std::vector<std::pair<std::string, std::string>> parameters) {
  RequestTarget target;
  target.segments_ = std::move(segments);
  target.parameters_ = std::move(parameters);
  return target;
}

std::string RequestTarget::Encoded() const {
  std::string out;
  for (const std::string& segment : segments_) {
    out += '/';
    if (!segment.empty()) out += EncodeSegment(segment);
  }
  char separator = '?';
  for (const auto& [name, value] : parameters_) {
    out += separator;
    out.append(http::PercentEncode(name)).append("=").append(http::PercentEncode(value));
    separator = '&';
  }
  return out;
}

}  // namespace shodan::zoomapi
