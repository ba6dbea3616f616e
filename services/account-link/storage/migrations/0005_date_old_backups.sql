-- SPDX-License-Identifier: Apache-2.0
-- After it nobody can read what a disconnect wiped from a backup any more; the vault says so.
ALTER TABLE links ADD COLUMN backups_unreadable_at timestamptz;
