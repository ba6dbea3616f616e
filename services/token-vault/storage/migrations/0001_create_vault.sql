-- SPDX-License-Identifier: Apache-2.0
-- Sealed columns hold ciphertext in the format of libs/crypto/sealed_field.h; *_tag columns hold
-- HMACs. Nothing else here comes from Zoom.

-- One Zoom app per client id. A changed client id is a new app: its predecessor stays for the
-- revocation of old grants.
CREATE TABLE zoom_apps (
  zoom_app_id uuid PRIMARY KEY,
  project_id text NOT NULL,
  client_id text NOT NULL UNIQUE,
  settings jsonb NOT NULL,
  client_secret bytea,
  is_current boolean NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX zoom_apps_current ON zoom_apps (project_id) WHERE is_current;

-- Key epochs as this installation has seen them; the keys live in the key-ring file only.
CREATE TABLE key_epochs (
  key_epoch integer PRIMARY KEY,
  fingerprint text NOT NULL,
  first_seen_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE attempts (
  attempt_id uuid PRIMARY KEY,
  project_id text NOT NULL,
  user_id text NOT NULL,
  user_display_name text NOT NULL,
  zoom_app_id uuid NOT NULL REFERENCES zoom_apps,
  purpose text NOT NULL CHECK (purpose IN ('connect', 'reconnect')),
  state text NOT NULL
    CHECK (state IN ('pending', 'exchanging', 'exchanged', 'activated', 'ended')),
  result text NOT NULL DEFAULT ''
    CHECK (result IN ('', 'connected', 'cancelled', 'other_account_connected', 'different_account',
                      'expired', 'system_error', 'superseded')),
  ticket_hash bytea UNIQUE,
  ticket_expires_at timestamptz NOT NULL,
  state_hash bytea UNIQUE,
  cookie_hash bytea,
  code_verifier bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  exchanging_at timestamptz,
  ended_at timestamptz
);
CREATE INDEX attempts_by_user ON attempts (project_id, user_id, created_at DESC);
CREATE INDEX attempts_unfinished ON attempts (expires_at) WHERE state IN ('pending', 'exchanging');
CREATE INDEX attempts_finished ON attempts (ended_at) WHERE state IN ('activated', 'ended');

CREATE TABLE pending_grants (
  attempt_id uuid PRIMARY KEY REFERENCES attempts,
  project_id text NOT NULL,
  user_id text NOT NULL,
  zoom_app_id uuid NOT NULL REFERENCES zoom_apps,
  token_version bigint NOT NULL,
  access_token bytea NOT NULL,
  refresh_token bytea NOT NULL,
  key_epoch integer NOT NULL,
  scope text NOT NULL,
  access_expires_at timestamptz NOT NULL,
  profile bytea,
  identity_tag bytea,
  account_tag bytea,
  identity_tag_next bytea,
  account_tag_next bytea,
  tag_version integer,
  sent_at timestamptz NOT NULL,
  stored_at timestamptz NOT NULL,
  proved_at timestamptz,
  lease_until timestamptz,
  next_identify_at timestamptz NOT NULL DEFAULT now(),
  identify_failures integer NOT NULL DEFAULT 0
);
CREATE INDEX pending_grants_by_age ON pending_grants (stored_at, attempt_id);
CREATE INDEX pending_grants_by_identity ON pending_grants (zoom_app_id, identity_tag);
CREATE INDEX pending_grants_by_user ON pending_grants (project_id, user_id);
CREATE INDEX pending_grants_unidentified ON pending_grants (next_identify_at)
  WHERE identity_tag IS NULL;

-- Never deleted: wiped, the row is its own tombstone.
CREATE TABLE grants (
  link_id uuid PRIMARY KEY,
  project_id text NOT NULL,
  user_id text NOT NULL,
  zoom_app_id uuid NOT NULL REFERENCES zoom_apps,
  generation bigint NOT NULL,
  token_version bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('none', 'active', 'reconnect_required', 'disconnecting')),
  cause text NOT NULL DEFAULT ''
    CHECK (cause IN ('', 'lost_response', 'revoked', 'account_inactive', 'reauthorized_elsewhere',
                     'expired', 'taken_over', 'disconnected', 'disconnected_by_admin')),
  access_token bytea,
  refresh_token bytea,
  key_epoch integer,
  scope text NOT NULL DEFAULT '',
  access_expires_at timestamptz,
  identity_tag bytea,
  account_tag bytea,
  identity_tag_next bytea,
  account_tag_next bytea,
  tag_version integer,
  -- Zoom was asked at sent_at and its answer stored at stored_at: in between the tokens were live.
  sent_at timestamptz,
  stored_at timestamptz,
  lease_owner text,
  lease_until timestamptz,
  intent_id uuid,
  intent_token_version bigint,
  intent_at timestamptz,
  -- Feeds the key of a spool file; clearing it makes the file unreadable.
  intent_secret bytea,
  last_write_id uuid,
  suspect_since timestamptz,
  failure_count integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  activation_decision_id uuid,
  erasure_decision_id uuid,
  reconnect_required_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (project_id, user_id),
  CHECK (state <> 'active' OR (refresh_token IS NOT NULL AND identity_tag IS NOT NULL)),
  CHECK (state = 'active' OR (access_token IS NULL AND refresh_token IS NULL)),
  CHECK (state IN ('active', 'reconnect_required') OR (identity_tag IS NULL AND account_tag IS NULL))
);
CREATE UNIQUE INDEX grants_by_identity ON grants (zoom_app_id, identity_tag)
  WHERE identity_tag IS NOT NULL;
CREATE INDEX grants_by_key_epoch ON grants (key_epoch) WHERE key_epoch IS NOT NULL;
CREATE INDEX grants_doubtful ON grants (next_attempt_at)
  WHERE state = 'active' AND (suspect_since IS NOT NULL OR intent_id IS NOT NULL);
CREATE INDEX grants_reconnect_required ON grants (reconnect_required_at)
  WHERE state = 'reconnect_required' AND identity_tag IS NOT NULL;

CREATE TABLE grant_profiles (
  link_id uuid PRIMARY KEY REFERENCES grants,
  generation bigint NOT NULL,
  profile bytea NOT NULL,
  link_data_key bytea NOT NULL,
  key_epoch integer NOT NULL
);

-- Tokens on their way out: ciphertext moved here unopened, with the coordinates it was sealed at.
CREATE TABLE revocations (
  revocation_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  link_id uuid,
  generation bigint,
  project_id text NOT NULL,
  user_id text NOT NULL,
  zoom_app_id uuid NOT NULL REFERENCES zoom_apps,
  identity_tag bytea NOT NULL,
  access_token bytea,
  refresh_token bytea,
  access_expires_at timestamptz,
  -- False when another grant of the same Zoom user would be killed: wiped without a request.
  permitted boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  deadline_at timestamptz NOT NULL,
  sent_at timestamptz,
  confirmed_at timestamptz,
  lease_until timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  wiped_at timestamptz,
  CHECK (wiped_at IS NULL OR (access_token IS NULL AND refresh_token IS NULL))
);
CREATE INDEX revocations_open ON revocations (created_at) WHERE wiped_at IS NULL;
CREATE INDEX revocations_by_user ON revocations (project_id, user_id) WHERE wiped_at IS NULL;
CREATE INDEX revocations_by_identity ON revocations (zoom_app_id, identity_tag);
CREATE INDEX revocations_wiped ON revocations (wiped_at) WHERE wiped_at IS NOT NULL;

CREATE TABLE erasure_ledger (
  link_id uuid NOT NULL,
  generation bigint NOT NULL,
  project_id text NOT NULL,
  user_id text NOT NULL,
  decision_id uuid NOT NULL UNIQUE,
  cause text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  wiped_at timestamptz,
  revoked_at_zoom boolean NOT NULL DEFAULT false,
  PRIMARY KEY (link_id, generation)
);
CREATE INDEX erasure_ledger_open ON erasure_ledger (started_at) WHERE wiped_at IS NULL;

-- Answers of decisions, so that a repeated decision gets the same one.
CREATE TABLE decisions (
  decision_id uuid PRIMARY KEY,
  attempt_id uuid,
  link_id uuid,
  generation bigint,
  superseded_link_id uuid,
  superseded_project_id text,
  superseded_user_id text,
  superseded_generation bigint,
  decided_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX decisions_by_age ON decisions (decided_at);

-- Ids are given out under an advisory lock that is held to the commit, so they appear in order.
CREATE TABLE grant_events (
  event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  link_id uuid NOT NULL,
  project_id text NOT NULL,
  user_id text NOT NULL,
  generation bigint NOT NULL,
  state text NOT NULL,
  cause text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE audit (
  audit_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  occurred_at timestamptz NOT NULL DEFAULT now(),
  project_id  text NOT NULL,
  user_id     text NOT NULL,
  link_id     text,
  actor       text NOT NULL,
  caller      text NOT NULL,
  request_id  text NOT NULL,
  action      text NOT NULL CHECK (action ~ '^[a-z0-9_]+(\.[a-z0-9_]+)+$'),
  details     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object')
);
CREATE INDEX audit_by_user ON audit (project_id, user_id, audit_id);
