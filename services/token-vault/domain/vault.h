// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/token-vault/domain/authorization/activation.h"
#include "services/token-vault/domain/authorization/authorization.h"
#include "services/token-vault/domain/authorization/code_exchange.h"
#include "services/token-vault/domain/authorization/identification.h"
#include "services/token-vault/domain/erasure/erasure.h"
#include "services/token-vault/domain/erasure/ledger.h"
#include "services/token-vault/domain/grants/access_tokens.h"
#include "services/token-vault/domain/grants/profiles.h"
#include "services/token-vault/domain/grants/sweeps.h"
#include "services/token-vault/domain/imports/grant_import.h"
#include "services/token-vault/domain/imports/import_keys.h"
#include "services/token-vault/domain/imports/pacer.h"
#include "services/token-vault/domain/webhooks/webhooks.h"
#include "services/token-vault/domain/zoom/zoom_app_administration.h"

namespace shodan::tokenvault {

/// What the vault's use cases stand on. Everything outlives the vault.
struct VaultPorts {
  AttemptStore& attempts;
  PendingGrantStore& pending;
  ActivationStore& activations;
  GrantStore& grants;
  ErasureStore& erasures;
  ImportStore& imports;
  InboxKeyStore& inbox_keys;
  const ZoomApps& apps;
  ZoomAppStore& app_store;
  const Sealing& sealing;
  OAuthServer& zoom;
  SpoolFiles& spool_files;
  Ledger& ledger;
  const Lifetimes& lifetimes;
  const ZoomPauses& pauses;
  int imports_per_second = 1;  ///< refreshes of this replica that prove imported tokens
  std::string replica;         ///< names this process as owner of leases
  Pause pause;
  Logger& log;
  Metrics& metrics;
};

/// The vault's use cases, put together. Thread-safe.
struct Vault {
  explicit Vault(const VaultPorts& p)
      : ledger(p.ledger),
        gate(p.metrics, p.pauses),
        spool(p.spool_files, p.grants, p.log, p.metrics),
        authorization(p.attempts, p.apps, p.sealing, p.lifetimes, p.pause),
        identification(p.pending, p.apps, p.sealing, p.zoom),
        intake({p.pending, p.erasures, p.sealing, identification, p.lifetimes, p.pause, p.log}),
        exchange({p.attempts, p.pending, p.apps, p.sealing, p.zoom, intake, p.lifetimes, p.pause,
                  p.log}),
        activation({p.activations, p.pending, p.erasures, p.ledger, p.apps, p.sealing, p.zoom,
                    p.lifetimes, p.pause, p.log}),
        access_tokens({p.grants, p.erasures, p.apps, p.sealing, p.zoom, gate, spool, p.lifetimes,
                       p.replica, p.pause, p.log, p.metrics}),
        profiles(p.grants, p.apps, p.sealing),
        erasure({p.erasures, p.ledger, p.apps, p.sealing, p.zoom, p.lifetimes, p.log, p.metrics}),
        zoom_apps({p.app_store, p.apps, p.grants, p.zoom, p.lifetimes}),
        webhooks(p.apps, p.inbox_keys, p.sealing, p.lifetimes),
        import_keys(p.imports, p.apps, p.sealing),
        import_pacer(p.imports_per_second, p.pause),
        grant_import({p.imports, p.attempts, import_keys, p.apps, p.zoom, gate, intake,
                      import_pacer, p.lifetimes, p.pause, p.log, p.metrics}),
        sweeps({p.attempts, p.pending, p.grants, p.erasures, identification, access_tokens, spool,
                erasure, zoom_apps, grant_import, webhooks, p.lifetimes, p.log}) {}

  Ledger& ledger;
  ZoomGate gate;
  Spool spool;
  Authorization authorization;
  Identification identification;
  GrantIntake intake;
  CodeExchange exchange;
  ActivationService activation;
  AccessTokens access_tokens;
  Profiles profiles;
  Erasure erasure;
  ZoomAppAdministration zoom_apps;
  Webhooks webhooks;
  ImportKeys import_keys;
  Pacer import_pacer;
  GrantImport grant_import;
  Sweeps sweeps;
};

}  // namespace shodan::tokenvault
