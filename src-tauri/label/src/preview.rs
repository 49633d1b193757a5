//! Dots → PNG, for the screen, the history and the tests.

use domain::raster::Raster;

/// A 1-bit greyscale PNG with exactly the printer's dots, black where the printer burns. Empty for a picture without dots.
pub fn preview_png(raster: &Raster) -> Vec<u8> {
    let mut out = Vec::with_capacity(raster.bits().len() / 4 + 256);
    if raster.width() == 0 || raster.height() == 0 {
        return out;
    }
    let mut encoder = png::Encoder::new(&mut out, raster.width(), raster.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::Fast);
    // In PNG 1 is white.
    let light: Vec<u8> = raster.bits().iter().map(|b| !b).collect();
    encoder
        .write_header()
        .and_then(|mut w| w.write_image_data(&light))
        .expect("memory takes every byte and the data has the header's size");
    out
}
