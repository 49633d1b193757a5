//! The label engine: template + [`LabelData`] + [`Dpi`] → [`Scene`] → dots, PDF, preview.
//!
//! ```text
//! templates/*.toml ─ template ┐
//! LabelData ──────── field ───┼─ layout ── Scene ─┬─ dots ──── Raster ── preview (PNG of the same dots)
//! fonts/*.ttf ────── font, fit┘   │               └─ pdf
//!                     symbols (code128, QR), specimen
//! ```
//!
//! | module | holds |
//! | --- | --- |
//! | `template` | the template language (see `templates/README.md`) and the built-in library |
//! | `field` | what a template may name, conditions |
//! | `layout` | mm → whole dots, every error, the guard around symbols |
//! | `fit` | sizes, line breaks, ellipsis |
//! | `font` | the two bundled weights, missing glyphs, the glyph cache |
//! | `symbols`, `code128` | symbols in whole dots with quiet zones |
//! | `specimen` | the 样张 pattern |
//! | `scene`, `dots`, `pdf`, `preview` | the placed things and their three outputs |
//! | `test_print` | the printer's test label |
//! | `schema` | JSON Schema of the data |
//!
//! Invariants: same input, same bytes on every system (bundled fonts, no clock, no hash order, no platform `sin`); nothing
//! is clipped or left out in silence: what cannot be shown is an error naming the field; nothing inks a symbol's zone.
//! Deliberately absent: I/O, system fonts, masking (done before, `domain::mask`), printer languages, Tauri, SQL.
//!
//! [`LabelData`]: domain::label_data::LabelData
//! [`Dpi`]: domain::units::Dpi

mod code128;
mod dots;
mod error;
mod field;
mod fit;
mod font;
mod layout;
mod pdf;
mod preview;
mod scene;
mod schema;
mod specimen;
mod symbols;
mod template;
mod test_print;

pub use error::LabelError;
pub use font::missing_glyphs;
pub use layout::layout;
pub use preview::preview_png;
pub use scene::{Area, Scene, Symbol, SymbolKind};
pub use schema::schema;
pub use template::{TemplateInfo, templates};
pub use test_print::test_label;
