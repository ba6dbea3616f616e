-- SPDX-License-Identifier: Apache-2.0
-- Import of grants from other systems. Their tokens come encrypted to a key of the project; the tokens themselves are stored
-- nowhere before a refresh has replaced them.
CREATE TABLE import_keys (
  import_key_id uuid PRIMARY KEY,
  project_id text NOT NULL,
  public_jwk text NOT NULL,
  private_key bytea NOT NULL,
  key_epoch integer REFERENCES open_key_epochs GENERATED ALWAYS AS (sealed_key_epoch(private_key)) STORED,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX import_keys_by_key_epoch ON import_keys (key_epoch, import_key_id);
CREATE INDEX import_keys_by_project ON import_keys (project_id, created_at);
CREATE INDEX import_keys_by_end ON import_keys (expires_at);

-- What became of an envelope, for as long as it can be opened; the digest is of project and ciphertext. The attempt is the
-- last one: it stays as long as its line.
CREATE TABLE import_lines (
  line_digest bytea PRIMARY KEY CHECK (length(line_digest) = 32),
  import_key_id uuid NOT NULL REFERENCES import_keys ON DELETE CASCADE,
  attempt_id uuid NOT NULL UNIQUE REFERENCES attempts,
  stored_at timestamptz,
  rejected_at timestamptz,
  -- An answer of Zoom may have been lost, and with it the token that replaced the imported one.
  unresolved boolean NOT NULL DEFAULT true,
  CHECK (stored_at IS NULL OR rejected_at IS NULL)
);
CREATE INDEX import_lines_by_key ON import_lines (import_key_id);

-- In the transaction that stores the refreshed token, whoever writes it: from then on the envelope is never used again.
CREATE FUNCTION mark_import_stored() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  UPDATE import_lines SET stored_at = now(), unresolved = false WHERE attempt_id = NEW.attempt_id;
  RETURN NULL;
END
$function$;
CREATE TRIGGER pending_grants_of_imports AFTER INSERT ON pending_grants
  FOR EACH ROW EXECUTE FUNCTION mark_import_stored();

ALTER TABLE attempts
  DROP CONSTRAINT attempts_purpose_check,
  ADD CONSTRAINT attempts_purpose_check CHECK (purpose IN ('connect', 'reconnect', 'import')),
  DROP CONSTRAINT attempts_result_check,
  ADD CONSTRAINT attempts_result_check
    CHECK (result IN ('', 'connected', 'cancelled', 'other_account_connected', 'different_account', 'expired', 'system_error',
                      'superseded', 'connected_elsewhere'));
