-- SPDX-License-Identifier: Apache-2.0
-- Events on their way to the endpoints of a project's owner: what became of links, and what Zoom told. Deliveries of the
-- latter hold nothing but the id of the webhook, which lies sealed where it lies, and go with it.

CREATE TABLE webhook_endpoints (
  endpoint_id          uuid PRIMARY KEY,
  endpoint_number      bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  project_id           text COLLATE "C" NOT NULL CHECK (project_id ~ '^[a-z0-9-]{1,63}$'),
  url                  text NOT NULL CHECK (url LIKE 'https://%' AND octet_length(url) <= 2048),
  event_types          text[] NOT NULL CHECK (cardinality(event_types) BETWEEN 1 AND 14),
  state                text NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'disabled')),
  disabled_reason      text NOT NULL DEFAULT '' CHECK (disabled_reason IN ('', 'ADMINISTRATOR', 'FAILING', 'GONE')),
  created_at           timestamptz NOT NULL DEFAULT now(),
  updated_at           timestamptz NOT NULL DEFAULT now(),
  rotated_at           timestamptz NOT NULL DEFAULT now(),
  -- The circuit breaker: the same for every replica.
  consecutive_failures integer NOT NULL DEFAULT 0,
  failing_since        timestamptz,
  blocked_until        timestamptz NOT NULL DEFAULT now(),
  claimed_at           timestamptz NOT NULL DEFAULT now(),
  CHECK ((state = 'enabled') = (disabled_reason = ''))
);
CREATE INDEX webhook_endpoints_by_project ON webhook_endpoints (project_id, endpoint_number);

-- Sealed under the project's key, which is the vault's. At most two of an endpoint sign: the present one and, until it
-- expires, the one before.
CREATE TABLE endpoint_secrets (
  secret_id   uuid PRIMARY KEY,
  endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
  secret      bytea NOT NULL,
  expires_at  timestamptz
);
CREATE UNIQUE INDEX endpoint_secrets_present ON endpoint_secrets (endpoint_id) WHERE expires_at IS NULL;
CREATE INDEX endpoint_secrets_by_endpoint ON endpoint_secrets (endpoint_id);

CREATE TABLE deliveries (
  delivery_id     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  delivery_number bigint GENERATED ALWAYS AS IDENTITY,
  endpoint_id     uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
  -- Header webhook-id: the event's, whoever gets it however often.
  message_id      uuid NOT NULL,
  event_type      text NOT NULL CHECK (event_type ~ '^[a-z0-9_.]{1,64}$'),
  -- What is sent: of our own events the text, of Zoom's the webhook that holds it.
  payload         text,
  webhook_id      uuid REFERENCES webhooks ON DELETE CASCADE,
  state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
  attempts        integer NOT NULL DEFAULT 0,
  last_answer     text NOT NULL DEFAULT '' CHECK (last_answer ~ '^[A-Za-z0-9_]{0,63}$'),
  created_at      timestamptz NOT NULL DEFAULT now(),
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  ended_at        timestamptz,
  replays         integer NOT NULL DEFAULT 0,
  claim_id        uuid,
  CHECK ((payload IS NULL) <> (webhook_id IS NULL)),
  CHECK ((state = 'pending') = (ended_at IS NULL)),
  CHECK (claim_id IS NULL OR state = 'pending')
);
CREATE UNIQUE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, delivery_number);
CREATE INDEX deliveries_due ON deliveries (endpoint_id, next_attempt_at, delivery_number) WHERE state = 'pending';
CREATE INDEX deliveries_claimed ON deliveries (endpoint_id, next_attempt_at) WHERE claim_id IS NOT NULL;
CREATE INDEX deliveries_dead ON deliveries (endpoint_id, delivery_number) WHERE state = 'dead';
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id) WHERE webhook_id IS NOT NULL;
CREATE INDEX deliveries_by_age ON deliveries (created_at);

-- An event that is told is on its way in the same transaction: nothing that tells events can forget it.
CREATE FUNCTION deliver_trigger_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deliveries (endpoint_id, message_id, event_type, webhook_id)
    SELECT endpoint_id, NEW.webhook_id, NEW.event, NEW.webhook_id FROM webhook_endpoints
    WHERE project_id = NEW.project_id AND state = 'enabled' AND NEW.event = ANY (event_types);
  RETURN NULL;
END
$$;
CREATE TRIGGER deliver_trigger_event AFTER UPDATE OF state ON webhooks FOR EACH ROW
  WHEN (NEW.state = 'released' AND OLD.state <> 'released') EXECUTE FUNCTION deliver_trigger_event();

-- Projects with endpoints, and how far the changes of their links were followed, by whom at present.
CREATE TABLE link_watches (
  project_id   text COLLATE "C" PRIMARY KEY,
  resume_token text NOT NULL DEFAULT '',
  settled      boolean NOT NULL DEFAULT false,
  created_at   timestamptz NOT NULL DEFAULT now(),
  holder       uuid,
  held_until   timestamptz NOT NULL DEFAULT now()
);

-- What was last told of each link of such a project; none is in state "none".
CREATE TABLE told_links (
  project_id  text COLLATE "C" NOT NULL REFERENCES link_watches ON DELETE CASCADE,
  user_id     text COLLATE "C" NOT NULL,
  link_id     uuid NOT NULL,
  generation  bigint NOT NULL,
  state       text NOT NULL CHECK (state IN ('active', 'reconnect_required', 'disconnecting')),
  snapshot_id uuid,
  PRIMARY KEY (project_id, link_id)
);
