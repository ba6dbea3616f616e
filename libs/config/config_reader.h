// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"

namespace shodan {

/// Reads a JSON configuration field by field and collects every problem, so that one start tells
/// all of them. Unknown keys are problems. Readers of nested objects share the list.
///
///   SHODAN_ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::FromFile(path));
///   config.listen = reader.Object("grpc").String("listen");
///   config.pool = reader.Integer("pool", 1, 64, 8);
///   return reader.Finish();
class ConfigReader {
 public:
  /// INVALID_ARGUMENT/CONFIG_UNREADABLE when the file cannot be read or is not a JSON object; the
  /// message names the file and the line.
  static absl::StatusOr<ConfigReader> FromFile(const std::string& path);
  static absl::StatusOr<ConfigReader> FromText(std::string_view json);

  ConfigReader(ConfigReader&&) noexcept;
  ConfigReader& operator=(ConfigReader&&) noexcept;
  ~ConfigReader();

  /// Without a default the key is required and the string not empty. null counts as absent.
  std::string String(std::string_view key);
  std::string String(std::string_view key, std::string_view default_value);
  std::optional<std::string> OptionalString(std::string_view key);
  /// One of `allowed`; required when `default_value` is empty.
  std::string Choice(std::string_view key, const std::vector<std::string>& allowed,
                     std::string_view default_value);
  /// From `min` to `max`; required without a default. The default need not lie in the range.
  int64_t Integer(std::string_view key, int64_t min, int64_t max,
                  std::optional<int64_t> default_value);
  bool Bool(std::string_view key, bool default_value);
  /// An array of non-empty strings; empty when absent.
  std::vector<std::string> Strings(std::string_view key);
  /// An object whose values are strings, in the file's order; empty when absent.
  std::vector<std::pair<std::string, std::string>> StringMap(std::string_view key);
  /// True when the key is present and not null. Does not count as reading it.
  /// A key whose value is null is known once it was asked for: there is nothing in it to read.
  bool Has(std::string_view key) const;
  /// An absent object reads as an empty one, so its required keys are reported.
  ConfigReader Object(std::string_view key);
  /// An array of objects; empty when absent.
  std::vector<ConfigReader> Objects(std::string_view key);
  /// Contents of the file that the key names, surrounding white space removed; required unless
  /// `optional`. An unreadable, empty or over 1 MiB large file is a problem.
  Secret SecretFile(std::string_view key, bool optional = false);
  /// The same for public material (keys, policies).
  std::string TextFile(std::string_view key, bool optional = false);

  /// Adds a problem found by the caller; `key` is relative to this object, empty for the object.
  void AddProblem(std::string_view key, std::string_view what);

  /// On the outermost reader, when all is read: INVALID_ARGUMENT/INVALID_FIELD listing every
  /// problem and every unknown key.
  absl::Status Finish();

 private:
  struct Shared;
  struct Node;
  explicit ConfigReader(std::shared_ptr<Node> node);
  static absl::StatusOr<ConfigReader> Parse(std::string_view text, std::string_view name);
  std::shared_ptr<Node> node_;
};

/// Reads a file of at most 1 MiB. NOT_FOUND/FILE_UNREADABLE names the path.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace shodan
