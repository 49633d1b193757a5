-- Renewal of grants: each showing of a refresh token is written down before it is made.

-- When the tokens of now came by renewal; NULL = they came with the grant.
ALTER TABLE grants ADD COLUMN renewed_at INTEGER;
ALTER TABLE grants ADD COLUMN refresh_asked_at INTEGER;
-- Showings of the token of now whose end is not known.
ALTER TABLE grants ADD COLUMN refresh_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN refresh_trouble TEXT NOT NULL DEFAULT '';
-- The pair before, under the grant's data key, until the new one has worked once.
ALTER TABLE grants ADD COLUMN sealed_old_tokens BLOB;
-- The last reminder that was given before the end: 14, 7, 3, 1 days; 0 = none yet.
ALTER TABLE grants ADD COLUMN reminded INTEGER NOT NULL DEFAULT 0;
