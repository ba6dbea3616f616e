// SPDX-License-Identifier: Apache-2.0
// Whatever is asked for, only a clean URI is ever answered, and it stands for itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/call-link/domain/call_link_builder.h"

namespace {

constexpr std::string_view kScheme = "zoomphonecall://+";
// The first byte of the input chooses one.
constexpr std::string_view kRegions[] = {"",   "JP", "US", "GB", "DE", "FR", "IT", "AR",
                                         "MX", "BR", "CN", "IN", "AU", "AD", "KR", "zz"};

void Require(bool condition) {
  if (!condition) std::abort();
}

bool IsCleanCallUri(std::string_view uri) {
  if (!uri.starts_with(kScheme)) return false;
  const std::string_view digits = uri.substr(kScheme.size());
  return digits.size() >= 5 && digits.size() <= 15 && digits[0] != '0' &&
         digits.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const shodan::calllink::CallLinkBuilder builder;
  static const shodan::calllink::CallLinkBuilder another;  // remembers nothing of the first
  if (size == 0) return 0;
  const std::string_view region = kRegions[data[0] % std::size(kRegions)];
  const std::string number(data + 1, data + size);

  const auto link = builder.Build(number, region);
  if (!link.ok()) {
    Require(!link.status().message().empty());
    return 0;
  }
  Require(IsCleanCallUri(link->call_uri));
  Require(link->call_uri == "zoomphonecall://" + link->e164);
  Require(link->tel_uri ==
          "tel:" + link->e164 + (link->extension.empty() ? "" : ";ext=" + link->extension));

  for (const std::string_view again_region : {region, std::string_view()}) {
    const auto again = another.Build(link->e164, again_region);
    Require(again.ok());
    Require(again->call_uri == link->call_uri);
    Require(again->national_format == link->national_format);
    Require(again->international_format == link->international_format);
    Require(again->region_code == link->region_code);
  }
  return 0;
}
