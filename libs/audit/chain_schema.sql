-- SPDX-License-Identifier: Apache-2.0
-- Each record belongs to a chain and holds a hash over itself and the record before it.
ALTER TABLE audit
  ADD COLUMN chain_id       text COLLATE "C",
  ADD COLUMN chain_position bigint,
  ADD COLUMN hash           bytea;

-- The end of each chain. Whoever appends locks this one row until the end of his transaction, so
-- that changes of different links never wait for each other.
CREATE TABLE audit_chains (
  chain_id        text COLLATE "C" PRIMARY KEY,
  last_position   bigint NOT NULL CHECK (last_position > 0),
  last_hash       bytea NOT NULL CHECK (octet_length(last_hash) = 32),
  sealed_position bigint NOT NULL DEFAULT 0 CHECK (sealed_position BETWEEN 0 AND last_position)
) WITH (fillfactor = 80);
CREATE INDEX audit_chains_unsealed ON audit_chains (chain_id)
  WHERE last_position > sealed_position;

-- A seal vouches for the chains that grew since the one before it, by an HMAC under a key that is
-- not in this database. Seals count from 1 without gaps.
CREATE TABLE audit_seals (
  seal_id      bigint PRIMARY KEY CHECK (seal_id > 0),
  sealed_at    timestamptz NOT NULL,
  chain_count  bigint NOT NULL CHECK (chain_count > 0),
  row_count    bigint NOT NULL CHECK (row_count >= chain_count),
  root         bytea NOT NULL CHECK (octet_length(root) = 32),
  previous_mac bytea NOT NULL CHECK (octet_length(previous_mac) IN (0, 32)),
  key_id       text NOT NULL,
  mac          bytea NOT NULL CHECK (octet_length(mac) = 32)
);

-- What a seal vouches for: these records of this chain, and by the last one's hash all before it.
CREATE TABLE audit_sealed_chains (
  chain_id       text COLLATE "C" NOT NULL,
  last_position  bigint NOT NULL,
  first_position bigint NOT NULL CHECK (first_position BETWEEN 1 AND last_position),
  hash           bytea NOT NULL CHECK (octet_length(hash) = 32),
  seal_id        bigint NOT NULL REFERENCES audit_seals,
  PRIMARY KEY (chain_id, last_position, seal_id)
);
CREATE INDEX audit_sealed_chains_by_seal ON audit_sealed_chains (seal_id);

-- Four bytes of length and the text; ff ff ff ff for NULL: no two lists of fields collide.
CREATE FUNCTION audit_field(value text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(int4send(octet_length(value)) || convert_to(value, 'UTF8'),
                  decode('ffffffff', 'hex'))
$$;

-- SHA-256 over the hash before it and every column; times in microseconds since 1970, UTC.
CREATE FUNCTION audit_hash(previous bytea, r audit, r_position bigint) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(previous
    || audit_field('shodan.audit.1')
    || audit_field(r.chain_id)
    || audit_field(r_position::text)
    || audit_field(r.audit_id::text)
    || audit_field((extract(epoch FROM r.occurred_at) * 1000000)::bigint::text)
    || audit_field(r.project_id)
    || audit_field(r.user_id)
    || audit_field(r.link_id)
    || audit_field(r.actor)
    || audit_field(r.caller)
    || audit_field(r.request_id)
    || audit_field(r.action)
    || audit_field(r.details::text))
$$;

-- Gives a record its place at the end of its chain: the link's; without a link the user's; without
-- a user the project's.
CREATE FUNCTION audit_chain(r audit) RETURNS audit LANGUAGE plpgsql AS $$
BEGIN
  r.chain_id := CASE
    WHEN r.link_id IS NOT NULL THEN 'link:' || r.link_id
    WHEN r.user_id <> '' THEN 'user:' || r.project_id || '/' || r.user_id
    ELSE 'project:' || r.project_id
  END;
  INSERT INTO audit_chains AS c (chain_id, last_position, last_hash)
    VALUES (r.chain_id, 1, audit_hash(decode(repeat('00', 32), 'hex'), r, 1))
    ON CONFLICT (chain_id) DO UPDATE
    SET last_position = c.last_position + 1,
        last_hash = audit_hash(c.last_hash, r, c.last_position + 1)
    RETURNING c.last_position, c.last_hash INTO r.chain_position, r.hash;
  RETURN r;
END
$$;

-- What was recorded before there were chains is chained as it is found, in the order of the ids.
DO $$
DECLARE
  r audit;
BEGIN
  FOR r IN SELECT * FROM audit ORDER BY audit_id LOOP
    r := audit_chain(r);
    UPDATE audit SET chain_id = r.chain_id, chain_position = r.chain_position, hash = r.hash
      WHERE audit_id = r.audit_id;
  END LOOP;
END
$$;

ALTER TABLE audit
  ALTER COLUMN chain_id SET NOT NULL,
  ALTER COLUMN chain_position SET NOT NULL,
  ALTER COLUMN hash SET NOT NULL,
  ADD CONSTRAINT audit_one_record_a_position UNIQUE (chain_id, chain_position);

CREATE FUNCTION audit_chain_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW := audit_chain(NEW);
  RETURN NEW;
END
$$;
CREATE TRIGGER audit_is_chained BEFORE INSERT ON audit
  FOR EACH ROW EXECUTE FUNCTION audit_chain_new();

CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_seals_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_sealed_chains_are_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_sealed_chains
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_chains_are_never_deleted BEFORE DELETE OR TRUNCATE ON audit_chains
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
