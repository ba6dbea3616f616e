// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace shodan::zoomapi {

/// Parses a body that must be a JSON object in UTF-8, nested 32 deep at most.
absl::StatusOr<boost::json::object> ParseAnswer(std::string_view body);

/// Reads members of an object that came from Zoom; null counts as absent. The first member of a
/// wrong type is remembered and told by status(); what was read before and after stays usable.
class AnswerReader {
 public:
  /// `object` outlives the reader. `path` is where it stands in the answer, empty for the whole.
  explicit AnswerReader(const boost::json::object& object, std::string path = "")
      : object_(object), path_(std::move(path)) {}

  /// Empty when absent.
  std::string Text(std::string_view name);
  /// A number or a text of 1 to 64 bytes, as text with every digit; empty when absent.
  std::string Id(std::string_view name);
  /// The same, and absence is an error.
  std::string RequiredId(std::string_view name);
  /// 0 when absent.
  int Integer(std::string_view name);
  std::optional<boost::json::object> Object(std::string_view name);
  /// Calls `read` with a reader for each element of a list of objects; an absent list is empty.
  template <typename Read>
  void Each(std::string_view name, Read read) {
    const boost::json::array* list = List(name);
    if (list == nullptr) return;
    for (size_t i = 0; i < list->size(); ++i) {
      AnswerReader element = Element(name, *list, i);
      read(element);
      if (status_.ok()) status_ = element.status_;
    }
  }

  const absl::Status& status() const { return status_; }

 private:
  const boost::json::value* Find(std::string_view name) const;
  const boost::json::array* List(std::string_view name);
  AnswerReader Element(std::string_view name, const boost::json::array& list, size_t index);
  void Wrong(std::string_view name, std::string_view expected);

  const boost::json::object& object_;
  std::string path_;
  absl::Status status_;
};

}  // namespace shodan::zoomapi
