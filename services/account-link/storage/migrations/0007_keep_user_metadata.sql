-- SPDX-License-Identifier: Apache-2.0
-- What applications keep about their users, as the JSON text that they are told again. A text column:
-- jsonb refuses some strings that JSON allows, and writes numbers in its own way.
CREATE TABLE user_metadata (
  project_id text COLLATE "C" NOT NULL,
  user_id    text COLLATE "C" NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 255),
  metadata   text NOT NULL CHECK (octet_length(metadata) <= 16384),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, user_id)
);
