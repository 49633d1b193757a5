-- Labels that carriers made: each file once, as it came, and the pages of it that were printed. hash: keyed, over the bytes.
-- tracking: what a person says the number is ('' = did not say); checked: what the bars said (matches, not_compared,
-- unreadable).
CREATE TABLE carrier_files (
  id INTEGER PRIMARY KEY NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  pages INTEGER NOT NULL,
  sealed_name BLOB NOT NULL,
  sealed_file BLOB NOT NULL
) STRICT;

CREATE TABLE carrier_labels (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  file_id INTEGER NOT NULL REFERENCES carrier_files (id),
  page INTEGER NOT NULL,
  tracking TEXT NOT NULL,
  checked TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL REFERENCES people (id),
  UNIQUE (file_id, page)
) STRICT;
CREATE INDEX carrier_labels_by_tracking ON carrier_labels (tracking) WHERE tracking <> '';

-- The journal takes them too: a job is of a parcel's number or of a carrier's label. A column cannot be made nullable in
-- place; no other table points at this one. marked: the label bears a symbol that says which copy it is.
CREATE TABLE new_print_jobs (
  id TEXT PRIMARY KEY NOT NULL,
  parcel_id TEXT REFERENCES parcels (id),
  waybill_id TEXT REFERENCES waybills (id),
  label_id TEXT REFERENCES carrier_labels (id),
  submit_key TEXT NOT NULL UNIQUE,
  copy INTEGER NOT NULL,
  reason TEXT NOT NULL,
  note TEXT NOT NULL,
  asked_by TEXT NOT NULL REFERENCES people (id),
  printer_id TEXT NOT NULL REFERENCES printers (id),
  template TEXT NOT NULL,
  state TEXT NOT NULL,
  evidence TEXT NOT NULL,
  trouble TEXT NOT NULL,
  bytes_hash BLOB,
  bytes INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  batch_id TEXT NOT NULL DEFAULT '',
  stamp TEXT NOT NULL DEFAULT '',
  marked INTEGER NOT NULL DEFAULT 0,
  UNIQUE (waybill_id, copy),
  UNIQUE (label_id, copy),
  CHECK ((parcel_id IS NULL) = (waybill_id IS NULL) AND (waybill_id IS NULL) <> (label_id IS NULL))
) STRICT;
INSERT INTO new_print_jobs (id, parcel_id, waybill_id, label_id, submit_key, copy, reason, note, asked_by, printer_id, template,
  state, evidence, trouble, bytes_hash, bytes, accepted, created_at, ended_at, batch_id, stamp)
SELECT id, parcel_id, waybill_id, NULL, submit_key, copy, reason, note, asked_by, printer_id, template,
  state, evidence, trouble, bytes_hash, bytes, accepted, created_at, ended_at, batch_id, stamp
FROM print_jobs ORDER BY rowid;
DROP TABLE print_jobs;
ALTER TABLE new_print_jobs RENAME TO print_jobs;
CREATE INDEX print_jobs_by_state ON print_jobs (state);
CREATE INDEX print_jobs_by_parcel ON print_jobs (parcel_id);
CREATE INDEX print_jobs_by_day ON print_jobs (created_at);
