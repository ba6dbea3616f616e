-- SPDX-License-Identifier: Apache-2.0
-- A link also ends because the user removed the app at Zoom.
ALTER TABLE link_decisions
  DROP CONSTRAINT link_decisions_cause_check,
  ADD CONSTRAINT link_decisions_cause_check
    CHECK (cause IN ('disconnected', 'disconnected_by_admin', 'revoked'));
