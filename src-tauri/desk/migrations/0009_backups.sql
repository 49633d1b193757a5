-- The recovery card: its short name, and the key that seals backups (one way from the words, which lie nowhere).
CREATE TABLE backup_card (
  one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
  card BLOB NOT NULL,
  sealed_key BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  made_by TEXT NOT NULL
) STRICT;

-- Backups of this computer, good and failed. removed_at: rotated away.
CREATE TABLE backups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  how TEXT NOT NULL CHECK (how IN ('nightly', 'by_hand')),
  state TEXT NOT NULL CHECK (state IN ('good', 'failed')),
  file TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  data_rows INTEGER NOT NULL,
  log_rows INTEGER NOT NULL,
  log_head TEXT NOT NULL,
  trouble TEXT NOT NULL,
  detail TEXT NOT NULL,
  removed_at INTEGER
) STRICT;

-- In a folder that was restored: the keys of look-ups and of the log's chain, which came with the data.
CREATE TABLE carried_keys (
  one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
  sealed_macs BLOB NOT NULL
) STRICT;

-- When people's data was taken out of it (NULL = it is there).
ALTER TABLE parcels ADD COLUMN purged_at INTEGER;
ALTER TABLE carrier_files ADD COLUMN purged_at INTEGER;
CREATE INDEX parcels_not_purged ON parcels (created_at) WHERE purged_at IS NULL;
