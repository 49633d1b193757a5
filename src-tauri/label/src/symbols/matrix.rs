//! QR and Data Matrix: text → modules, by the crates `qrcodegen` and `datamatrix`.

use crate::flaw::Flaw;
use crate::scene::Grid;
use datamatrix::{DataMatrix, SymbolList};
use qrcodegen::{QrCode, QrCodeEcc};

/// A QR code (ISO/IEC 18004), level M or better.
/// Errors: too much text.
pub fn qr(text: &str) -> Result<Grid, Flaw> {
    let code =
        QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| Flaw::SymbolLong { count: text.chars().count() })?;
    let side = code.size();
    Ok(Grid { columns: side, dark: (0..side * side).map(|i| code.get_module(i % side, i / side)).collect() })
}

/// A square Data Matrix (ISO/IEC 16022, ECC 200). Text outside Latin-1 is UTF-8 behind its ECI.
/// Errors: too much text.
pub fn data_matrix(text: &str) -> Result<Grid, Flaw> {
    let square = SymbolList::default().enforce_square();
    let code = DataMatrix::encode_str(text, square).map_err(|_| Flaw::SymbolLong { count: text.chars().count() })?;
    let map = code.bitmap();
    let columns = i32::try_from(map.width()).unwrap_or(i32::MAX);
    Ok(Grid { columns, dark: map.bits().to_vec() })
}
