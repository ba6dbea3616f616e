-- SPDX-License-Identifier: Apache-2.0
-- API keys of programs. Of a key's text only the hash is kept; previous_hash is that of the text before it, accepted
-- until previous_expires_at.
CREATE TABLE api_keys (
  key_id              uuid PRIMARY KEY,
  project_id          text COLLATE "C" NOT NULL,
  name                text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
  scopes              text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 5),
  hash                bytea NOT NULL CHECK (octet_length(hash) = 32),
  previous_hash       bytea CHECK (octet_length(previous_hash) = 32),
  previous_expires_at timestamptz,
  created_at          timestamptz NOT NULL DEFAULT now(),
  rotated_at          timestamptz NOT NULL DEFAULT now(),
  expires_at          timestamptz,
  last_used_at        timestamptz,
  CHECK ((previous_hash IS NULL) = (previous_expires_at IS NULL))
);
CREATE INDEX api_keys_by_project ON api_keys (project_id, created_at DESC);

-- Permissions for a browser to connect one user; of their secrets only the hash is kept.
CREATE TABLE connect_sessions (
  secret_hash        bytea PRIMARY KEY CHECK (octet_length(secret_hash) = 32),
  project_id        text COLLATE "C" NOT NULL,
  user_id           text COLLATE "C" NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 255),
  user_display_name text NOT NULL CHECK (char_length(user_display_name) BETWEEN 1 AND 255),
  reconnect         boolean NOT NULL,
  expires_at        timestamptz NOT NULL
);
CREATE INDEX connect_sessions_by_expiry ON connect_sessions (expires_at);

-- A JSON object that programs keep with a connection; it ends with the connection.
ALTER TABLE links ADD COLUMN metadata jsonb CHECK (jsonb_typeof(metadata) = 'object');
CREATE FUNCTION forget_link_metadata() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.metadata := NULL;
  RETURN NEW;
END
$$;
CREATE TRIGGER links_forget_metadata BEFORE UPDATE ON links
  FOR EACH ROW WHEN (NEW.metadata IS NOT NULL AND NEW.state IN ('none', 'disconnecting'))
  EXECUTE FUNCTION forget_link_metadata();
