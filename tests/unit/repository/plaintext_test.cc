// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "tests/unit/repository/source_files.h"

namespace {

using shodan::testing::SourceFile;
using shodan::testing::SourceFiles;

// Every place that reads a secret's plaintext: file, reason, how often. A new one is added here by
// hand, by somebody who has asked whether it must.
const std::map<std::string, int> kReaders = {
    {"libs/audit/audit_config.cc ForEncryption", 1},
    {"libs/crypto/aes_gcm.cc ForEncryption", 2},
    {"libs/crypto/digest.cc ForEncryption", 1},
    {"libs/crypto/digest.cc ForHashing", 2},
    {"libs/crypto/key_ring.cc ForEncryption", 1},
    {"libs/crypto/sealed_field.cc ForEncryption", 2},
    {"libs/https_client/curl_https_client.cc ForUpstreamRequest", 1},
    {"libs/https_client/curl_request.cc ForUpstreamRequest", 2},
    {"libs/jwt/jwe.cc ForEncryption", 2},
    {"libs/jwt/signing_key.cc ForConnection", 1},
    {"libs/kms/credential_sources.cc ForUpstreamRequest", 5},
    {"libs/kms/kms_client.cc ForEncryption", 2},
    {"libs/kms/kms_client.cc ForUpstreamRequest", 2},
    {"libs/kms/sigv4.cc ForUpstreamRequest", 2},
    {"libs/postgres/connection.cc ForConnection", 1},
    {"libs/redis/client.cc ForConnection", 1},
    {"services/account-link/domain/api_key.cc ForHashing", 1},
    {"services/account-link/domain/connect_session.cc ForAnswer", 1},
    {"services/account-link/grpc/api_key_rpcs.cc ForAnswer", 1},
    {"services/account-link/grpc/connection_rpcs.cc ForAnswer", 1},
    {"services/automation/domain/deliveries/payload.cc ForAnswer", 1},
    {"services/automation/domain/deliveries/payload.cc ForEncryption", 1},
    {"services/automation/domain/deliveries/signature.cc ForHashing", 1},
    {"services/automation/domain/triggers/trigger_events.cc ForEncryption", 1},
    {"services/automation/domain/webhooks/inbox_reader.cc ForEncryption", 1},
    {"services/automation/grpc/conversion.cc ForAnswer", 1},
    {"services/automation/grpc/endpoint_rpcs.cc ForAnswer", 1},
    {"services/gateway/auth/key_set_directory.cc ForConnection", 1},
    {"services/gateway/handlers/api_key_handlers.cc ForAnswer", 1},
    {"services/gateway/handlers/nango_json.cc ForAnswer", 1},
    {"services/gateway/handlers/nango_sessions.cc ForAnswer", 1},
    {"services/gateway/handlers/webhook_endpoint_handlers.cc ForAnswer", 1},
    {"services/token-vault/domain/zoom/oauth_server.cc ForAnswer", 1},
    {"services/token-vault/domain/zoom/oauth_server.cc ForEncryption", 1},
    {"services/token-vault/domain/zoom/oauth_server.cc ForUpstreamRequest", 3},
    {"services/token-vault/domain/grants/spool.cc ForEncryption", 2},
    {"services/token-vault/domain/imports/import_content.cc ForEncryption", 1},
    {"services/token-vault/domain/zoom/token_answer.cc ForEncryption", 1},
    {"services/token-vault/grpc/token_vault_service.cc ForAnswer", 4},
    {"services/token-vault/grpc/webhook_rpcs.cc ForAnswer", 1},
    {"services/zoom-api/sending/exchange.cc ForUpstreamRequest", 1},
};

std::map<std::string, int> Readers() {
  constexpr char kMark[] = "SecretAccess::";
  std::map<std::string, int> readers;
  for (const char* folder : {"libs", "services"}) {
    for (const SourceFile& file : SourceFiles(folder)) {
      if (file.path.starts_with("libs/secrets/")) continue;
      for (size_t at = file.text.find(kMark); at != std::string::npos;
           at = file.text.find(kMark, at + 1)) {
        const size_t start = at + sizeof(kMark) - 1;
        ++readers[file.path + " " + file.text.substr(start, file.text.find('(', start) - start)];
      }
    }
  }
  return readers;
}

}  // namespace

TEST_CASE("plaintext is read in the places listed here and nowhere else", "[secrets]") {
  CHECK(Readers() == kReaders);
}

TEST_CASE("no reason made for tests is used outside them, and no message is printed whole",
          "[secrets]") {
  for (const char* folder : {"libs", "services"}) {
    for (const SourceFile& file : SourceFiles(folder)) {
      INFO(file.path);
      if (!file.path.starts_with("libs/secrets/")) {
        CHECK(file.text.find("ForTest") == std::string::npos);
      }
      for (const char* printer : {"DebugString(", "SerializeAsJson", "MessageToJsonString"}) {
        CHECK(file.text.find(printer) == std::string::npos);
      }
    }
  }
}
