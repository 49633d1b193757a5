//! TSPL lines on the image buffer. Numbers are dots except where `mm`, `dot` or (bare, in SIZE) inches are meant.

use super::canvas::{self, Block, Ink};
use super::reader::LineEnd;
use domain::raster::Raster;
use domain::units::{Dpi, Mm};

/// The image buffer and what was set for it.
pub(crate) struct Tspl {
    dpi: Dpi,
    page: Raster,
    origin: (u32, u32),
}

impl Tspl {
    pub(crate) fn new(dpi: Dpi) -> Self {
        let page = Raster::white(dpi.dots(Mm(100.0)).0, dpi.dots(Mm(150.0)).0);
        Self { dpi, page, origin: (0, 0) }
    }

    pub(crate) fn page(&self) -> &Raster {
        &self.page
    }

    /// One line without its end.
    pub(crate) fn line(&mut self, line: &str) -> LineEnd {
        let line = line.trim();
        let (word, rest) = line.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((line, ""));
        let args: Vec<&str> = rest.split(',').map(str::trim).collect();
        let num = |i: usize| args.get(i).and_then(|a| a.parse::<u32>().ok());
        match word.to_ascii_uppercase().as_str() {
            "SIZE" => {
                let Some(w) = args.first().and_then(|a| self.length(a)) else { return LineEnd::NotDrawn(line.into()) };
                let h = args.get(1).and_then(|a| self.length(a)).unwrap_or(self.page.height());
                // 1 m of the widest head: more is a broken job, not a label.
                if w == 0 || h == 0 || w > 4096 || h > 24_000 {
                    return LineEnd::NotDrawn(line.into());
                }
                self.page = Raster::white(w, h);
                LineEnd::Done
            }
            "REFERENCE" => {
                self.origin = (num(0).unwrap_or(0), num(1).unwrap_or(0));
                LineEnd::Done
            }
            "CLS" => {
                self.page = Raster::white(self.page.width(), self.page.height());
                LineEnd::Done
            }
            "BAR" | "ERASE" | "REVERSE" => {
                let (Some(x), Some(y), Some(w), Some(h)) = (num(0), num(1), num(2), num(3)) else {
                    return LineEnd::NotDrawn(line.into());
                };
                let (x, y) = (x + self.origin.0, y + self.origin.1);
                match word.to_ascii_uppercase().as_str() {
                    "BAR" => canvas::bar(&mut self.page, x, y, w, h, true),
                    "ERASE" => canvas::bar(&mut self.page, x, y, w, h, false),
                    _ => canvas::reverse(&mut self.page, x, y, w, h),
                }
                LineEnd::Done
            }
            "BOX" => {
                let (Some(x), Some(y), Some(xe), Some(ye), Some(t)) = (num(0), num(1), num(2), num(3), num(4)) else {
                    return LineEnd::NotDrawn(line.into());
                };
                let (w, h) = (xe.saturating_sub(x), ye.saturating_sub(y));
                canvas::frame(&mut self.page, x + self.origin.0, y + self.origin.1, w, h, t, true);
                LineEnd::Done
            }
            "PRINT" => {
                let copies = if args.len() > 1 { num(1).unwrap_or(1) } else { 1 };
                LineEnd::Print(num(0).unwrap_or(1).saturating_mul(copies))
            }
            "GAPDETECT" | "BLINEDETECT" | "AUTODETECT" => LineEnd::Calibrate,
            "GAP" | "BLINE" | "OFFSET" | "SPEED" | "DENSITY" | "DIRECTION" | "SHIFT" | "SET" | "CODEPAGE"
            | "COUNTRY" | "HOME" | "SOUND" | "FEED" | "FORMFEED" | "BACKFEED" | "LIMITFEED" | "" => LineEnd::Done,
            _ => LineEnd::NotDrawn(line.chars().take(60).collect()),
        }
    }

    /// The data of a `BITMAP`; 0 burns.
    pub(crate) fn bitmap(&mut self, head: Block, data: &[u8]) {
        let black: Vec<u8> = data.iter().map(|b| !b).collect();
        canvas::blit(&mut self.page, head.x + self.origin.0, head.y + self.origin.1, head.row_bytes, &black, head.ink);
    }

    fn length(&self, text: &str) -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        if let Some(dots) = lower.strip_suffix("dot") {
            return dots.trim().parse().ok();
        }
        let mm = match lower.strip_suffix("mm") {
            Some(mm) => mm.trim().parse::<f64>().ok()?,
            None => lower.trim().parse::<f64>().ok()? * 25.4,
        };
        Some(self.dpi.dots(Mm(mm)).0)
    }
}

/// Reads `BITMAP x,y,wbytes,h,mode,` up to and with the fifth comma.
pub(crate) fn bitmap_head(text: &[u8]) -> Option<Block> {
    let text = std::str::from_utf8(text).ok()?;
    let args: Vec<u32> =
        text.get(6..)?.trim_end_matches(',').split(',').map(|a| a.trim().parse().ok()).collect::<Option<_>>()?;
    let [x, y, row_bytes, rows, mode] = args[..] else { return None };
    let ink = match mode {
        0 => Ink::Replace,
        1 => Ink::Or,
        2 => Ink::Xor,
        _ => return None,
    };
    Block { x, y, row_bytes: row_bytes as usize, rows: rows as usize, ink }.checked()
}
