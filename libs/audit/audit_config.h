// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include <boost/json/object.hpp>

#include "libs/config/config_reader.h"
#include "libs/secrets/secret.h"

namespace shodan::audit {

/// How a service keeps its audit trail.
struct AuditConfig {
  std::string seal_key_file;
  Secret seal_key;  ///< 32 bytes; empty in development without a file: nothing is sealed
  std::chrono::milliseconds seal_interval{5'000};
  /// How often counted token reads are written.
  std::chrono::milliseconds read_count_interval{10'000};
};

/// Reads "audit": seal_key_file (base64url or base64 of 32 bytes; required outside development),
/// seal_interval_ms, and for a service that hands out secrets read_count_interval_ms.
AuditConfig ReadAuditConfig(ConfigReader& reader, bool development, bool counts_reads);

/// The effective values, under the keys they were read from.
boost::json::object DescribeAuditConfig(const AuditConfig& config, bool counts_reads);

}  // namespace shodan::audit
