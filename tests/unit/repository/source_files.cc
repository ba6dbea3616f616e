// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/repository/source_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace shodan::testing {
namespace {

std::vector<std::string> IncludesOf(const std::string& text) {
  std::vector<std::string> includes;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("#include ")) continue;
    includes.push_back(line.substr(10, line.find_first_of(">\"", 10) - 10));
  }
  return includes;
}

}  // namespace

std::vector<SourceFile> SourceFiles(const std::string& folder) {
  const std::filesystem::path root(SHODAN_SOURCE_DIR);
  std::vector<SourceFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".h" && extension != ".cc") continue;
    std::ifstream file(entry.path());
    std::ostringstream text;
    text << file.rdbuf();
    files.push_back(
        {entry.path().lexically_relative(root).string(), text.str(), IncludesOf(text.str())});
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace shodan::testing
