-- SPDX-License-Identifier: Apache-2.0
-- Rotation of key epochs. The keys themselves are in the key-ring file; here are their numbers, states and fingerprints.

ALTER TABLE key_epochs
  ADD COLUMN state text NOT NULL DEFAULT 'added'
    CHECK (state IN ('added', 'primary', 'readable', 'retired', 'destroyed')),
  ADD COLUMN promoted_at timestamptz,
  ADD COLUMN replaced_at timestamptz,
  ADD COLUMN retired_at timestamptz,
  ADD COLUMN destroyed_at timestamptz;
CREATE UNIQUE INDEX key_epochs_primary ON key_epochs ((true)) WHERE state = 'primary';

-- Epochs that a stored field may have. Every row with sealed fields refers to it, so an epoch can go only when no field is
-- left under it, and a replica that was asleep cannot bring a field back under an epoch that is gone.
CREATE TABLE open_key_epochs (
  key_epoch integer PRIMARY KEY REFERENCES key_epochs
);

-- What each replica has in its key ring, said by itself every few seconds.
CREATE TABLE key_replicas (
  replica text PRIMARY KEY,
  primary_epoch integer NOT NULL,
  problem text NOT NULL DEFAULT '',
  reported_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE key_replica_epochs (
  replica text NOT NULL REFERENCES key_replicas ON DELETE CASCADE,
  key_epoch integer NOT NULL REFERENCES key_epochs,
  PRIMARY KEY (replica, key_epoch)
);

-- The epoch that a sealed field says it has (libs/crypto/sealed_field.h: the eighth of nine parts, each after a length of
-- four bytes); NULL for what is not a sealed field.
CREATE FUNCTION sealed_key_epoch(sealed bytea) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $function$
DECLARE
  place integer := 0;
  size integer;
  digits text;
BEGIN
  FOR part IN 1..8 LOOP
    IF length(sealed) < place + 4 OR get_byte(sealed, place) <> 0 THEN RETURN NULL; END IF;
    size := get_byte(sealed, place + 1) * 65536 + get_byte(sealed, place + 2) * 256 + get_byte(sealed, place + 3);
    place := place + 4;
    IF length(sealed) < place + size THEN RETURN NULL; END IF;
    IF part < 8 THEN place := place + size; END IF;
  END LOOP;
  digits := encode(substring(sealed FROM place + 1 FOR size), 'escape');
  IF digits ~ '^[1-9][0-9]{0,8}$' THEN RETURN digits::integer; END IF;
  RETURN NULL;
END
$function$;

-- A row's epoch is the oldest of its fields, read from the fields: no statement can record another one.
CREATE FUNCTION record_key_epoch() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  IF TG_TABLE_NAME = 'grants' THEN
    NEW.key_epoch := coalesce(least(sealed_key_epoch(NEW.access_token), sealed_key_epoch(NEW.refresh_token)), NEW.key_epoch);
  ELSIF TG_TABLE_NAME = 'pending_grants' THEN
    NEW.key_epoch := coalesce(least(sealed_key_epoch(NEW.access_token), sealed_key_epoch(NEW.refresh_token),
                                    sealed_key_epoch(NEW.profile)), NEW.key_epoch);
  ELSE
    NEW.key_epoch := coalesce(least(sealed_key_epoch(NEW.profile), sealed_key_epoch(NEW.link_data_key)), NEW.key_epoch);
  END IF;
  RETURN NEW;
END
$function$;
CREATE TRIGGER grants_key_epoch BEFORE INSERT OR UPDATE OF access_token, refresh_token, key_epoch ON grants
  FOR EACH ROW EXECUTE FUNCTION record_key_epoch();
CREATE TRIGGER pending_grants_key_epoch BEFORE INSERT OR UPDATE OF access_token, refresh_token, profile, key_epoch
  ON pending_grants FOR EACH ROW EXECUTE FUNCTION record_key_epoch();
CREATE TRIGGER grant_profiles_key_epoch BEFORE INSERT OR UPDATE OF profile, link_data_key, key_epoch ON grant_profiles
  FOR EACH ROW EXECUTE FUNCTION record_key_epoch();

ALTER TABLE zoom_apps ADD COLUMN key_epoch integer GENERATED ALWAYS AS (sealed_key_epoch(client_secret)) STORED;
ALTER TABLE attempts ADD COLUMN key_epoch integer GENERATED ALWAYS AS (sealed_key_epoch(code_verifier)) STORED;
ALTER TABLE revocations ADD COLUMN key_epoch integer
  GENERATED ALWAYS AS (least(sealed_key_epoch(access_token), sealed_key_epoch(refresh_token))) STORED;

-- What is stored already was sealed by a replica that had recorded its epochs before.
INSERT INTO open_key_epochs
  SELECT key_epoch FROM grants WHERE key_epoch IS NOT NULL UNION SELECT key_epoch FROM pending_grants
  UNION SELECT key_epoch FROM grant_profiles UNION SELECT key_epoch FROM zoom_apps WHERE key_epoch IS NOT NULL
  UNION SELECT key_epoch FROM attempts WHERE key_epoch IS NOT NULL
  UNION SELECT key_epoch FROM revocations WHERE key_epoch IS NOT NULL;
UPDATE key_epochs SET state = 'readable', replaced_at = now() WHERE key_epoch IN (SELECT key_epoch FROM open_key_epochs);

ALTER TABLE grants ADD FOREIGN KEY (key_epoch) REFERENCES open_key_epochs;
ALTER TABLE pending_grants ADD FOREIGN KEY (key_epoch) REFERENCES open_key_epochs;
ALTER TABLE grant_profiles ADD FOREIGN KEY (key_epoch) REFERENCES open_key_epochs;
ALTER TABLE zoom_apps ADD FOREIGN KEY (key_epoch) REFERENCES open_key_epochs;
ALTER TABLE attempts ADD FOREIGN KEY (key_epoch) REFERENCES open_key_epochs;
ALTER TABLE revocations ADD FOREIGN KEY (key_epoch) REFERENCES open_key_epochs;

-- Re-wrapping walks an epoch's rows by id; retiring looks whether one is left.
DROP INDEX grants_by_key_epoch;
CREATE INDEX grants_by_key_epoch ON grants (key_epoch, link_id) WHERE key_epoch IS NOT NULL;
CREATE INDEX grant_profiles_by_key_epoch ON grant_profiles (key_epoch, link_id);
CREATE INDEX pending_grants_by_key_epoch ON pending_grants (key_epoch, attempt_id);
CREATE INDEX attempts_by_key_epoch ON attempts (key_epoch, attempt_id) WHERE key_epoch IS NOT NULL;
CREATE INDEX revocations_by_key_epoch ON revocations (key_epoch) WHERE key_epoch IS NOT NULL;
