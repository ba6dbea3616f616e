-- SPDX-License-Identifier: Apache-2.0
-- An import is refused when another user is connected to the Zoom account: it takes nothing over.
ALTER TABLE link_decisions
  DROP CONSTRAINT link_decisions_result_check,
  ADD CONSTRAINT link_decisions_result_check
    CHECK (result IN ('other_account_connected', 'different_account', 'superseded', 'connected_elsewhere'));
