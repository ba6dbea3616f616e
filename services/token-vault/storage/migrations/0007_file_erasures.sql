-- SPDX-License-Identifier: Apache-2.0
-- The erasure ledger also stands in files outside the database, one a replica: which lives are in one, what each writer
-- last said, and whether the database was restored to an earlier time.

-- NULL until the life is in a file; until then nobody is told that the erasure is over.
ALTER TABLE erasure_ledger ADD COLUMN filed_at timestamptz;
CREATE INDEX erasure_ledger_unfiled ON erasure_ledger (wiped_at) WHERE wiped_at IS NOT NULL AND filed_at IS NULL;

-- One row a ledger directory. The writer keeps the same two numbers beside its files, never ahead of these: when these are
-- behind, the database has lost what it had committed.
CREATE TABLE ledger_writers (
  writer uuid PRIMARY KEY,
  last_sequence bigint NOT NULL,
  beat bigint NOT NULL,
  confirmed_restore bigint NOT NULL DEFAULT 0,
  reported_at timestamptz NOT NULL DEFAULT now(),
  left_at timestamptz,
  dismissed_at timestamptz
);

CREATE TABLE ledger_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- The cluster and timeline that the vault last worked on.
  incarnation text NOT NULL DEFAULT '',
  restore_id bigint NOT NULL DEFAULT 0,
  open boolean NOT NULL DEFAULT false,
  -- Something is known to be lost: every writer has to replay. Otherwise those that have not left.
  lost boolean NOT NULL DEFAULT false,
  opened_at timestamptz,
  finished_at timestamptz
);
INSERT INTO ledger_state DEFAULT VALUES;

-- A restored data directory keeps the cluster's identifier, a dump does not; a recovery that ends begins a timeline.
CREATE FUNCTION database_incarnation() RETURNS text LANGUAGE plpgsql STABLE AS $function$
BEGIN
  RETURN (SELECT system_identifier FROM pg_control_system()) || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8);
EXCEPTION WHEN insufficient_privilege THEN
  RETURN '';
END
$function$;

-- Beyond every id that was ever given out: the time in microseconds, far ahead of any count of events.
-- The owner's right, because the services' role may not set a sequence.
CREATE FUNCTION move_event_ids_past(least_id bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $function$
BEGIN
  PERFORM setval(pg_get_serial_sequence('grant_events', 'event_id'),
                 greatest(nextval(pg_get_serial_sequence('grant_events', 'event_id')), least_id,
                          (extract(epoch FROM clock_timestamp()) * 1000000)::bigint));
END
$function$;
