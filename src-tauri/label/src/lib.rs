//! The label engine: template + [`LabelData`] + [`Dpi`] → [`Scene`] → dots, PDF, preview.
//!
//! ```text
//! templates/*.toml ─ template ┐
//! LabelData ──────── field ───┼─ layout ── Scene ─┬─ dots ──── Raster ── preview (PNG of the same dots)
//! fonts/*.ttf ────── font, fit┘   │               └─ pdf
//!                     symbols, image, rotation, specimen
//! ```
//!
//! | module | holds |
//! | --- | --- |
//! | `template` | the template language (see `templates/README.md`): types, reading, checks, the built-in library |
//! | `field` | what a template may name, conditions |
//! | `courier` | what the couriers' labels differ in (`couriers.toml`) |
//! | `layout` | mm → whole dots, every error, the guard around symbols |
//! | `fit` | sizes, line breaks, ellipsis |
//! | `font` | the two bundled weights, missing glyphs, the glyph cache |
//! | `symbols` | eight kinds of symbols in whole dots with quiet zones |
//! | `image` | images in templates |
//! | `rotation` | quarter turns of things and of the whole label |
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

mod courier;
mod dots;
mod error;
mod field;
mod fit;
mod flaw;
mod font;
mod image;
mod layout;
mod pdf;
mod preview;
mod rotation;
mod scene;
mod schema;
mod slip;
mod specimen;
mod symbols;
mod template;
mod test_print;

pub use courier::number_looks_right;
pub use error::{LabelError, TemplatePlace};
pub use flaw::{FLAWS, Flaw, shown};
pub use font::{Weight, face_bytes, missing_glyphs};
pub use layout::layout;
pub use preview::preview_png;
pub use rotation::Rotation;
pub use scene::{Area, Scene, Symbol, SymbolKind};
pub use schema::schema;
pub use slip::{badge, closing_slip};
pub use template::{Template, TemplateInfo, find as template, template_text, templates};
pub use test_print::test_label;
