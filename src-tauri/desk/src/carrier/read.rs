//! Files into dots for a printer, and what their bars say.

use crate::api::{ApiError, CarrierLabelReading, Code, LabelSymbol, ReadCarrierLabel};
use crate::carrier::view;
use crate::door::At;
use crate::house::House;
use crate::order::history::Names;
use crate::order::{content, plan};
use crate::printing::draw;
use crate::store::Printer;
use base64::Engine;
use carrier_label::{Limits, Read, ReadError, Symbol, Verdict, Want};
use domain::ids::CarrierLabelId;
use domain::raster::Raster;
use domain::units::{LabelSize, Mm};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Looks at one page for a printer. Nothing is kept.
pub(crate) async fn look(at: &At<'_>, req: ReadCarrierLabel) -> Result<CarrierLabelReading, ApiError> {
    let house = at.house;
    let bytes = bytes(&req.file_base64)?;
    let printer = plan::printer(house, &req.printer).await?;
    let hash = hash(&bytes);
    let read = read(bytes, req.page, &printer).await?;
    let number = number(&req.tracking, &read.found);
    let sure = sure_number(&req.tracking, &read.found);
    let known = match house.store.carrier_label_of(&hash, req.page, &sure).await? {
        Some(label) => Some(view(house, at.actor()?, &label, &Names::load(house).await?).await?),
        None => None,
    };
    Ok(CarrierLabelReading {
        kind: read.kind.word().to_owned(),
        page: req.page,
        pages: read.pages,
        width_mm: read.size.width.0,
        height_mm: read.size.height.0,
        cropped: read.placed.cropped,
        turned: read.placed.turned,
        verdict: verdict(&req.tracking, &read.found).to_owned(),
        number,
        picture: draw::picture_of_dots(&read.raster, printer.dpi),
        symbols: read.found.into_iter().map(|s| LabelSymbol { kind: s.kind, text: s.text }).collect(),
        ignored: read.ignored,
        known,
    })
}

/// A kept label for a printer: read again, and its bars with it. A label that matched its number must do so here too.
pub(crate) async fn dots(house: &House, id: &CarrierLabelId, printer: &Printer) -> Result<Raster, ApiError> {
    let label = house.store.carrier_label(id).await?.ok_or_else(|| ApiError::not_found("carrier label"))?;
    let file = house.store.carrier_file(id).await?.ok_or_else(|| ApiError::not_found("carrier label"))?;
    if file.is_empty() {
        return Err(crate::order::history::purged());
    }
    let read = read(file, label.page, printer).await?;
    if label.checked == "matches" && carrier_label::verdict(&read.found, &label.tracking) != Verdict::Matches {
        return Err(wrong("tracking", "unreadable", "", "on this printer the bars do not say the tracking number"));
    }
    Ok(read.raster)
}

/// One page for a printer, away from the threads that answer people.
pub(super) async fn read(bytes: Vec<u8>, page: u32, printer: &Printer) -> Result<Read, ApiError> {
    let paper = LabelSize { width: Mm(printer.width_mm), height: Mm(printer.height_mm) };
    let dpi = printer.dpi;
    let work = move || {
        // The printers' own font is a bold one, and thin strokes break at 203 dpi.
        let font = label::face_bytes(label::Weight::Bold);
        carrier_label::read(&bytes, &Want { dpi, paper, page, font, limits: Limits::LABEL })
    };
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)?.map_err(|e| refused(&e))
}

/// The file out of a request.
pub(super) fn bytes(base64: &str) -> Result<Vec<u8>, ApiError> {
    base64::engine::general_purpose::STANDARD
        .decode(base64)
        .map_err(|_| wrong("file", "broken", "", "the file did not arrive whole"))
}

/// By which a file is known again.
pub(super) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, b| {
        let _ = write!(hex, "{b:02x}");
        hex
    })
}

/// What a person says the number is, else what the bars most likely mean.
pub(super) fn number(said: &str, found: &[Symbol]) -> String {
    match said.trim() {
        "" => carrier_label::likely_number(found).unwrap_or_default(),
        said => said.to_owned(),
    }
}

/// The number by which a label is known again: one that was said, or that has a carrier's form. A guess is no reason to refuse
/// the next piece of a shipment.
pub(super) fn sure_number(said: &str, found: &[Symbol]) -> String {
    let number = number(said, found);
    if said.trim().is_empty() && !carrier_label::has_a_carriers_form(&number) { String::new() } else { number }
}

/// `matches`, `other_number`, `unreadable`, or, where nobody said a number, `not_compared`.
pub(super) fn verdict(said: &str, found: &[Symbol]) -> &'static str {
    match carrier_label::verdict(found, said.trim()) {
        Verdict::Unreadable => "unreadable",
        _ if said.trim().is_empty() => "not_compared",
        Verdict::Matches => "matches",
        Verdict::OtherNumber => "other_number",
    }
}

/// A wrong field of a label that others made.
pub(super) fn wrong(field: &str, code: &str, detail: impl Into<String>, message: &str) -> ApiError {
    let mut err = plan::wrong_fields(vec![content::error(field, code, detail)]);
    err.code = Code::CarrierLabelRefused;
    message.clone_into(&mut err.message);
    err
}

/// A file that cannot be read.
fn refused(e: &ReadError) -> ApiError {
    wrong("file", e.code(), e.detail(), &format!("{e}; nothing was printed")).hint(e.hint())
}
