-- What stands in a shop's own area of its labels. grant_id: '' = every shop's that has none of its own. station: only there.
CREATE TABLE custom_areas (
  grant_id TEXT PRIMARY KEY NOT NULL,
  text TEXT NOT NULL,
  goods INTEGER NOT NULL,
  remark TEXT NOT NULL,
  station TEXT NOT NULL
) STRICT;

-- As it stood on this label, as JSON ('' = nothing).
ALTER TABLE print_jobs ADD COLUMN custom TEXT NOT NULL DEFAULT '';
