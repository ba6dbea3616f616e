// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "libs/crypto/random.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/token-vault/domain/vault.h"
#include "services/token-vault/storage/file_ledger.h"
#include "services/token-vault/storage/file_spool.h"
#include "services/token-vault/storage/postgres_stores.h"
#include "services/token-vault/storage/postgres_zoom_apps.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/services/token-vault/support/key_rings.h"
#include "tests/unit/services/token-vault/support/scripted_https_client.h"

namespace shodan::testing {

/// How long a secret that was replaced is kept.
inline constexpr std::chrono::hours kKeepPrevious{24};

inline constexpr int kImportsPerSecond = 100;

/// A link that is connected.
struct ConnectedLink {
  std::string link_id;
  std::string user_id;
  std::string person;  ///< the Zoom user
  int64_t generation = 0;
  int64_t token_version = 0;

  tokenvault::TokenKey token() const { return {link_id, generation, token_version}; }
};

/// The vault's stores and use cases on a fresh database, with a Zoom that answers as scripted. One
/// project "demo" with the Zoom app "client".
class VaultWorld : public PostgresFixture {
 public:
  VaultWorld();

  static std::string NewUser();
  tokenvault::Owner OwnerOf(const std::string& user_id) const { return {"demo", user_id}; }
  tokenvault::IdentityTags TagsOf(const std::string& person) const;
  std::string app_id() const { return apps.ForProject("demo")->zoom_app_id; }
  /// Tokens with these texts, sealed for a pending grant, or for a grant's next token version.
  tokenvault::SealedTokens SealedForPending(const std::string& attempt_id,
                                            const std::string& user_id, const std::string& name,
                                            int64_t token_version = 1) const;
  tokenvault::SealedTokens SealedForGrant(const ConnectedLink& link, const std::string& name) const;

  /// An attempt whose browser has come back from Zoom and whose code is being exchanged.
  std::string Exchanging(const std::string& user_id);
  /// A pending grant of a known Zoom user, or of nobody yet when `person` is empty; its attempt.
  std::string Pend(const std::string& user_id, const std::string& person);
  absl::StatusOr<tokenvault::Activation> Activate(const std::string& attempt_id,
                                                  const std::string& link_id,
                                                  const std::string& user_id,
                                                  int64_t expected_generation,
                                                  const std::string& decision_id = RandomUuid());
  /// A new user's link to this Zoom user.
  ConnectedLink Connect(const std::string& person);
  tokenvault::ErasureRequest ErasureOf(const ConnectedLink& link) const;
  absl::StatusOr<tokenvault::ErasureProgress> BeginErasure(const ConnectedLink& link);

  /// Files what is wiped, as the eraser does: only then it is over.
  void FileWiped();

  /// One value of the link's grant as text, "" for NULL.
  std::string GrantValue(const std::string& link_id, const std::string& expression) const;
  int Count(const std::string& from_where) const;
  /// Returns when so many sessions of this database wait for a lock.
  void AwaitBlocked(int sessions) const;
  /// Runs `inside` while a transaction of its own holds what `sql` locked.
  void WhileLocked(const std::string& sql, const std::function<void()>& inside);

  const KeyRing keys = RingOf({{1, 'a'}});
  const tokenvault::Sealing sealing{keys};
  std::unique_ptr<postgres::Pool> pool;
  tokenvault::PostgresStores stores;
  tokenvault::PostgresZoomApps apps;
  ScriptedHttpsClient https;
  tokenvault::OAuthServer zoom{https, {}, [] { return std::chrono::system_clock::time_point(); }};
  tokenvault::Lifetimes lifetimes;
  tokenvault::ZoomPauses pauses;
  TemporaryDirectory spool_directory;
  tokenvault::FileSpool spool_files{spool_directory.path()};
  TemporaryDirectory ledger_directory;
  std::unique_ptr<tokenvault::FileLedger> ledger_files;
  /// Runs instead of every pause.
  std::function<void()> on_pause = [] {};
  Logger log;
  Metrics metrics;
  tokenvault::Ledger ledger;
  tokenvault::Vault vault;
  const tokenvault::Actor actor{"service:test", "spiffe://test", "request"};
};

/// Runs `work(0)` … `work(count - 1)` on as many threads, let go together.
void AtOnce(int count, const std::function<void(int)>& work);

}  // namespace shodan::testing
