//! PNG and GIF: pixels become dots one for one, whatever their depth and colours.

use crate::support::{apart, found, four_by_six, own_label, want};
use carrier_label::{Placed, ReadError, read};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize};

fn scene() -> (Raster, LabelSize) {
    let scene = label::layout("waybill-100x150", &own_label("1ZA12345E020527168"), Dpi::D203).unwrap();
    (scene.raster(), scene.size())
}

/// One picture in a PNG of this colour type and depth; `paint` gives a pixel's samples.
fn png(dots: &Raster, colour: png::ColorType, depth: png::BitDepth, paint: impl Fn(bool) -> Vec<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, dots.width(), dots.height());
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == png::ColorType::Indexed {
        encoder.set_palette(vec![250, 250, 255, 10, 5, 0]);
    }
    let mut writer = encoder.write_header().unwrap();
    let pixels: Vec<u8> = (0..dots.height())
        .flat_map(|y| (0..dots.width()).map(move |x| (x, y)))
        .flat_map(|(x, y)| paint(dots.get(x, y)))
        .collect();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    out
}

fn gif(dots: &Raster) -> Vec<u8> {
    let mut out = Vec::new();
    let (w, h) = (u16::try_from(dots.width()).unwrap(), u16::try_from(dots.height()).unwrap());
    let mut encoder = gif::Encoder::new(&mut out, w, h, &[255, 255, 255, 0, 0, 0]).unwrap();
    let pixels: Vec<u8> = (0..dots.height())
        .flat_map(|y| (0..dots.width()).map(move |x| (x, y)))
        .map(|(x, y)| u8::from(dots.get(x, y)))
        .collect();
    encoder.write_frame(&gif::Frame::from_indexed_pixels(w, h, pixels, None)).unwrap();
    drop(encoder);
    out
}

#[test]
fn every_sort_of_png_gives_the_same_dots() {
    use png::{BitDepth as D, ColorType as C};
    let (dots, LabelSize { width, height }) = scene();
    let grey = |b: bool| if b { 40 } else { 230 };
    let sorts: [(&str, Vec<u8>); 6] = [
        ("grey", png(&dots, C::Grayscale, D::Eight, |b| vec![grey(b)])),
        ("16 bits", png(&dots, C::Grayscale, D::Sixteen, |b| vec![grey(b), 0])),
        ("grey with transparency", png(&dots, C::GrayscaleAlpha, D::Eight, |b| vec![0, if b { 255 } else { 0 }])),
        ("colours", png(&dots, C::Rgb, D::Eight, |b| if b { vec![60, 0, 90] } else { vec![255, 255, 200] })),
        ("transparent white", png(&dots, C::Rgba, D::Eight, |b| if b { vec![0, 0, 0, 255] } else { vec![0, 0, 0, 0] })),
        ("palette", png(&dots, C::Indexed, D::Eight, |b| vec![u8::from(b)])),
    ];
    for (what, bytes) in sorts {
        let r = read(&bytes, &want(Dpi::D203, width.0, height.0)).unwrap();
        assert_eq!((apart(&r.raster, &dots), r.placed, r.pages), (0, Placed::default(), 1), "{what}");
        assert!(found(&r).contains(&("code_128", "1ZA12345E020527168")), "{what}: {:?}", r.found);
    }
    let ours = label::preview_png(&dots);
    assert_eq!(apart(&read(&ours, &want(Dpi::D203, width.0, height.0)).unwrap().raster, &dots), 0, "one bit");
}

#[test]
fn a_lying_gif_is_turned_and_another_printers_picture_is_refused() {
    let (dots, _) = scene();
    let mut lying = Raster::white(1218, 812);
    for y in 0..dots.height().min(1218) {
        for x in 0..dots.width().min(812) {
            if dots.get(x, y) {
                lying.set(1217 - y, x, true);
            }
        }
    }
    let r = read(&gif(&lying), &four_by_six()).unwrap();
    assert!(r.placed.turned && !r.placed.cropped);
    assert!(found(&r).contains(&("code_128", "1ZA12345E020527168")), "{:?}", r.found);
    assert_eq!(r.raster.black_dots(), dots.black_dots());
    let e = read(&gif(&lying), &want(Dpi::D300, 101.6, 152.4)).unwrap_err();
    assert!(matches!(e, ReadError::OtherResolution { made: 203, printer: 300, .. }), "{e}");
    // Each pixel is 3 × 3 dots of the finest heads.
    let fine = read(&gif(&lying), &want(Dpi::D600, 101.6, 152.4));
    if let Ok(fine) = fine {
        assert_eq!(fine.raster.black_dots(), dots.black_dots() * 9);
    }
}
