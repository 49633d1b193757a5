//! One page of a PDF as dots, at the printer's own resolution, edges without smoothing.

use crate::{Kind, Limits, MAX_PAGES, ReadError};
use domain::raster::Raster;
use domain::units::Dpi;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::kurbo::Affine;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings, render_into};

/// A point is 1/72 inch.
const POINTS: f64 = 72.0;

/// The dots of a page and how many pages there are.
pub fn page(bytes: Vec<u8>, dpi: Dpi, page: u32, limits: Limits) -> Result<(Raster, u32), ReadError> {
    let pdf = Pdf::new(bytes).map_err(|e| match e {
        LoadPdfError::Decryption(_) => ReadError::Encrypted,
        LoadPdfError::Invalid => broken("no PDF could be read out of it"),
    })?;
    let pages = u32::try_from(pdf.pages().len()).unwrap_or(u32::MAX);
    if pages > MAX_PAGES {
        return Err(ReadError::TooManyPages { pages });
    }
    let nth = page.checked_sub(1).and_then(|n| pdf.pages().get(n as usize));
    let Some(sheet) = nth else { return Err(ReadError::NoSuchPage { page, pages }) };
    let (width, height) = sheet.render_dimensions();
    let scale = dpi.value() / POINTS;
    let (width, height) = (whole(f64::from(width) * scale), whole(f64::from(height) * scale));
    limits.check(width, height)?;
    let (Ok(across), Ok(down)) = (u16::try_from(width), u16::try_from(height)) else {
        return Err(ReadError::TooManyDots { width, height });
    };
    let mut context = RenderContext::new(across, down);
    let settings = RenderSettings { aliasing_threshold: Some(127), hinting: false, ..RenderSettings::default() };
    let transform = Affine::scale(scale) * sheet.initial_transform(true).to_kurbo();
    render_into(sheet, &RenderCache::new(), &InterpreterSettings::default(), &settings, &mut context, transform);
    context.flush();
    let mut pixels = Pixmap::new(across, down);
    let cleared = RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..RasterizerSettings::default() };
    context.render_with(&mut pixels, &mut Resources::default(), cleared);
    let mut out = limits.white(width, height)?;
    for (n, p) in (0_u32..).zip(pixels.data()) {
        if crate::picture::dark(p.r, p.g, p.b) {
            out.set(n % width, n / width, true);
        }
    }
    Ok((out, pages))
}

fn broken(what: &str) -> ReadError {
    ReadError::Broken { kind: Kind::Pdf, what: what.to_owned() }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before the cast")]
fn whole(dots: f64) -> u32 {
    // Half a dot of a rounded page size is no dot: 282.96 pt are 799 dots at 203 dpi, not 798.
    dots.round().clamp(0.0, f64::from(u32::MAX)) as u32
}
