-- The shop's own label templates. A version is never changed and never goes: print jobs name it as `id@version`.
CREATE TABLE own_templates (
  id TEXT PRIMARY KEY NOT NULL,
  made_from TEXT NOT NULL,
  removed INTEGER NOT NULL
) STRICT;

CREATE TABLE own_template_versions (
  template_id TEXT NOT NULL REFERENCES own_templates (id),
  version INTEGER NOT NULL,
  text TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL REFERENCES people (id),
  PRIMARY KEY (template_id, version)
) STRICT, WITHOUT ROWID;
