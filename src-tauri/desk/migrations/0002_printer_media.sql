-- What tells a printer where a label ends, by how many tenths of a millimetre its pictures are moved, and its family
-- ('' = nothing is known but the language). Printers set up before have gaps, no offset and no family.
ALTER TABLE printers ADD COLUMN media_kind TEXT NOT NULL DEFAULT 'gap';
ALTER TABLE printers ADD COLUMN offset_x INTEGER NOT NULL DEFAULT 0;
ALTER TABLE printers ADD COLUMN offset_y INTEGER NOT NULL DEFAULT 0;
ALTER TABLE printers ADD COLUMN family TEXT NOT NULL DEFAULT '';
