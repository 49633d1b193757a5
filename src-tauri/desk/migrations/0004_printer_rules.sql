-- The length of a label as the printer measured it when it was last calibrated (NULL = never, or it does not say).
ALTER TABLE printers ADD COLUMN measured_mm REAL;

-- Which printer an order goes to that names none: the first rule that fits. courier_code, template, station: '' = any.
-- stand_in: the printer that may take its place when it certainly cannot print ('' = none may).
CREATE TABLE printer_rules (
  seq INTEGER PRIMARY KEY,
  courier_code TEXT NOT NULL,
  template TEXT NOT NULL,
  station TEXT NOT NULL,
  printer_id TEXT NOT NULL REFERENCES printers (id),
  stand_in TEXT NOT NULL
) STRICT;

-- The printer whose place the batch's printer took ('' = its own place).
ALTER TABLE batches ADD COLUMN instead_of TEXT NOT NULL DEFAULT '';
