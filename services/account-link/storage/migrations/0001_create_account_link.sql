-- SPDX-License-Identifier: Apache-2.0
-- Identifiers compare by bytes: the same order as in the program, which locks rows in it.

CREATE TABLE projects (
  project_id   text COLLATE "C" PRIMARY KEY CHECK (project_id ~ '^[a-z0-9-]{1,63}$'),
  display_name text NOT NULL,
  settings     jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object'),
  updated_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE links (
  project_id            text COLLATE "C" NOT NULL,
  user_id               text COLLATE "C" NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 255),
  link_id               uuid NOT NULL UNIQUE,
  generation            bigint NOT NULL DEFAULT 0 CHECK (generation >= 0),
  state                 text NOT NULL DEFAULT 'none'
                        CHECK (state IN ('none', 'active', 'reconnect_required', 'disconnecting')),
  cause                 text CHECK (cause IN ('lost_response', 'revoked', 'account_inactive',
                                              'reauthorized_elsewhere', 'expired', 'taken_over',
                                              'disconnected', 'disconnected_by_admin')),
  external_id           text COLLATE "C" CHECK (octet_length(external_id) BETWEEN 1 AND 255),
  vault_event_id        bigint NOT NULL DEFAULT 0,
  connected_at          timestamptz,
  disconnect_started_at timestamptz,
  disconnected_at       timestamptz,
  revoked_at_zoom       boolean,
  updated_at            timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, user_id),
  UNIQUE (project_id, external_id),
  CHECK (state <> 'active' OR cause IS NULL)
);

-- A link's row is its own tombstone: without its generation, an answer about an earlier life could
-- pass for one about a later life.
CREATE FUNCTION refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never deleted', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER links_are_never_deleted BEFORE DELETE OR TRUNCATE ON links
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();

-- The outbox: what the vault is asked to do, written in the transaction that decided it.
CREATE TABLE link_decisions (
  decision_id         uuid PRIMARY KEY,
  project_id          text COLLATE "C" NOT NULL,
  user_id             text COLLATE "C" NOT NULL,
  link_id             uuid NOT NULL,
  kind                text NOT NULL CHECK (kind IN ('activate', 'discard', 'erase')),
  attempt_id          uuid,
  expected_generation bigint NOT NULL CHECK (expected_generation >= 0),
  result              text CHECK (result IN ('other_account_connected', 'different_account',
                                             'superseded')),
  cause               text CHECK (cause IN ('disconnected', 'disconnected_by_admin')),
  actor               text NOT NULL,
  caller              text NOT NULL,
  request_id          text NOT NULL,
  created_at          timestamptz NOT NULL DEFAULT now(),
  next_attempt_at     timestamptz NOT NULL DEFAULT now(),
  attempts            bigint NOT NULL DEFAULT 0,
  done_at             timestamptz,
  failure             text,
  FOREIGN KEY (project_id, user_id) REFERENCES links (project_id, user_id),
  CHECK ((kind = 'erase') = (attempt_id IS NULL)),
  CHECK ((kind = 'discard') = (result IS NOT NULL)),
  CHECK ((kind = 'erase') = (cause IS NOT NULL)),
  CHECK (done_at IS NOT NULL OR failure IS NULL)
);
CREATE INDEX link_decisions_undone ON link_decisions (next_attempt_at) WHERE done_at IS NULL;
CREATE UNIQUE INDEX link_decisions_undone_attempt ON link_decisions (attempt_id)
  WHERE done_at IS NULL AND attempt_id IS NOT NULL;
CREATE UNIQUE INDEX link_decisions_undone_erasure ON link_decisions (project_id, user_id)
  WHERE done_at IS NULL AND kind = 'erase';
CREATE INDEX link_decisions_done ON link_decisions (done_at) WHERE done_at IS NOT NULL;

-- How far the vault's event feed was followed: one row.
CREATE TABLE vault_cursor (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  event_id bigint NOT NULL DEFAULT 0
);
INSERT INTO vault_cursor DEFAULT VALUES;

CREATE TABLE calls (
  project_id   text COLLATE "C" NOT NULL,
  user_id      text COLLATE "C" NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 255),
  call_id      uuid NOT NULL,
  number       text NOT NULL CHECK (number ~ '^\+[1-9][0-9]{1,14}$'),
  input_number text NOT NULL CHECK (octet_length(input_number) <= 250),
  region_code  text NOT NULL CHECK (region_code ~ '^([A-Z]{2})?$'),
  company_id   text COLLATE "C" CHECK (octet_length(company_id) BETWEEN 1 AND 255),
  person_id    text COLLATE "C" CHECK (octet_length(person_id) BETWEEN 1 AND 255),
  outcome      text NOT NULL DEFAULT 'unspecified'
               CHECK (outcome IN ('unspecified', 'connected', 'missed', 'busy', 'voicemail',
                                  'failed')),
  started_at   timestamptz NOT NULL DEFAULT now(),
  duration_s   bigint CHECK (duration_s BETWEEN 0 AND 604800),
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  revision     bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (project_id, user_id, call_id)
);
CREATE INDEX calls_by_user ON calls (project_id, user_id, created_at DESC, call_id DESC);
CREATE INDEX calls_by_company
  ON calls (project_id, user_id, company_id, created_at DESC, call_id DESC)
  WHERE company_id IS NOT NULL;
CREATE INDEX calls_by_person
  ON calls (project_id, user_id, person_id, created_at DESC, call_id DESC)
  WHERE person_id IS NOT NULL;

-- call_id is no foreign key: a note outlives the record of the call that it is about.
CREATE TABLE call_notes (
  project_id text COLLATE "C" NOT NULL,
  user_id    text COLLATE "C" NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 255),
  note_id    uuid NOT NULL,
  text       text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 10000),
  company_id text COLLATE "C" CHECK (octet_length(company_id) BETWEEN 1 AND 255),
  person_id  text COLLATE "C" CHECK (octet_length(person_id) BETWEEN 1 AND 255),
  call_id    uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  revision   bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (project_id, user_id, note_id),
  CHECK (company_id IS NOT NULL OR person_id IS NOT NULL OR call_id IS NOT NULL)
);
CREATE INDEX call_notes_by_user ON call_notes (project_id, user_id, created_at DESC, note_id DESC);
CREATE INDEX call_notes_by_company
  ON call_notes (project_id, user_id, company_id, created_at DESC, note_id DESC)
  WHERE company_id IS NOT NULL;
CREATE INDEX call_notes_by_person
  ON call_notes (project_id, user_id, person_id, created_at DESC, note_id DESC)
  WHERE person_id IS NOT NULL;
CREATE INDEX call_notes_by_call
  ON call_notes (project_id, user_id, call_id, created_at DESC, note_id DESC)
  WHERE call_id IS NOT NULL;

-- Requests that must not have their effect twice, each with what it led to.
CREATE TABLE requests (
  project_id  text COLLATE "C" NOT NULL,
  caller      text COLLATE "C" NOT NULL,
  user_id     text COLLATE "C" NOT NULL,
  request_id  uuid NOT NULL,
  method      text NOT NULL,
  fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
  resource_id text NOT NULL,
  expires_at  timestamptz NOT NULL,
  PRIMARY KEY (project_id, caller, user_id, request_id)
);
CREATE INDEX requests_by_expiry ON requests (expires_at);

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
