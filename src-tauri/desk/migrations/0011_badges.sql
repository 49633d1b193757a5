-- Badges, and who proved himself at the first use of the people page.
-- A badge's code is kept as a keyed hash only. `badge_own`: it is not one that this program made, so its code may be guessed.
ALTER TABLE people ADD COLUMN badge_hash BLOB;
ALTER TABLE people ADD COLUMN badge_own INTEGER NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN badge_at INTEGER;
CREATE UNIQUE INDEX one_badge ON people (badge_hash) WHERE badge_hash IS NOT NULL;
ALTER TABLE people ADD COLUMN checked_at INTEGER;
