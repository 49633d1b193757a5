//! The built-in templates.

use super::Template;
use crate::error::LabelError;
use domain::units::LabelSize;
use std::sync::LazyLock;

/// What a list of templates shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TemplateInfo {
    /// Stable id, for `layout` and settings.
    pub id: &'static str,
    /// Name for people, Chinese.
    pub name: &'static str,
    /// On paper.
    pub size: LabelSize,
}

/// Where two are of one size, the desk proposes the later one.
const FILES: [&str; 6] = [
    include_str!("../../templates/waybill-76x130.toml"),
    include_str!("../../templates/waybill-100x100.toml"),
    include_str!("../../templates/waybill-100x150.toml"),
    include_str!("../../templates/waybill-4x6in.toml"),
    include_str!("../../templates/express-100x180.toml"),
    include_str!("../../templates/waybill-100x180.toml"),
];

static LIBRARY: LazyLock<Vec<Template>> = LazyLock::new(|| {
    FILES.iter().map(|f| Template::read(f).expect("built-in templates can be read: tested in tests/labels")).collect()
});

/// The built-in templates.
pub fn templates() -> Vec<TemplateInfo> {
    LIBRARY.iter().map(|t| TemplateInfo { id: &t.id, name: &t.name, size: t.size() }).collect()
}

/// The text of a built-in template, as it stands in its file.
pub fn template_text(id: &str) -> Option<&'static str> {
    LIBRARY.iter().position(|t| t.id == id).map(|n| FILES[n])
}

/// A built-in template.
/// Errors: [`LabelError::UnknownTemplate`].
pub fn find(id: &str) -> Result<&'static Template, LabelError> {
    LIBRARY.iter().find(|t| t.id == id).ok_or_else(|| LabelError::UnknownTemplate { id: id.to_owned() })
}
