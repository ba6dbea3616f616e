// SPDX-License-Identifier: Apache-2.0
#include "libs/service/readiness.h"

namespace shodan::service {

std::string Readiness::WhyNotReady() const {
  switch (phase_.load()) {
    case Phase::kStarting:
      return "starting";
    case Phase::kServing:
      return check_ ? check_() : std::string();
    case Phase::kDraining:
      return "draining";
  }
  return "starting";
}

}  // namespace shodan::service
