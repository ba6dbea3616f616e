// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/status.h"
#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// Collects what is wrong with a request, so that one answer names every bad field.
///
/// Fields are named as the browser API names them ("companyId"). Reasons: REQUIRED, TOO_LONG,
/// MALFORMED, OUT_OF_RANGE, NOT_ALLOWED. Descriptions never repeat the value.
class RequestCheck {
 public:
  void Add(std::string_view field, std::string_view reason, std::string_view description);

  /// 1 to 63 characters of [a-z0-9-], and 1 to 255 bytes.
  void Owner(const UserKey& owner);
  void ProjectId(std::string_view text);
  /// A UUID in its canonical lower-case form.
  void Uuid(std::string_view field, std::string_view text);
  void OptionalUuid(std::string_view field, std::string_view text);
  /// Well-formed UTF-8 without NUL, at most `max_bytes`.
  void OptionalText(std::string_view field, std::string_view text, size_t max_bytes);
  /// 1 to `max_characters` Unicode characters, well-formed UTF-8 without NUL.
  void RequiredText(std::string_view field, std::string_view text, size_t max_characters);
  /// A name for a link, see ExternalIdStore: at most 255 printable ASCII characters, without a
  /// space at either end, neither "." nor "..": it stands in addresses and in header fields.
  void OptionalExternalId(std::string_view field, std::string_view text);
  /// E.164: a plus sign and 2 to 15 digits, the first not zero.
  void PhoneNumber(std::string_view field, std::string_view text);
  /// Two letters A to Z, or empty.
  void RegionCode(std::string_view field, std::string_view text);
  void Etag(std::string_view text);

  /// OK, or INVALID_ARGUMENT/INVALID_FIELD with every bad field.
  absl::Status Finish() const;

 private:
  std::vector<FieldViolation> violations_;
};

}  // namespace shodan::account_link
