// SPDX-License-Identifier: Apache-2.0
#include "libs/http/strict_gate.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan::http {
namespace {

absl::Status Malformed(std::string_view what) { return InvalidArgument("HEAD_MALFORMED", what); }
absl::Status BadFraming(std::string_view what) { return InvalidArgument("FRAMING_INVALID", what); }

bool IsFieldValue(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7F);  // obs-text occurs in real cookies
  });
}

absl::Status CheckFields(const Fields& fields) {
  for (const Field& field : fields) {
    if (!IsToken(field.name)) return Malformed("A header field's name is not a token.");
    if (field.name.find('_') != std::string::npos) {
      return Malformed("Header field names with an underscore are not accepted.");
    }
    if (!IsFieldValue(field.value)) {
      return Malformed("A header field's value holds a control character.");
    }
  }
  for (const char* single :
       {"Authorization", "Content-Type", "Cookie", "Expect", "Origin", "Content-Length",
        "Transfer-Encoding", "If-None-Match", "Access-Control-Request-Method", "Idempotency-Key"}) {
    if (fields.Count(single) > 1) {
      return Malformed(Join("The header field ", single, " must not be repeated."));
    }
  }
  return absl::OkStatus();
}

// RFC 9110 section 7.2. Only the shape: nothing here depends on the name.
absl::Status CheckHost(const Fields& fields) {
  const std::string_view host = fields.Get("Host");
  const bool well_formed =
      !host.empty() && host.size() <= 261 && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("-.:[]").find(c) != std::string_view::npos;
      });
  if (fields.Count("Host") != 1 || !well_formed) {
    return InvalidArgument("HOST_INVALID", "There must be exactly one Host field with one name.");
  }
  return absl::OkStatus();
}

absl::Status ReadFraming(const ParsedHead& parsed, RequestHead& head) {
  const bool has_length = parsed.fields.Has("Content-Length");
  const bool has_coding = parsed.fields.Has("Transfer-Encoding");
  if (has_length && has_coding) {
    return BadFraming("Content-Length and Transfer-Encoding exclude each other.");
  }
  if (has_coding) {
    if (parsed.version != 11) return BadFraming("HTTP/1.0 knows no Transfer-Encoding.");
    if (!EqualsIgnoringCase(parsed.fields.Get("Transfer-Encoding"), "chunked")) {
      return BadFraming("The only transfer coding is a single chunked.");
    }
    head.chunked = true;
  }
  if (has_length) {
    const std::string_view text = parsed.fields.Get("Content-Length");
    const bool digits =
        !text.empty() && text.size() <= 15 &&
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return BadFraming("Content-Length must be one decimal number.");
    uint64_t length = 0;
    for (const char c : text) length = length * 10 + static_cast<uint64_t>(c - '0');
    head.content_length = length;
  }
  if (parsed.fields.Has("Trailer")) return BadFraming("Trailer fields are not accepted.");
  return absl::OkStatus();
}

absl::Status ReadConnection(const ParsedHead& parsed, RequestHead& head) {
  head.keep_alive = parsed.version == 11;
  for (const Field& field : parsed.fields) {
    if (!EqualsIgnoringCase(field.name, "Connection")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const size_t comma = rest.find(',');
      const std::string_view option = TrimOws(rest.substr(0, comma));
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
      if (EqualsIgnoringCase(option, "close")) head.keep_alive = false;
    }
  }
  if (!parsed.fields.Has("Expect")) return absl::OkStatus();
  if (!EqualsIgnoringCase(parsed.fields.Get("Expect"), "100-continue")) {
    return InvalidArgument("EXPECTATION_FAILED", "The only expectation is 100-continue.");
  }
  head.expects_continue = parsed.version == 11;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RequestHead> CheckHead(const ParsedHead& parsed) {
  if (parsed.version != 10 && parsed.version != 11) {
    return Malformed("The version must be HTTP/1.1 or HTTP/1.0.");
  }
  SHODAN_RETURN_IF_ERROR(CheckFields(parsed.fields));
  SHODAN_RETURN_IF_ERROR(CheckHost(parsed.fields));
  RequestHead head;
  head.version = parsed.version;
  SHODAN_RETURN_IF_ERROR(ReadFraming(parsed, head));
  SHODAN_RETURN_IF_ERROR(ReadConnection(parsed, head));
  if (parsed.target.size() > kTargetBytesMax) {
    return InvalidArgument("TARGET_TOO_LONG", "The request target is longer than 4,096 bytes.");
  }
  SHODAN_ASSIGN_OR_RETURN(head.target, ParseTarget(parsed.target));
  const std::optional<Method> method = ParseMethod(parsed.method);
  if (!method.has_value()) {
    return InvalidArgument("METHOD_NOT_ALLOWED", "This method is offered nowhere here.");
  }
  head.method = *method;
  head.fields = parsed.fields;
  return head;
}

}  // namespace shodan::http
