-- SPDX-License-Identifier: Apache-2.0
-- An administrator changes a project's settings. file_entry is the digest of the entry of the projects file that was
-- applied last: another one is applied again, the same one leaves the administrator's values alone.
ALTER TABLE projects
  ADD COLUMN revision bigint NOT NULL DEFAULT 1,
  ADD COLUMN file_entry bytea;

-- A link also needs reconnecting because the project has another Zoom app now.
ALTER TABLE links
  DROP CONSTRAINT links_cause_check,
  ADD CONSTRAINT links_cause_check
    CHECK (cause IN ('lost_response', 'revoked', 'account_inactive', 'reauthorized_elsewhere', 'expired', 'taken_over',
                     'disconnected', 'disconnected_by_admin', 'app_replaced'));
