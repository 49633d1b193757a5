-- Times are integer ms since 1970-01-01T00:00:00Z. Columns named sealed_* hold XChaCha20-Poly1305 boxes (src/vault);
-- no secret and no recipient stands in any other column. In clear: names of
-- people who log in, shops, couriers' sender addresses (the platform's own list), platform messages, and notes people typed. Migrations only go forward and leave old columns be.

CREATE TABLE people (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('owner', 'clerk', 'staff')),
  password_phc TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_login_at INTEGER
) STRICT;
CREATE UNIQUE INDEX one_owner ON people (role) WHERE role = 'owner';

CREATE TABLE login_tries (
  name_hash BLOB PRIMARY KEY NOT NULL,
  failures INTEGER NOT NULL,
  wait_until INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY NOT NULL,
  person_id TEXT NOT NULL REFERENCES people (id),
  expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE apps (
  platform TEXT PRIMARY KEY NOT NULL,
  app_key TEXT NOT NULL,
  sealed_secret BLOB NOT NULL,
  callback TEXT NOT NULL,
  entered_by TEXT NOT NULL REFERENCES people (id),
  entered_at INTEGER NOT NULL
) STRICT;

CREATE TABLE attempts (
  id TEXT PRIMARY KEY NOT NULL,
  platform TEXT NOT NULL,
  way TEXT NOT NULL CHECK (way IN ('browser', 'link')),
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  hint TEXT NOT NULL,
  state_hash BLOB NOT NULL UNIQUE,
  sealed_secrets BLOB NOT NULL,
  redirect TEXT NOT NULL,
  asked_by TEXT NOT NULL REFERENCES people (id),
  renews TEXT,
  door TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  shop_id TEXT NOT NULL,
  shop_name TEXT NOT NULL,
  sealed_tokens BLOB,
  grant_id TEXT
) STRICT;
CREATE INDEX attempts_open ON attempts (state);

CREATE TABLE grants (
  id TEXT PRIMARY KEY NOT NULL,
  platform TEXT NOT NULL,
  shop_id TEXT NOT NULL,
  shop_name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'needs_renewal', 'revoked')),
  reason TEXT NOT NULL,
  sealed_key BLOB,
  sealed_tokens BLOB,
  expires_at INTEGER,
  granted_by TEXT NOT NULL REFERENCES people (id),
  granted_at INTEGER NOT NULL,
  last_used_at INTEGER,
  couriers_at INTEGER,
  revoke_pending INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX one_grant_a_shop ON grants (platform, shop_id) WHERE state <> 'revoked';

CREATE TABLE couriers (
  id TEXT PRIMARY KEY NOT NULL,
  grant_id TEXT NOT NULL REFERENCES grants (id),
  code TEXT NOT NULL,
  kind INTEGER NOT NULL,
  branch_code TEXT NOT NULL,
  branch_name TEXT NOT NULL,
  balance INTEGER,
  senders TEXT NOT NULL,
  customer_codes TEXT NOT NULL,
  present INTEGER NOT NULL,
  details_step INTEGER NOT NULL,
  details_done INTEGER NOT NULL,
  sealed_details BLOB,
  UNIQUE (grant_id, code, branch_code)
) STRICT;

-- One row at most: the courier that is charged when nobody says otherwise.
CREATE TABLE default_courier (
  one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
  courier_id TEXT NOT NULL REFERENCES couriers (id)
) STRICT;

CREATE TABLE drafts (
  person_id TEXT PRIMARY KEY NOT NULL REFERENCES people (id),
  sealed_draft BLOB NOT NULL,
  saved_at INTEGER NOT NULL
) STRICT;

CREATE TABLE printers (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  language TEXT NOT NULL,
  dpi INTEGER NOT NULL,
  width_mm REAL NOT NULL,
  height_mm REAL NOT NULL,
  gap_mm REAL NOT NULL,
  speed INTEGER NOT NULL,
  darkness INTEGER NOT NULL,
  is_default INTEGER NOT NULL,
  removed INTEGER NOT NULL
) STRICT;

CREATE TABLE parcels (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  submit_key TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL REFERENCES people (id),
  template TEXT NOT NULL,
  printer_id TEXT NOT NULL,
  sealed_order BLOB NOT NULL
) STRICT;

CREATE TABLE waybills (
  id TEXT PRIMARY KEY NOT NULL,
  parcel_id TEXT NOT NULL REFERENCES parcels (id),
  attempt INTEGER NOT NULL,
  submit_key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  grant_id TEXT NOT NULL REFERENCES grants (id),
  courier_id TEXT NOT NULL REFERENCES couriers (id),
  courier_code TEXT NOT NULL,
  shop_name TEXT NOT NULL,
  asked_by TEXT NOT NULL REFERENCES people (id),
  request_hash BLOB NOT NULL,
  sealed_request BLOB NOT NULL,
  number TEXT NOT NULL,
  print_kind TEXT NOT NULL,
  component TEXT NOT NULL,
  sealed_answer BLOB,
  reason TEXT NOT NULL,
  hint TEXT NOT NULL,
  asked INTEGER NOT NULL,
  not_found INTEGER NOT NULL,
  sent_at INTEGER,
  next_ask_at INTEGER,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  UNIQUE (parcel_id, attempt)
) STRICT;
-- The rule of the house: one attempt a parcel that has, or may yet turn out to have, a live number.
CREATE UNIQUE INDEX one_live_number ON waybills (parcel_id) WHERE state NOT IN ('rejected', 'cancelled');
CREATE INDEX waybills_by_state ON waybills (state, next_ask_at);
CREATE INDEX waybills_by_number ON waybills (number) WHERE number <> '';
CREATE INDEX waybills_not_drawn ON waybills (print_kind) WHERE print_kind IN ('encrypted', 'missing');

CREATE TABLE print_jobs (
  id TEXT PRIMARY KEY NOT NULL,
  parcel_id TEXT NOT NULL REFERENCES parcels (id),
  waybill_id TEXT NOT NULL REFERENCES waybills (id),
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
  UNIQUE (waybill_id, copy)
) STRICT;
CREATE INDEX print_jobs_by_state ON print_jobs (state);
CREATE INDEX print_jobs_by_parcel ON print_jobs (parcel_id);

CREATE TABLE log (
  seq INTEGER PRIMARY KEY NOT NULL,
  at INTEGER NOT NULL,
  mono_ms INTEGER NOT NULL,
  person TEXT NOT NULL,
  station TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  prev BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE INDEX log_by_object ON log (object, seq);
CREATE TRIGGER log_is_not_changed BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the action log is not changed'); END;
CREATE TRIGGER log_is_not_deleted BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the action log is not deleted'); END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER log_is_continued BEFORE INSERT ON log WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM log)
BEGIN SELECT RAISE(ABORT, 'the action log is only continued'); END;
