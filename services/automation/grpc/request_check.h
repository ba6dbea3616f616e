// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <google/protobuf/timestamp.pb.h>

#include "libs/base/status.h"
#include "services/automation/domain/time.h"

namespace shodan::automation {

/// Collects what is wrong with a request, so that one answer names every bad field, as the browser
/// API names it.
class RequestCheck {
 public:
  void ProjectId(std::string_view text);
  /// 1 to 255 bytes; empty too unless it is required.
  void UserId(std::string_view text, bool required);
  void Uuid(std::string_view field, const std::string& text);
  /// At most `max` bytes, without NUL.
  void Text(std::string_view field, std::string_view text, size_t max);
  void That(bool good, std::string_view field, std::string_view description);
  /// 0 to 100; 0 stands for 25.
  int PageSize(int32_t size);
  /// A position that an earlier page named; 0 for the first page.
  int64_t PageToken(std::string_view token);
  /// A time since 1970; nullopt when it is absent.
  std::optional<Time> When(std::string_view field, bool present,
                           const google::protobuf::Timestamp& time);

  /// OK, or INVALID_ARGUMENT/INVALID_FIELD with every bad field.
  absl::Status Finish() const;

 private:
  void Add(std::string_view field, std::string_view reason, std::string_view description);

  std::vector<FieldViolation> violations_;
};

}  // namespace shodan::automation
