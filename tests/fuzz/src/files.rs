//! Labels that others made. Symbols are not looked for here: that is another's reader, behind a guard of its own.

use carrier_label::Want;
use domain::units::{Dpi, LabelSize, Mm};

macro_rules! seeds {
    ($($file:literal),* $(,)?) => {
        vec![$(include_bytes!(concat!("../../carrier-labels/", $file)).to_vec()),*]
    };
}

/// On small paper, so that an input takes little time.
fn check(bytes: &[u8]) {
    let paper = LabelSize { width: Mm(60.0), height: Mm(40.0) };
    let want = Want { dpi: Dpi::D203, paper, page: 1, font: label::face_bytes(label::Weight::Bold) };
    match carrier_label::dots(bytes, &want) {
        Ok(read) => assert_eq!((read.raster.width(), read.raster.height()), (480, 320), "exactly the paper"),
        Err(e) => assert!(!e.to_string().is_empty() && !e.hint().is_empty() && !e.code().is_empty()),
    }
}

fn is(bytes: &[u8], kind: carrier_label::Kind) -> bool {
    carrier_label::kind(bytes) == Some(kind)
}

/// ZPL.
pub fn zpl(bytes: &[u8]) {
    if is(bytes, carrier_label::Kind::Zpl) {
        check(bytes);
    }
}

/// Carriers' examples, and one of each command.
pub fn zpl_seeds() -> Vec<Vec<u8>> {
    let mut all = seeds!["zpl/bars.zpl", "zpl/national.zpl", "zpl/stored.zpl", "zpl/turned.zpl", "zpl/reversed.zpl"];
    let more = [
        "^XA^FO9,9^GFA,8,8,1,:Z64:eJxjYBgFo2AUjAKsAAAEAAAB:1234^FS^XZ",
        "^XA^FO9,9^GFB,4,4,1,abcd^FS^FO1,1^GD20,30,3,B,R^FS^FO2,2^GC30,4,B^FS^XZ",
        "^XA^BY2,2.5,40^FO9,9^BCB,40,Y,Y,N,U^FD1234567890123456789^FS^FO9,90^BCI,40,Y,N,N,D^FD(01)00012345678905(10)AB^FS^XZ",
        "^XA^CF0,30,20^FWR^FT200,200^FB120,3,2,C,10^FDa few\\&words here^FS^SN001,1,Y^FS^CC!!FO1,1!FDx!FS!XZ",
        "^XA^LRY^LH5,5^LT2^LS3^POI^PW480^LL320^FO0,0^FR^GB100,100,100^FS^FO1,1^A@N,20,20,E:X.TTF^FDq^FS^XZ",
    ];
    all.extend(more.map(|t| t.as_bytes().to_vec()));
    all
}

/// PNG and GIF.
pub fn picture(bytes: &[u8]) {
    if is(bytes, carrier_label::Kind::Png) || is(bytes, carrier_label::Kind::Gif) {
        check(bytes);
    }
}

/// Pictures of this program's own.
pub fn png_seeds() -> Vec<Vec<u8>> {
    let mut small = domain::raster::Raster::white(33, 21);
    (0..21).for_each(|n| small.set(n, n, true));
    let mut half = domain::raster::Raster::white(480, 320);
    (0..320).for_each(|n| half.set(n, n, true));
    vec![label::preview_png(&small), label::preview_png(&half)]
}

/// The smallest there are, plain and in several frames.
pub fn gif_seeds() -> Vec<Vec<u8>> {
    let one = b"GIF89a\x02\0\x02\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x02\0\x02\0\0\x02\x03D\x02\x05\0;".to_vec();
    let animated = b"GIF89a\x02\0\x02\0\x80\0\0\xff\xff\xff\0\0\0!\xf9\x04\x01\x0a\0\x01\0,\x01\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".to_vec();
    vec![one, animated]
}

/// PDF. A panic in the reader of PDF is its own, and is caught: files are refused as broken then.
pub fn pdf(bytes: &[u8]) {
    if is(bytes, carrier_label::Kind::Pdf) {
        check(bytes);
    }
}

/// A browser's files, a locked one, and one of this desk's own.
pub fn pdf_seeds() -> Vec<Vec<u8>> {
    let tiny = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
                3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 170 113]/Contents 4 0 R>>endobj\n\
                4 0 obj<</Length 29>>stream\n0 0 0 rg 10 10 50 40 re f Q q\nendstream endobj\ntrailer<</Root 1 0 R>>\n";
    let mut all = seeds!["pdf/sheet.pdf", "pdf/locked.pdf"];
    all.push(tiny.as_bytes().to_vec());
    all
}
