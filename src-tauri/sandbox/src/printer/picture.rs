//! Labels as PNG files: 1 bit a dot, black on white, with the real size in the file.

use domain::raster::Raster;
use domain::units::Dpi;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes the picture beside a temporary name first, so that whoever sees the file sees all of it.
pub(crate) fn write_png(path: &Path, raster: &Raster, dpi: Dpi) -> io::Result<()> {
    let part = path.with_extension("png.part");
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(&part)?), raster.width(), raster.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 600 dpi, that is 23622 a metre"
    )]
    let per_metre = (dpi.value() / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
    // In PNG 1 is white.
    let white: Vec<u8> = raster.bits().iter().map(|b| !b).collect();
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(&white).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)?;
    std::fs::rename(part, path)
}

/// Writes the bytes of a label.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut f = File::create(path)?;
    f.write_all(bytes)
}
