-- SPDX-License-Identifier: Apache-2.0
-- An unsafe request to Zoom is announced here before its first byte is sent. Holds nothing of
-- Zoom's: digests are salted with the request id, which is not kept itself.

CREATE TABLE intents (
  project_id       text COLLATE "C" NOT NULL,
  caller           text COLLATE "C" NOT NULL,
  user_id          text COLLATE "C" NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 255),
  request_digest   bytea NOT NULL CHECK (octet_length(request_digest) = 32),
  attempt_id       uuid NOT NULL,
  head_fingerprint bytea NOT NULL CHECK (octet_length(head_fingerprint) = 32),
  body_fingerprint bytea CHECK (octet_length(body_fingerprint) = 32),
  state            text NOT NULL DEFAULT 'sending'
                   CHECK (state IN ('sending', 'completed', 'unknown', 'not_sent')),
  zoom_status      bigint CHECK (zoom_status BETWEEN 200 AND 599),
  actor            text NOT NULL,
  call_id          text NOT NULL,
  method           text NOT NULL CHECK (method IN ('POST', 'PUT', 'PATCH', 'DELETE')),
  endpoint         text NOT NULL,
  created_at       timestamptz NOT NULL DEFAULT now(),
  deadline_at      timestamptz NOT NULL,
  ended_at         timestamptz,
  PRIMARY KEY (project_id, caller, user_id, request_digest),
  CHECK ((state = 'sending') = (ended_at IS NULL)),
  CHECK (state <> 'completed' OR zoom_status IS NOT NULL)
);
CREATE INDEX intents_sending ON intents (deadline_at) WHERE state = 'sending';
CREATE INDEX intents_by_age ON intents (created_at);

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
