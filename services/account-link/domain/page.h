// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/account-link/domain/link.h"
#include "services/account-link/domain/validation.h"

namespace shodan::account_link {

/// Where a page begins: after this record, in an order of newest first.
struct PagePosition {
  Time create_time;  ///< whole microseconds
  std::string id;    ///< UUID

  friend bool operator==(const PagePosition&, const PagePosition&) = default;
};

/// What a store is asked for.
struct PageQuery {
  int size = 0;
  std::optional<PagePosition> after;
};

/// What a caller asks for.
struct PageRequest {
  int size = 0;       ///< 1 to 100; 0 means 25
  std::string after;  ///< from the previous page, empty for the first
};

/// Some records and how to go on. `next` is empty on the last page.
template <typename Record>
struct Page {
  std::vector<Record> records;
  std::string next;
};

/// A token that names a position in one list: it fits no list with another owner or filter.
/// It is opaque and noticed when altered; what it names is no secret from the list's owner.
std::string EncodePageToken(const PagePosition& position, std::string_view list);
std::optional<PagePosition> DecodePageToken(std::string_view text, std::string_view list);

/// Names a list for the functions above.
std::string ListName(std::string_view kind, const UserKey& owner,
                     std::initializer_list<std::string_view> filter);

/// Checks "pageSize" and "pageToken".
PageQuery CheckPage(const PageRequest& request, std::string_view list, RequestCheck& check);

/// Makes a page of `size` records at most from up to `size` + 1 stored ones. `Record` has
/// create_time and `id` is a pointer to its id.
template <typename Record>
Page<Record> MakePage(std::vector<Record> stored, int size, std::string Record::* id,
                      std::string_view list) {
  Page<Record> page;
  if (stored.size() > static_cast<size_t>(size)) {
    stored.resize(static_cast<size_t>(size));
    const Record& last = stored.back();
    page.next = EncodePageToken({last.create_time, last.*id}, list);
  }
  page.records = std::move(stored);
  return page;
}

}  // namespace shodan::account_link
