-- Posts that an owner edits, people with real names, certification, login hours, PINs, departures.
-- In clear: login names, posts, rights, times. Sealed: the person's card (real name, phone) and the TOTP secret. An ID number is
-- kept as a keyed hash only.

-- `role` stays for the index one_owner; what a person may do follows from `post` and `extra` from here on.
ALTER TABLE people ADD COLUMN post TEXT NOT NULL DEFAULT '';
UPDATE people SET post = role;
ALTER TABLE people ADD COLUMN extra TEXT NOT NULL DEFAULT '[]';
ALTER TABLE people ADD COLUMN sealed_card BLOB;
ALTER TABLE people ADD COLUMN departed_at INTEGER;
ALTER TABLE people ADD COLUMN certify_from INTEGER NOT NULL DEFAULT 0;
UPDATE people SET certify_from = created_at;
ALTER TABLE people ADD COLUMN certified_at INTEGER;
ALTER TABLE people ADD COLUMN certified_how TEXT NOT NULL DEFAULT '';
-- Who worked here before there was certification goes on working.
UPDATE people SET certified_at = created_at, certified_how = 'before';
ALTER TABLE people ADD COLUMN sealed_totp BLOB;
ALTER TABLE people ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN id_hash BLOB;
CREATE UNIQUE INDEX one_id_card ON people (id_hash) WHERE id_hash IS NOT NULL;
ALTER TABLE people ADD COLUMN hours TEXT NOT NULL DEFAULT '[]';
ALTER TABLE people ADD COLUMN login_method TEXT NOT NULL DEFAULT 'password';
ALTER TABLE people ADD COLUMN password_at INTEGER NOT NULL DEFAULT 0;
UPDATE people SET password_at = created_at;
-- It met the rule for posts with money or grant rights when it was set.
ALTER TABLE people ADD COLUMN password_strong INTEGER NOT NULL DEFAULT 0;
UPDATE people SET password_strong = 1 WHERE role = 'owner';
ALTER TABLE people ADD COLUMN pin_phc TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN pin_failures INTEGER NOT NULL DEFAULT 0;

-- The shop's own posts, and what it changed about the built-in ones (same id).
CREATE TABLE posts (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  rights TEXT NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- When a right was used last, by the day: what a person has and does not need.
CREATE TABLE right_uses (
  person_id TEXT NOT NULL REFERENCES people (id),
  right_word TEXT NOT NULL,
  last_used_at INTEGER NOT NULL,
  PRIMARY KEY (person_id, right_word)
) STRICT;

-- What people set for the whole desk. Names that begin with `here.` are this computer's own and stay out of backups.
CREATE TABLE settings (
  name TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT;

CREATE INDEX log_of_person ON log (person, seq);
