//! ZPL (being written).
use crate::{ReadError, Want};
use domain::raster::Raster;
pub fn page(_: &[u8], _: &Want<'_>) -> Result<(Raster, u32, Vec<String>), ReadError> {
    Err(ReadError::NotDrawn { commands: vec!["^XA".to_owned()] })
}
