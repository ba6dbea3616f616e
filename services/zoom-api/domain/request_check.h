// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/status.h"

namespace shodan::zoomapi {

/// Collects what is wrong with a request, so that one answer names every bad field.
///
/// Fields are named as the browser API names them ("meetingId"). Reasons: REQUIRED, TOO_LONG,
/// MALFORMED, OUT_OF_RANGE, NOT_ALLOWED. Descriptions never repeat the value.
class RequestCheck {
 public:
  /// Only the first problem of a field is kept.
  void Add(std::string_view field, std::string_view reason, std::string_view description);

  /// 1 to 63 characters of [a-z0-9-].
  void ProjectId(std::string_view text);
  /// 1 to 255 bytes of UTF-8 without NUL.
  void UserId(std::string_view text);
  /// A UUID in its canonical lower-case form.
  void RequestId(const std::string& text);
  /// Well-formed UTF-8 without NUL, at most `max_characters` Unicode characters; may be empty.
  void Text(std::string_view field, std::string_view text, size_t max_characters);
  /// The same, not empty.
  void RequiredText(std::string_view field, std::string_view text, size_t max_characters);
  /// At most `max_bytes` of printable ASCII without spaces; may be empty.
  void Token(std::string_view field, std::string_view text, size_t max_bytes);
  /// Zoom's number of a meeting: 1 to 19 digits.
  void MeetingId(std::string_view text);
  void Range(std::string_view field, int64_t value, int64_t min, int64_t max);
  /// Empty, or one of `allowed`.
  void OneOf(std::string_view field, std::string_view text,
             std::initializer_list<std::string_view> allowed);

  /// OK, or INVALID_ARGUMENT/INVALID_FIELD with every bad field.
  absl::Status Finish() const;

 private:
  std::vector<FieldViolation> violations_;
};

}  // namespace shodan::zoomapi
