-- Orders that wait to be printed: a parcel without an attempt (ready = 1), the shop's own order number, why it must not be
-- sent ('' or 'refund'), and a keyed hash of recipient and goods, by which twins are found (NULL = typed before there was
-- one). An order that was thrown away keeps its row (discarded = 1).
ALTER TABLE parcels ADD COLUMN ready INTEGER NOT NULL DEFAULT 0;
ALTER TABLE parcels ADD COLUMN discarded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE parcels ADD COLUMN reference TEXT NOT NULL DEFAULT '';
ALTER TABLE parcels ADD COLUMN stop TEXT NOT NULL DEFAULT '';
ALTER TABLE parcels ADD COLUMN twin BLOB;
CREATE INDEX parcels_ready ON parcels (seq) WHERE ready = 1;
CREATE INDEX parcels_by_reference ON parcels (reference) WHERE reference <> '';
CREATE INDEX parcels_by_twin ON parcels (twin, created_at) WHERE twin IS NOT NULL;

-- number is what people call it: B0412. run_by set it going last: what it does then is that person's act.
CREATE TABLE batches (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  submit_key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  trouble TEXT NOT NULL,
  detail TEXT NOT NULL,
  grant_id TEXT NOT NULL REFERENCES grants (id),
  courier_id TEXT NOT NULL REFERENCES couriers (id),
  printer_id TEXT NOT NULL REFERENCES printers (id),
  template TEXT NOT NULL,
  created_by TEXT NOT NULL REFERENCES people (id),
  run_by TEXT NOT NULL REFERENCES people (id),
  created_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX batches_open ON batches (state) WHERE state <> 'done';

-- One parcel of a batch. aside: why it does not go ('' = it goes). print_id: its label as sent or being sent ('' = its turn
-- has not come). nth: its place on the paper, from 1. again: a person said that its last label is no good.
CREATE TABLE batch_items (
  batch_id TEXT NOT NULL REFERENCES batches (id),
  seq INTEGER NOT NULL,
  parcel_id TEXT NOT NULL REFERENCES parcels (id),
  aside TEXT NOT NULL,
  detail TEXT NOT NULL,
  print_id TEXT NOT NULL,
  nth INTEGER NOT NULL,
  again INTEGER NOT NULL,
  left_out INTEGER NOT NULL,
  PRIMARY KEY (batch_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX batch_items_by_parcel ON batch_items (parcel_id);
CREATE INDEX batch_items_left_out ON batch_items (parcel_id) WHERE left_out = 1;

-- The batch whose runner asked for the number ('' = a press of its own).
ALTER TABLE waybills ADD COLUMN batch_id TEXT NOT NULL DEFAULT '';

-- The batch whose runner alone may send this job ('' = none), and what the label says of its place.
CREATE INDEX print_jobs_by_day ON print_jobs (created_at);

ALTER TABLE print_jobs ADD COLUMN batch_id TEXT NOT NULL DEFAULT '';
ALTER TABLE print_jobs ADD COLUMN stamp TEXT NOT NULL DEFAULT '';
