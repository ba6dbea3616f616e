-- SPDX-License-Identifier: Apache-2.0
-- Zoom's webhooks, from the moment they come until nobody needs them any more. What they say stands in `body` alone, sealed:
-- under the inbox key of its day until its user is known, then under the data key of that user's link. Both keys are the
-- vault's; once it destroys one, what is under it cannot be read any more, wherever a copy is.

CREATE TABLE webhooks (
  webhook_id      uuid PRIMARY KEY,
  receive_id      bigint GENERATED ALWAYS AS IDENTITY,
  project_id      text COLLATE "C" NOT NULL,
  state           text NOT NULL DEFAULT 'received'
                  CHECK (state IN ('received', 'held', 'released', 'settled', 'parked')),
  reason          text NOT NULL DEFAULT '' CHECK (reason ~ '^[A-Z0-9_]{0,63}$'),
  event           text NOT NULL DEFAULT '' CHECK (event ~ '^[a-z0-9_.]{0,64}$'),
  body            bytea,
  inbox_key_id    uuid,
  user_id         text COLLATE "C" CHECK (octet_length(user_id) BETWEEN 1 AND 255),
  link_id         uuid,
  generation      bigint,
  received_at     timestamptz NOT NULL DEFAULT now(),
  event_at        timestamptz,
  attempts        integer NOT NULL DEFAULT 0,
  duplicates      integer NOT NULL DEFAULT 0,
  replays         integer NOT NULL DEFAULT 0,
  claim_id        uuid,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  release_at      timestamptz,
  sequence        bigint,
  late            boolean NOT NULL DEFAULT false,
  CHECK ((state IN ('received', 'parked')) = (inbox_key_id IS NOT NULL)),
  CHECK ((state = 'settled') = (body IS NULL)),
  CHECK ((state IN ('held', 'released')) = (link_id IS NOT NULL)),
  CHECK ((link_id IS NULL) = (user_id IS NULL) AND (link_id IS NULL) = (generation IS NULL)),
  CHECK ((state IN ('held', 'released')) = (event_at IS NOT NULL)),
  CHECK ((state = 'held') = (release_at IS NOT NULL)),
  CHECK ((state = 'released') = (sequence IS NOT NULL))
);
CREATE UNIQUE INDEX webhooks_by_receipt ON webhooks (project_id, receive_id);
CREATE INDEX webhooks_to_read ON webhooks (next_attempt_at, receive_id) WHERE state = 'received';
CREATE INDEX webhooks_to_release ON webhooks (release_at, link_id) WHERE state = 'held';
CREATE INDEX webhooks_held ON webhooks (link_id, event_at, receive_id) WHERE state = 'held';
CREATE INDEX webhooks_released ON webhooks (project_id, user_id, sequence) WHERE state = 'released';
CREATE INDEX webhooks_by_link ON webhooks (link_id, generation) WHERE link_id IS NOT NULL;
CREATE INDEX webhooks_by_age ON webhooks (received_at);

-- Tells webhooks that come again: HMACs over project and body, under a key that only the vault has.
CREATE TABLE webhook_tags (
  tag         bytea PRIMARY KEY CHECK (octet_length(tag) = 32),
  webhook_id  uuid NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_tags_by_age ON webhook_tags (received_at);

-- The sequence of each link's events, and its lives that are over. Whoever holds, releases or erases events of a link locks
-- its row first. Stays as long as the link, like the link's own row.
CREATE TABLE event_streams (
  link_id          uuid PRIMARY KEY,
  last_sequence    bigint NOT NULL DEFAULT 0,
  last_event_at    timestamptz,
  ended_generation bigint NOT NULL DEFAULT 0
);

-- How far the vault's events were followed.
CREATE TABLE grant_position (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  event_id bigint NOT NULL
);
INSERT INTO grant_position (event_id) VALUES (0);

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
