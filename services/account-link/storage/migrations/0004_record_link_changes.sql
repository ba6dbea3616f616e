-- SPDX-License-Identifier: Apache-2.0
-- Each change of a link's state, cause or generation, for those who watch links.
CREATE TABLE link_changes (
  change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  changed_at timestamptz NOT NULL,
  project_id text COLLATE "C" NOT NULL,
  user_id    text COLLATE "C" NOT NULL,
  link_id    uuid NOT NULL,
  generation bigint NOT NULL,
  state      text NOT NULL,
  cause      text
);
CREATE INDEX link_changes_by_project ON link_changes (project_id, change_id);

-- The change that was removed last: whoever stands behind it has missed nothing. One row.
CREATE TABLE link_changes_removed (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  change_id  bigint NOT NULL DEFAULT 0,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO link_changes_removed DEFAULT VALUES;

CREATE INDEX links_connected ON links (project_id, user_id) WHERE state <> 'none';

-- Runs when its transaction commits, so the lock is the last one taken and held for the commit alone.
-- The commit becomes visible before the lock is free: ids appear in the order of the commits, and who
-- has seen one has seen all before it.
CREATE FUNCTION record_link_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7101);
  INSERT INTO link_changes (changed_at, project_id, user_id, link_id, generation, state, cause)
    VALUES (clock_timestamp(), NEW.project_id, NEW.user_id, NEW.link_id, NEW.generation, NEW.state,
            NEW.cause);
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER links_record_insertion AFTER INSERT ON links
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.generation > 0 OR NEW.state <> 'none')
  EXECUTE FUNCTION record_link_change();
CREATE CONSTRAINT TRIGGER links_record_change AFTER UPDATE ON links
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.state, OLD.cause, OLD.generation) IS DISTINCT FROM (NEW.state, NEW.cause, NEW.generation))
  EXECUTE FUNCTION record_link_change();
