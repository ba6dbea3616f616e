// SPDX-License-Identifier: Apache-2.0
// A million paths and queries of an attack grammar: what is accepted reaches paths of the allowed
// form on the one host, judged by curl's own URL parser and by a reader of the encoded text that
// shares nothing with the encoder.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>
#include <curl/curl.h>

#include "services/zoom-api/domain/request_target.h"

namespace shodan::zoomapi {
namespace {

constexpr int kTargets = 1'000'000;
constexpr std::string_view kBase = "https://api.zoom.us/v2";

// The first kHarmless have no harm in them, so that much of what is made is accepted; then dots and
// slashes in every disguise, other places, and what ends a path, a line or a text.
constexpr size_t kHarmless = 15;
// clang-format off
constexpr auto kPieces = std::to_array<std::string_view>({
    "users", "me", "meetings", "registrants", "89211000000", "v2", "a-b_c~d", "%E4%BC%9A",
    "x%20y", "phone", "call_history", "page_size", "=", "&", "/", ".", "..", "...", "/../", "/./",
    "//", "///", "\\", "..\\", "%2e", "%2E%2e", ".%2e", "%252e%252e", "%25252e", "%2f", "%2F",
    "%252f", "%25252F", "%5c", "%255c", "..%2f", "%2e%2e%2f", "..%5c", "%2f..", "/..;/", ";",
    ";a=b", "%3b", "%u002e", "%c0%ae", "%c0%af", "%e0%80%af", "%f0%80%80%af", "%ef%bc%8f",
    "%ef%bc%8e", "%E2%88%95", "%e3%80%82", "\xc3\xa4", "\xff", "\xe2\x80\xae",
    "http://evil.example", "https://", "//evil.example", "@evil.example", "user:pw@", ":443", ":",
    "file:///etc/passwd", "gopher://", "[::1]", "127.0.0.1", "169.254.169.254", "oauth", "token",
    "_control", "reset", "api.zoom.us", ".evil.example", "?", "#", "%3f", "%23", "%00", "%0",
    "%0a", "%0d%0aHost:%20evil", "\r\n", "\n", "\t", " ", "\x7f", "%7f", "%", "%2", "%zz", "%%",
    "+", "%2b", "*", "{", "}", "|", "<", ">", "\"", "'", "^", "`", "$", "!", "~", ",", "(", ")",
});
// clang-format on

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  size_t Below(size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random_);
  }

  std::string Text() {
    switch (Below(4)) {
      case 0:
        return Pieces(kPieces.size(), 8);
      case 1:
        return Mutated(Pieces(kHarmless, 9));
      case 2:
        return WithUuid();
      default:
        return EncodedAgain(Pieces(kPieces.size(), 4));
    }
  }

 private:
  std::string Pieces(size_t kinds, size_t most) {
    std::string text;
    for (size_t left = 1 + Below(most); left > 0; --left) {
      text += kPieces.at(Below(kinds));
      if (Below(3) == 0) text += '/';
    }
    return text;
  }

  std::string Mutated(std::string text) {
    for (size_t left = Below(3); left > 0; --left) {
      const size_t at = Below(text.size() + 1);
      if (Below(2) == 0) {
        text.insert(at, 1, static_cast<char>(Below(256)));
      } else if (at < text.size()) {
        text.at(at) = static_cast<char>(Below(256));
      }
    }
    return text;
  }

  // Characters of base64, slashes more often than by chance, encoded none to three times.
  std::string WithUuid() {
    constexpr std::string_view kAlphabet = "ABCabcXYZxyz0189+///";
    std::string uuid;
    for (size_t left = Below(16) == 0 ? 21 + Below(3) : 22; left > 0; --left) {
      uuid += kAlphabet.at(Below(kAlphabet.size()));
    }
    uuid += "==";
    for (size_t left = Below(4); left > 0; --left) uuid = EncodedAgain(uuid);
    std::string text = "meetings/" + uuid;
    if (Below(3) == 0) text += "/registrants";
    if (Below(6) == 0) text += Pieces(kPieces.size(), 2);
    return text;
  }

  std::string EncodedAgain(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF0123456789abcdef";
    const size_t digits = 16 * Below(2);
    const bool all = Below(2) == 0;
    std::string encoded;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (plain || (!all && Below(2) == 0)) {
        encoded += c;
      } else {
        encoded.append(1, '%').append(1, kDigits.at(digits + byte / 16));
        encoded.append(1, kDigits.at(digits + byte % 16));
      }
    }
    return encoded;
  }

  std::mt19937_64 random_;
};

bool IsUnreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

// Decodes text that consists of unreserved characters and of escapes in upper case; nullopt for
// anything else.
std::optional<std::string> StrictlyDecoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string decoded;
  for (size_t at = 0; at < text.size(); ++at) {
    if (IsUnreserved(text[at])) {
      decoded += text[at];
      continue;
    }
    if (text[at] != '%' || at + 2 >= text.size()) return std::nullopt;
    const size_t high = kHex.find(text[at + 1]);
    const size_t low = kHex.find(text[at + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return decoded;
}

bool IsUuid(std::string_view text) {
  return text.size() == 24 && text.ends_with("==") &&
         text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") == 22;
}

bool HoldsControl(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

// What is wrong with one encoded segment; empty: nothing.
std::string_view FaultOfSegment(std::string_view encoded, const std::string& meant) {
  std::optional<std::string> once = StrictlyDecoded(encoded);
  if (!once.has_value()) return "characters outside the allowed alphabet";
  if (IsUuid(meant)) {
    const bool awkward = meant.starts_with('/') || meant.find("//") != std::string::npos;
    if (awkward) once = StrictlyDecoded(*once);
    return once == meant ? "" : "a UUID that does not decode to itself";
  }
  if (*once != meant) return "does not decode to the segment";
  // Whoever decodes it once more, or more often, must find no way out either.
  for (std::string text = *once;;) {
    if (text.find_first_not_of('.') == std::string::npos) return "dots alone, or empty";
    if (text.find_first_of("/\\?#;") != std::string::npos) return "a separator";
    if (HoldsControl(text)) return "a control character";
    std::string next;
    for (size_t at = 0; at < text.size(); ++at) {
      constexpr std::string_view kHex = "0123456789abcdef";
      const auto value = [&](size_t index) {
        return index < text.size() ? kHex.find(static_cast<char>(text[index] | 0x20))
                                   : std::string_view::npos;
      };
      if (text[at] == '%' && value(at + 1) != std::string_view::npos &&
          value(at + 2) != std::string_view::npos) {
        next += static_cast<char>(value(at + 1) * 16 + value(at + 2));
        at += 2;
      } else {
        next += text[at];
      }
    }
    if (next == text) return "";
    text = std::move(next);
  }
}

std::string_view FaultOfPath(std::string_view path, const RequestTarget& target) {
  for (const std::string& meant : target.segments()) {
    if (!path.starts_with('/')) return "fewer segments than were parsed";
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    const std::string_view fault = FaultOfSegment(segment, meant);
    if (!fault.empty()) return fault;
    path.remove_prefix(segment.size());
  }
  return path.empty() ? "" : "more segments than were parsed";
}

std::string_view FaultOfQuery(std::string_view query, const RequestTarget& target) {
  for (const auto& [name, value] : target.parameters()) {
    const std::string_view part = query.substr(0, query.find('&'));
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos) return "a parameter without an equals sign";
    if (StrictlyDecoded(part.substr(0, equals)) != name) return "a name that was not meant";
    if (StrictlyDecoded(part.substr(equals + 1)) != value) return "a value that was not meant";
    query.remove_prefix(std::min(query.size(), part.size() + 1));
  }
  return query.empty() ? "" : "more parameters than were parsed";
}

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// What curl would request: each part as its parser sees it.
class CurlJudge {
 public:
  CurlJudge() : url_(curl_url()) {}

  std::string_view FaultOf(const std::string& address, std::string_view path,
                           std::string_view query) {
    if (curl_url_set(url_.get(), CURLUPART_URL, address.c_str(), 0) != CURLUE_OK) {
      return "curl cannot read it";
    }
    if (Part(CURLUPART_SCHEME) != "https") return "another scheme";
    if (Part(CURLUPART_HOST) != "api.zoom.us") return "another host";
    if (Part(CURLUPART_PORT).has_value()) return "a port";
    if (Part(CURLUPART_USER).has_value() || Part(CURLUPART_PASSWORD).has_value()) return "userinfo";
    if (Part(CURLUPART_FRAGMENT).has_value()) return "a fragment";
    if (Part(CURLUPART_PATH) != "/v2" + std::string(path)) return "another path";
    if (Part(CURLUPART_QUERY).value_or("") != query) return "another query";
    return "";
  }

 private:
  std::optional<std::string> Part(CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url_.get(), which, &text, 0) != CURLUE_OK) return std::nullopt;
    std::string copy(text);
    curl_free(text);
    return copy;
  }

  std::unique_ptr<CURLU, UrlDeleter> url_;
};

std::string Shown(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    if (c >= 0x20 && c < 0x7f) {
      shown += c;
    } else {
      shown += "<" + std::to_string(static_cast<unsigned char>(c)) + ">";
    }
  }
  return shown;
}

TEST_CASE("No path or query of an attack grammar leaves the API's base", "[escapes]") {
  Generator generator(20'261'122);
  CurlJudge judge;
  int accepted = 0;
  int awkward = 0;
  std::vector<std::string> escapes;
  for (int made = 0; made < kTargets && escapes.size() < 10; ++made) {
    const std::string path = generator.Text();
    const std::string query = generator.Below(2) == 0 ? generator.Text() : std::string();
    const absl::StatusOr<RequestTarget> target = RequestTarget::Parse(path, query);
    if (!target.ok()) continue;
    ++accepted;
    const std::string encoded = target->Encoded();
    if (encoded.find("%252F") != std::string::npos) ++awkward;
    const size_t mark = encoded.find('?');
    const std::string_view sent_path = std::string_view(encoded).substr(0, mark);
    const std::string_view sent_query =
        mark == std::string::npos ? std::string_view() : std::string_view(encoded).substr(mark + 1);
    std::string_view fault = FaultOfPath(sent_path, *target);
    if (fault.empty()) fault = FaultOfQuery(sent_query, *target);
    if (fault.empty()) fault = judge.FaultOf(std::string(kBase) + encoded, sent_path, sent_query);
    if (!fault.empty()) {
      escapes.push_back(Shown(path) + " | " + Shown(query) + " -> " + Shown(encoded) + ": " +
                        std::string(fault));
    }
  }
  INFO("the first: " << (escapes.empty() ? std::string("none") : escapes.front()));
  CHECK(escapes.empty());
  // The grammar is worth its run only when much of it passes and much is refused.
  INFO(accepted << " accepted, " << awkward << " with a UUID encoded twice");
  CHECK(accepted > kTargets / 20);
  CHECK(accepted < kTargets * 19 / 20);
  CHECK(awkward > kTargets / 1'000);
}

}  // namespace
}  // namespace shodan::zoomapi
