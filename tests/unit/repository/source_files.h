// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace shodan::testing {

/// A source file of the tree: its path from the root, and its text.
struct SourceFile {
  std::string path;
  std::string text;
  /// What its #include lines name, without quotes or brackets.
  std::vector<std::string> includes;
};

/// Every .h and .cc below `folder` ("libs", "services"), sorted by path.
std::vector<SourceFile> SourceFiles(const std::string& folder);

}  // namespace shodan::testing
