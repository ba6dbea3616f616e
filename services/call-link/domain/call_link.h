// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace shodan::calllink {

/// Something to know about a number that may be dialled all the same.
struct Notice {
  std::string reason;
  std::string detail;

  bool operator==(const Notice&) const = default;
};

/// A number that may be dialled.
struct CallLink {
  std::string call_uri;              ///< "zoomphonecall://+81312345678": raw plus, digits only
  std::string tel_uri;               ///< RFC 3966, with ";ext=" when there is an extension
  std::string e164;                  ///< "+81312345678"
  std::string national_format;       ///< "03-1234-5678"
  std::string international_format;  ///< "+81 3-1234-5678"
  std::string region_code;           ///< ISO 3166-1 alpha-2; empty when no country is known
  std::string extension;             ///< digits, shown and not dialled; usually empty
  std::vector<Notice> notices;

  bool operator==(const CallLink&) const = default;
};

}  // namespace shodan::calllink
