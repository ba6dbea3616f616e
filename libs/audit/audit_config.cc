// SPDX-License-Identifier: Apache-2.0
#include "libs/audit/audit_config.h"

#include <optional>
#include <utility>

#include <boost/json/string.hpp>

#include "libs/base/encoding.h"

namespace shodan::audit {
namespace {

constexpr size_t kKeySize = 32;
constexpr int64_t kIntervalMinMs = 10;
constexpr int64_t kIntervalMaxMs = 600'000;

Secret Decode(const Secret& text) {
  const std::string_view encoded = text.Expose(SecretAccess::ForEncryption());
  std::optional<std::string> bytes = Base64UrlDecode(encoded);
  if (!bytes.has_value()) bytes = Base64Decode(encoded);
  if (!bytes.has_value() || bytes->size() != kKeySize) return Secret();
  return Secret::Take(*std::move(bytes));
}

std::chrono::milliseconds ReadInterval(ConfigReader& reader, std::string_view key,
                                       std::chrono::milliseconds fallback) {
  return std::chrono::milliseconds(
      reader.Integer(key, kIntervalMinMs, kIntervalMaxMs, fallback.count()));
}

}  // namespace

AuditConfig ReadAuditConfig(ConfigReader& reader, bool development, bool counts_reads) {
  ConfigReader audit = reader.Object("audit");
  AuditConfig config;
  config.seal_key_file = audit.String("seal_key_file", "");
  if (!config.seal_key_file.empty()) {
    const Secret text = audit.SecretFile("seal_key_file");
    config.seal_key = Decode(text);
    if (!text.empty() && config.seal_key.empty()) {
      audit.AddProblem("seal_key_file", "must hold 32 bytes in base64url or base64");
    }
  } else if (!development) {
    audit.AddProblem("seal_key_file", "is required outside development");
  }
  config.seal_interval = ReadInterval(audit, "seal_interval_ms", config.seal_interval);
  if (counts_reads) {
    config.read_count_interval =
        ReadInterval(audit, "read_count_interval_ms", config.read_count_interval);
  }
  return config;
}

boost::json::object DescribeAuditConfig(const AuditConfig& config, bool counts_reads) {
  boost::json::object audit{{"seal_key_file", boost::json::string(config.seal_key_file.data(),
                                                                  config.seal_key_file.size())},
                            {"seal_interval_ms", config.seal_interval.count()}};
  if (counts_reads) audit["read_count_interval_ms"] = config.read_count_interval.count();
  return audit;
}

}  // namespace shodan::audit
