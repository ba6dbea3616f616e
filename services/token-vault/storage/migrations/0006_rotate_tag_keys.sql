-- SPDX-License-Identifier: Apache-2.0
-- Rotation of tag keys. The keys themselves are in the key-ring file; here are their numbers, states and fingerprints.
--
--   added    in some replica's ring, never used
--   next     every new tag is made under it too, and rows that lack it get it
--   current  tags are made under it
--   former   was current; its tags are being replaced by those under the current one
--   retired  no row has a tag under it and none can be stored
CREATE TABLE tag_versions (
  tag_version integer PRIMARY KEY,
  fingerprint text NOT NULL,
  state text NOT NULL DEFAULT 'added' CHECK (state IN ('added', 'next', 'current', 'former', 'retired')),
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  begun_at timestamptz,
  promoted_at timestamptz,
  replaced_at timestamptz,
  retired_at timestamptz
);
CREATE UNIQUE INDEX tag_versions_in_use ON tag_versions (state) WHERE state IN ('next', 'current');

-- Versions that a row may be under: its identity_tag is made with that key, its identity_tag_next with the one after it.
CREATE TABLE open_tag_versions (
  tag_version integer PRIMARY KEY REFERENCES tag_versions
);

ALTER TABLE key_replicas
  ADD COLUMN tag_version integer,
  ADD COLUMN next_tag_version integer;
CREATE TABLE key_replica_tag_versions (
  replica text NOT NULL REFERENCES key_replicas ON DELETE CASCADE,
  tag_version integer NOT NULL REFERENCES tag_versions,
  PRIMARY KEY (replica, tag_version)
);

ALTER TABLE revocations
  ADD COLUMN identity_tag_next bytea,
  ADD COLUMN tag_version integer;

-- What is there was made under one version, by a key whose fingerprint the next replica to start records. Tags under a key
-- that only a file called next count for nothing: the pass makes them again.
UPDATE grants SET identity_tag_next = NULL, account_tag_next = NULL WHERE identity_tag_next IS NOT NULL;
UPDATE pending_grants SET identity_tag_next = NULL, account_tag_next = NULL WHERE identity_tag_next IS NOT NULL;
INSERT INTO tag_versions (tag_version, fingerprint, state)
  SELECT tag_version, '', CASE WHEN tag_version = max(tag_version) OVER () THEN 'current' ELSE 'former' END
  FROM (SELECT tag_version FROM grants WHERE tag_version IS NOT NULL UNION
        SELECT tag_version FROM pending_grants WHERE tag_version IS NOT NULL) used;
INSERT INTO open_tag_versions SELECT tag_version FROM tag_versions;
UPDATE revocations SET tag_version = (SELECT tag_version FROM tag_versions WHERE state = 'current') WHERE identity_tag IS NOT NULL;
UPDATE revocations SET identity_tag = NULL WHERE tag_version IS NULL AND identity_tag IS NOT NULL;

ALTER TABLE grants ADD FOREIGN KEY (tag_version) REFERENCES open_tag_versions;
ALTER TABLE pending_grants ADD FOREIGN KEY (tag_version) REFERENCES open_tag_versions;
ALTER TABLE revocations ADD FOREIGN KEY (tag_version) REFERENCES open_tag_versions;

-- The newest tag of a row. Two rows are of one Zoom user when they have the same identity_tag or the same identity_key:
-- the first finds every row until the next version becomes current, the second from then on.
ALTER TABLE grants ADD COLUMN identity_key bytea GENERATED ALWAYS AS (coalesce(identity_tag_next, identity_tag)) STORED;
ALTER TABLE pending_grants ADD COLUMN identity_key bytea GENERATED ALWAYS AS (coalesce(identity_tag_next, identity_tag)) STORED;
ALTER TABLE revocations ADD COLUMN identity_key bytea GENERATED ALWAYS AS (coalesce(identity_tag_next, identity_tag)) STORED;
CREATE UNIQUE INDEX grants_by_identity_key ON grants (zoom_app_id, identity_key) WHERE identity_key IS NOT NULL;
CREATE INDEX pending_grants_by_identity_key ON pending_grants (zoom_app_id, identity_key);
CREATE INDEX revocations_by_identity_key ON revocations (zoom_app_id, identity_key);

-- A row that has no next tag is under the current version. Together with the rows that are looked at before the next
-- version becomes current, this makes the rule above hold whatever a replica that was asleep writes. The lock is that of
-- storage/tag_state.cc: the state stays as it is until the transaction ends.
CREATE FUNCTION check_identity_tags() RETURNS trigger LANGUAGE plpgsql AS $function$
DECLARE
  present integer;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7004);
  SELECT tag_version INTO present FROM tag_versions WHERE state = 'current';
  IF NEW.tag_version IS NULL AND NOT EXISTS (SELECT 1 FROM tag_versions WHERE state IN ('next', 'former')) THEN
    NEW.tag_version := present;
  END IF;
  IF NEW.tag_version IS NULL OR (NEW.identity_tag_next IS NULL AND NEW.tag_version IS DISTINCT FROM present) THEN
    RAISE EXCEPTION 'an identity tag of % is not made under the current tag version', TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END
$function$;
CREATE TRIGGER grants_identity_tags BEFORE INSERT OR UPDATE OF identity_tag, identity_tag_next, tag_version ON grants
  FOR EACH ROW WHEN (NEW.identity_tag IS NOT NULL) EXECUTE FUNCTION check_identity_tags();
CREATE TRIGGER pending_grants_identity_tags BEFORE INSERT OR UPDATE OF identity_tag, identity_tag_next, tag_version
  ON pending_grants FOR EACH ROW WHEN (NEW.identity_tag IS NOT NULL) EXECUTE FUNCTION check_identity_tags();
CREATE TRIGGER revocations_identity_tags BEFORE INSERT OR UPDATE OF identity_tag, identity_tag_next, tag_version
  ON revocations FOR EACH ROW WHEN (NEW.identity_tag IS NOT NULL) EXECUTE FUNCTION check_identity_tags();

-- The pass walks the rows without a next tag, then those with one; retiring looks whether one is left.
CREATE INDEX grants_without_next_tag ON grants (link_id) WHERE identity_tag IS NOT NULL AND identity_tag_next IS NULL;
CREATE INDEX grants_with_next_tag ON grants (link_id) WHERE identity_tag_next IS NOT NULL;
CREATE INDEX grants_by_tag_version ON grants (tag_version) WHERE tag_version IS NOT NULL;
