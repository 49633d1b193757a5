//! PNG and GIF: pixels as dots. Which resolution a picture was made for is told by what of the paper it would fill.

use crate::fit;
use crate::{Kind, ReadError, Want};
use domain::raster::Raster;
use domain::units::{Dpi, Mm};
use std::io::Cursor;

/// A picture that covers this much of the paper, both ways, was made for that paper.
const FILLS: f64 = 0.85;
/// Pictures may be this much larger than the paper.
const ALMOST: f64 = 3.0;
/// What a program writes when it does not know is 72 or 96; carriers' labels start here.
const TRUSTED_DPI: f64 = 150.0;
/// 200 and 203.2 dpi are the same printers.
const SAME_DPI: f64 = 0.02;
/// Largest whole number by which pixels become dots or dots pixels.
const MOST_TIMES: u32 = 6;

/// Black on a thermal head: darker than the middle.
pub fn dark(r: u8, g: u8, b: u8) -> bool {
    299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) < 128_000
}

/// A colour over white paper.
fn over_white(colour: u8, alpha: u8) -> u8 {
    let mixed = (u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255;
    u8::try_from(mixed).unwrap_or(255)
}

/// A PNG as dots of the printer.
pub fn png(bytes: &[u8], want: &Want<'_>) -> Result<Raster, ReadError> {
    let broken = |e: png::DecodingError| ReadError::Broken { kind: Kind::Png, what: e.to_string() };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: 256 << 20 });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(broken)?;
    let (width, height) = (reader.info().width, reader.info().height);
    want.limits.check(width, height)?;
    let said = reader.info().pixel_dims.filter(|d| d.unit == png::Unit::Meter && d.xppu == d.yppu);
    let said = said.map(|d| f64::from(d.xppu) * 0.0254);
    let size = reader.output_buffer_size().ok_or(ReadError::TooManyDots { width, height })?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(broken)?;
    let samples = frame.color_type.samples();
    let mut out = want.limits.white(width, height)?;
    let stride = frame.line_size;
    for (y, row) in (0..height).zip(pixels.chunks_exact(stride.max(1))) {
        for (x, p) in (0..width).zip(row.chunks_exact(samples)) {
            let black = match *p {
                [grey] => dark(grey, grey, grey),
                [grey, a] => [over_white(grey, a)].iter().all(|g| dark(*g, *g, *g)),
                [r, g, b] => dark(r, g, b),
                [r, g, b, a] => dark(over_white(r, a), over_white(g, a), over_white(b, a)),
                _ => false,
            };
            if black {
                out.set(x, y, true);
            }
        }
    }
    as_dots(out, Kind::Png, said, want)
}

/// The first picture of a GIF as dots of the printer.
pub fn gif(bytes: &[u8], want: &Want<'_>) -> Result<Raster, ReadError> {
    let broken = |e: gif::DecodingError| ReadError::Broken { kind: Kind::Gif, what: e.to_string() };
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    options.set_memory_limit(gif::MemoryLimit::Bytes(const { std::num::NonZeroU64::new(256 << 20).expect("not 0") }));
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(broken)?;
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    let mut out = want.limits.white(width, height)?;
    let frame = decoder.read_next_frame().map_err(broken)?;
    let frame = frame.ok_or(ReadError::Broken { kind: Kind::Gif, what: "it holds no picture".to_owned() })?;
    want.limits.check(u32::from(frame.width), u32::from(frame.height))?;
    let across = usize::from(frame.width.max(1));
    for (y, row) in (u32::from(frame.top)..).zip(frame.buffer.chunks_exact(across * 4)) {
        for (x, p) in (u32::from(frame.left)..).zip(row.chunks_exact(4)) {
            if dark(over_white(p[0], p[3]), over_white(p[1], p[3]), over_white(p[2], p[3])) {
                out.set(x, y, true);
            }
        }
    }
    as_dots(out, Kind::Gif, None, want)
}

/// Whether so many dots at a resolution are the label in the printer, lying or standing.
pub fn fills(width: u32, height: u32, dpi: f64, want: &Want<'_>) -> bool {
    let (w, h) = (f64::from(width) * 25.4 / dpi, f64::from(height) * 25.4 / dpi);
    let (Mm(pw), Mm(ph)) = (want.paper.width, want.paper.height);
    let one = |a: f64, b: f64| a <= b + ALMOST && a >= b * FILLS;
    (one(w, pw) && one(h, ph)) || (one(w, ph) && one(h, pw))
}

/// Dot for dot if that is the label's size, else by a whole number, else not at all.
pub fn as_dots(page: Raster, kind: Kind, said: Option<f64>, want: &Want<'_>) -> Result<Raster, ReadError> {
    let (w, h, dpi) = (page.width(), page.height(), want.dpi.value());
    let refused = |made: f64| Err(ReadError::OtherResolution { kind, made: whole(made), printer: want.dpi.nominal() });
    if fills(w, h, dpi, want) {
        return Ok(page);
    }
    for times in 2..=MOST_TIMES {
        if fills(w * times, h * times, dpi, want) {
            return fit::enlarge(&page, times, want.limits);
        }
        if fills(w / times, h / times, dpi, want) {
            return fit::reduce(&page, times).map_or_else(|| refused(dpi * f64::from(times)), Ok);
        }
    }
    for other in [Dpi::D203, Dpi::D300, Dpi::D600].into_iter().filter(|d| *d != want.dpi) {
        if fills(w, h, other.value(), want) {
            return refused(f64::from(other.nominal()));
        }
    }
    let Some(made) = said.filter(|d| *d >= TRUSTED_DPI) else { return Ok(page) };
    let same = |a: f64, b: f64| (a / b - 1.0).abs() <= SAME_DPI;
    if same(made, dpi) {
        return Ok(page);
    }
    for times in 2..=MOST_TIMES {
        if same(made * f64::from(times), dpi) {
            return fit::enlarge(&page, times, want.limits);
        }
        if same(made, dpi * f64::from(times)) {
            return fit::reduce(&page, times).map_or_else(|| refused(made), Ok);
        }
    }
    refused(made)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a resolution, clamped before the cast")]
fn whole(dpi: f64) -> u32 {
    dpi.round().clamp(0.0, 1e6) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use domain::units::LabelSize;

    fn want(dpi: Dpi, width: f64, height: f64) -> Want<'static> {
        Want {
            dpi,
            paper: LabelSize { width: Mm(width), height: Mm(height) },
            page: 1,
            font: &[],
            limits: Limits::LABEL,
        }
    }

    fn made(width: u32, height: u32, said: Option<f64>, want: &Want<'_>) -> Result<(u32, u32), String> {
        let mut page = Raster::white(width, height);
        page.set(0, 0, true);
        as_dots(page, Kind::Png, said, want).map(|r| (r.width(), r.height())).map_err(|e| e.to_string())
    }

    #[test]
    fn a_picture_is_taken_dot_for_dot_or_by_a_whole_number_or_not_at_all() {
        let small = want(Dpi::D203, 100.0, 150.0);
        assert_eq!(made(812, 1218, None, &small), Ok((812, 1218)), "4×6 in");
        assert_eq!(made(1218, 812, None, &small), Ok((1218, 812)), "lying");
        assert_eq!(made(1400, 800, None, &want(Dpi::D203, 100.0, 180.0)), Ok((1400, 800)), "7×4 in");
        assert_eq!(made(400, 300, None, &small), Ok((400, 300)), "part of a label");
        assert!(made(1200, 1800, None, &small).unwrap_err().contains("300 dpi"));
        let fine = want(Dpi::D600, 101.6, 152.4);
        assert_eq!(made(1200, 1800, None, &fine), Ok((2400, 3600)), "300 to 600 dpi");
        let middle = want(Dpi::D300, 101.6, 152.4);
        assert!(made(812, 1218, None, &middle).unwrap_err().contains("203 dpi"));
        assert!(made(2400, 3600, None, &middle).unwrap_err().contains("600 dpi"), "one dot alone is half a dot");
        assert!(made(700, 500, Some(203.0), &middle).unwrap_err().contains("203 dpi"), "as the file says");
        assert_eq!(made(700, 500, Some(96.0), &middle), Ok((700, 500)), "which says nothing");
    }
}
