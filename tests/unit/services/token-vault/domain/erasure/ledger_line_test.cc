// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/erasure/ledger_line.h"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"
#include "tests/unit/services/token-vault/support/fake_ledger.h"

namespace shodan::tokenvault {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::SomeEndedLife;

constexpr char kWriter[] = "6f1d2b9a-0c53-4b1e-8a51-5f5b1f0f7a11";

TEST_CASE("A line of the erasure ledger is read back as it was written") {
  const EndedLife life = SomeEndedLife("ユーザー \"1\"\n\\");
  const std::string text = EncodeLedgerLine(kWriter, {17, life});
  REQUIRE(text.back() == '\n');
  CHECK(text.find('\n') == text.size() - 1);

  const auto line = DecodeLedgerLine(kWriter, std::string_view(text).substr(0, text.size() - 1));

  REQUIRE_THAT(line, IsOk());
  CHECK(line->sequence == 17);
  CHECK(line->life.link_id == life.link_id);
  CHECK(line->life.generation == 1);
  CHECK(line->life.project_id == "demo");
  CHECK(line->life.user_id == life.user_id);
  CHECK(line->life.decision_id == life.decision_id);
  CHECK(line->life.cause == GrantCause::kDisconnected);
  CHECK(line->life.erased_at == life.erased_at);
  CHECK(line->life.event_id == 7);
}

TEST_CASE("The longest user id fits into a line") {
  EndedLife life = SomeEndedLife(std::string(255, '\x01'));
  life.project_id = std::string(63, 'p');
  CHECK(EncodeLedgerLine(kWriter, {INT64_MAX, life}).size() <= kLedgerLineBytesMax);
}

TEST_CASE("A line with any byte changed, or of another writer, is corrupt") {
  std::string text = EncodeLedgerLine(kWriter, {17, SomeEndedLife()});
  text.pop_back();
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_THAT(DecodeLedgerLine(kWriter, changed),
               IsError(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT"));
  }
  for (size_t size = 0; size < text.size(); ++size) {
    CHECK_THAT(DecodeLedgerLine(kWriter, std::string_view(text).substr(0, size)),
               IsError(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT"));
  }
  CHECK_THAT(DecodeLedgerLine("another", text),
             IsError(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT"));
}

}  // namespace
}  // namespace shodan::tokenvault
