-- SPDX-License-Identifier: Apache-2.0
-- Keys of the webhook inbox. A webhook whose Zoom user is not known yet is sealed under the key of the day on which it came;
-- that key is destroyed when nobody may read those webhooks any more. One key more makes the tags that tell repetitions.
CREATE TABLE inbox_keys (
  inbox_key_id uuid PRIMARY KEY,
  -- The day, UTC; NULL for the key that makes tags.
  day date UNIQUE,
  data_key bytea NOT NULL,
  key_epoch integer REFERENCES open_key_epochs GENERATED ALWAYS AS (sealed_key_epoch(data_key)) STORED,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX inbox_keys_for_tags ON inbox_keys ((true)) WHERE day IS NULL;
CREATE INDEX inbox_keys_by_key_epoch ON inbox_keys (key_epoch, inbox_key_id);
