-- SPDX-License-Identifier: Apache-2.0
-- An administrator changes a project's Zoom app. A new secret is tried first and the one before it is taken too, for a while;
-- file_entry is the sealed digest of the entry of the projects file that was applied last, in the row it was applied to.
ALTER TABLE zoom_apps
  DROP COLUMN key_epoch,
  ADD COLUMN client_secret_set_at timestamptz,
  ADD COLUMN previous_client_secret bytea,
  ADD COLUMN previous_client_secret_until timestamptz,
  ADD COLUMN webhook_secret bytea,
  ADD COLUMN webhook_secret_set_at timestamptz,
  ADD COLUMN previous_webhook_secret bytea,
  ADD COLUMN previous_webhook_secret_until timestamptz,
  ADD COLUMN file_entry bytea,
  ADD COLUMN revision bigint NOT NULL DEFAULT 1,
  ADD CHECK ((previous_client_secret IS NULL) = (previous_client_secret_until IS NULL)),
  ADD CHECK ((previous_webhook_secret IS NULL) = (previous_webhook_secret_until IS NULL));
ALTER TABLE zoom_apps ADD COLUMN key_epoch integer REFERENCES open_key_epochs GENERATED ALWAYS AS (
  least(sealed_key_epoch(client_secret), sealed_key_epoch(previous_client_secret), sealed_key_epoch(webhook_secret),
        sealed_key_epoch(previous_webhook_secret), sealed_key_epoch(file_entry))) STORED;
UPDATE zoom_apps SET client_secret_set_at = updated_at WHERE client_secret IS NOT NULL;

-- The links of an app that was replaced have to reconnect.
ALTER TABLE grants
  DROP CONSTRAINT grants_cause_check,
  ADD CONSTRAINT grants_cause_check
    CHECK (cause IN ('', 'lost_response', 'revoked', 'account_inactive', 'reauthorized_elsewhere', 'expired', 'taken_over',
                     'disconnected', 'disconnected_by_admin', 'app_replaced'));
-- Finds and counts those links, and the newest grant of an app.
CREATE INDEX grants_active_by_app ON grants (zoom_app_id, stored_at) WHERE state = 'active';
