// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <string>

#include <catch2/catch.hpp>

#include "tests/unit/repository/source_files.h"

namespace {

using shodan::testing::SourceFile;
using shodan::testing::SourceFiles;

// The text of the full expression that starts at `from`, up to its semicolon.
std::string Statement(const std::string& text, size_t from) {
  int depth = 0;
  for (size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '(' || c == '{' || c == '[') ++depth;
    if (c == ')' || c == '}' || c == ']') --depth;
    if ((c == ';' && depth <= 0) || depth < 0) return text.substr(from, i - from);
  }
  return text.substr(from);
}

// A lambda that captures by value: "[x]", "[=]", "[x = …]", "[this, y]", not "[]", "[&…]", "[i]"
// after a name (an index).
bool HasOwningLambda(const std::string& expression) {
  for (size_t i = 0; i < expression.size(); ++i) {
    if (expression[i] != '[') continue;
    const size_t end = expression.find(']', i);
    if (end == std::string::npos) return false;
    size_t before = i;
    while (before > 0 && std::isspace(static_cast<unsigned char>(expression[before - 1])) != 0) {
      --before;
    }
    const char previous = before == 0 ? '(' : expression[before - 1];
    const bool index = std::isalnum(static_cast<unsigned char>(previous)) != 0 || previous == '_' ||
                       previous == ')' || previous == ']';
    const std::string captures = expression.substr(i + 1, end - i - 1);
    if (!index && !captures.empty() && captures[0] != '&' && captures != "this" &&
        captures[0] != '[') {
      return true;
    }
    i = end;
  }
  return false;
}

}  // namespace

TEST_CASE("the rule's own scanner tells owning lambdas from others", "[coro]") {
  CHECK(HasOwningLambda("Start([p] { Use(p); })"));
  CHECK(HasOwningLambda("Start([=] { })"));
  CHECK(HasOwningLambda("Start([p = std::move(p)] { })"));
  CHECK_FALSE(HasOwningLambda("Start([&p] { Use(p); })"));
  CHECK_FALSE(HasOwningLambda("Start([] { })"));
  CHECK_FALSE(HasOwningLambda("Read(buffers[i])"));
}

TEST_CASE("CORO-1: no co_await expression makes an owning lambda or std::function", "[coro]") {
  int awaits = 0;
  for (const char* folder : {"libs", "services"}) {
    for (const SourceFile& file : SourceFiles(folder)) {
      for (size_t at = file.text.find("co_await "); at != std::string::npos;
           at = file.text.find("co_await ", at + 1)) {
        const size_t line_start = file.text.rfind('\n', at) + 1;
        if (file.text.find("//", line_start) < at) continue;
        ++awaits;
        const std::string expression = Statement(file.text, at);
        INFO(file.path << ": " << expression.substr(0, 120));
        CHECK_FALSE(HasOwningLambda(expression));
        CHECK(expression.find("std::function<") == std::string::npos);
      }
    }
  }
  CHECK(awaits > 20);
}
