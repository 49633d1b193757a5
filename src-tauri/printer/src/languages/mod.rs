//! Printer languages: a raster and the media in, one whole job as bytes out. Pure; no link, no status.

pub(crate) mod tspl;
pub(crate) mod zpl;
