-- SPDX-License-Identifier: Apache-2.0
-- After it nobody can read what an erasure wiped from a backup any more. Set with wiped_at, and NULL where keys were not
-- rotated as planned then.
ALTER TABLE erasure_ledger ADD COLUMN backups_unreadable_at timestamptz;
