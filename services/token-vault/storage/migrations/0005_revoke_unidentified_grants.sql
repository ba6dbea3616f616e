-- SPDX-License-Identifier: Apache-2.0
-- NULL until it is known whose tokens a revocation holds; until then nothing is sent.
ALTER TABLE revocations ALTER COLUMN identity_tag DROP NOT NULL;
