// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "services/automation/domain/time.h"

namespace shodan::automation {

/// Reads members of an object that came from Zoom. Absent members, null, and values of another type
/// than documented read as empty: nearly everything in Zoom's events is optional, and one odd
/// member must not cost the event. What an event cannot do without its reader asks for.
class JsonReader {
 public:
  /// `object` outlives the reader.
  explicit JsonReader(const boost::json::object& object) : object_(object) {}

  std::string Text(std::string_view name) const;
  /// A text, or a whole number as decimal digits: Zoom sends ids in both forms.
  std::string Id(std::string_view name) const;
  /// 0 when it is no whole number that fits.
  int64_t Integer(std::string_view name) const;
  std::optional<Time> When(std::string_view name) const;
  /// nullptr when it is no object.
  const boost::json::object* Object(std::string_view name) const;
  /// nullptr when it is no list.
  const boost::json::array* List(std::string_view name) const;

 private:
  const boost::json::value* Find(std::string_view name) const;

  const boost::json::object& object_;
};

}  // namespace shodan::automation
