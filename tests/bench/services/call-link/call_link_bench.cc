// SPDX-License-Identifier: Apache-2.0
// What a call link costs, beside what libphonenumber's parse + isValid + format to E.164 of the
// same texts costs in the same run. Build with optimisation; prints one JSON object.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "phonenumbers/phonenumber.pb.h"
#include "phonenumbers/phonenumberutil.h"
#include "services/call-link/domain/call_link_builder.h"

namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;
using Clock = std::chrono::steady_clock;

constexpr size_t kNumbers = 2'000;
constexpr int kRounds = 5;

// Numbers of Tokyo and of Japanese mobiles, as they are written or in E.164.
std::vector<std::string> Texts(bool e164) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < kNumbers; ++i) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "%04zu-%04zu", 2000 + i % 7000, (i * 7919) % 10'000);
    texts.push_back((e164 ? (i % 2 == 0 ? "+813" : "+8190") : (i % 2 == 0 ? "03-" : "090-")) +
                    std::string(digits));
    if (e164) std::erase(texts.back(), '-');
  }
  return texts;
}

double MedianNanoseconds(const std::vector<std::string>& texts, auto&& run) {
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    const auto started = Clock::now();
    for (const std::string& text : texts) run(text);
    const std::chrono::duration<double, std::nano> elapsed = Clock::now() - started;
    rounds.push_back(elapsed.count() / static_cast<double>(texts.size()));
  }
  std::ranges::sort(rounds);
  return rounds[rounds.size() / 2];
}

size_t Plain(const std::string& text) {
  const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  std::string e164;
  if (library.Parse(text, "JP", &number) == PhoneNumberUtil::NO_PARSING_ERROR &&
      library.IsValidNumber(number)) {
    library.Format(number, PhoneNumberUtil::E164, &e164);
  }
  return e164.size();
}

void Report(const char* name, const std::vector<std::string>& texts) {
  const shodan::calllink::CallLinkBuilder fresh(0);
  const shodan::calllink::CallLinkBuilder cached;
  size_t sink = 0;
  const auto build = [&](const auto& builder, const std::string& text) {
    const auto link = builder.Build(text, "JP");
    sink += link.ok() ? link->call_uri.size() : 0;
  };
  for (const std::string& text : texts) build(cached, text);
  const double plain =
      MedianNanoseconds(texts, [&](const std::string& text) { sink += Plain(text); });
  const double first =
      MedianNanoseconds(texts, [&](const std::string& text) { build(fresh, text); });
  const double again =
      MedianNanoseconds(texts, [&](const std::string& text) { build(cached, text); });
  std::printf(
      "\"%s\":{\"plain_ns\":%.0f,\"first_ns\":%.0f,\"again_ns\":%.0f,"
      "\"first_per_plain\":%.2f,\"plain_per_again\":%.1f,\"sink\":%zu}",
      name, plain, first, again, first / plain, plain / again, sink);
}

}  // namespace

int main() {
  std::printf("{");
  Report("e164", Texts(/*e164=*/true));
  std::printf(",");
  Report("national", Texts(/*e164=*/false));
  std::printf("}\n");
  return 0;
}
