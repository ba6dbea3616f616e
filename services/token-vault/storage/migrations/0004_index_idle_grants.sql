-- SPDX-License-Identifier: Apache-2.0
-- For the keep-alive, which looks for the tokens that nobody has used for longest.
CREATE INDEX grants_idle ON grants (stored_at) WHERE state = 'active';
