//! Labels that others made. Symbols are not looked for here: that is another's reader, behind a guard of its own.

use carrier_label::{Limits, Want};
use domain::units::{Dpi, LabelSize, Mm};

macro_rules! seeds {
    ($($file:literal),* $(,)?) => {
        vec![$(include_bytes!(concat!("../../carrier-labels/", $file)).to_vec()),*]
    };
}

/// On small paper and within tight limits, so that an input takes little time: what goes wrong with large numbers goes wrong
/// with the same numbers here, only the pictures are smaller.
fn check(bytes: &[u8]) {
    let paper = LabelSize { width: Mm(20.0), height: Mm(15.0) };
    let font = label::face_bytes(label::Weight::Bold);
    let want = Want { dpi: Dpi::D203, paper, page: 1, font, limits: Limits::TINY };
    match carrier_label::dots(bytes, &want) {
        Ok(read) => assert_eq!((read.raster.width(), read.raster.height()), (160, 120), "exactly the paper"),
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

/// A small page: what it shows, what its resources are, and further objects from number 5 on. Without a table of places: the reader
/// finds the objects itself, and a change does not move them all.
fn page(resources: &str, content: &[u8], more: &[&[u8]]) -> Vec<u8> {
    let mut out = format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
         3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 56 42]/Contents 4 0 R/Resources<<{resources}>>>>endobj\n\
         4 0 obj<</Length {}>>stream\n",
        content.len()
    )
    .into_bytes();
    out.extend_from_slice(content);
    out.extend_from_slice(b"\nendstream endobj\n");
    for (n, object) in (5..).zip(more) {
        out.extend_from_slice(format!("{n} 0 obj").as_bytes());
        out.extend_from_slice(object);
        out.extend_from_slice(b"endobj\n");
    }
    out.extend_from_slice(b"trailer<</Root 1 0 R>>\n");
    out
}

/// Small pages, one for each thing that a page can hold; a browser's file and a locked one are in `tests/carrier-labels`, and too
/// long to be changed often.
pub fn pdf_seeds() -> Vec<Vec<u8>> {
    vec![
        page("", b"0 0 0 rg 10 10 30 20 re f q 1 0 0 1 5 5 cm 2 w 0 0 m 20 9 l 9 20 l h S Q", &[]),
        page("", b"q 5 5 20 20 re W n 0 g 0 0 m 9 30 30 9 40 40 c B* Q [3 2] 1 d 1 J 1 j 3 w 2 2 m 50 40 l s", &[]),
        page(
            "/Font<</F 5 0 R>>",
            b"BT /F 12 Tf 5 20 Td (Ab) Tj 0 -12 TD [(x) -200 <41>] TJ 1 Tr (c) ' ET",
            &[b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"],
        ),
        page(
            "/Font<</F 5 0 R>>",
            b"BT /F 9 Tf 1 0 .2 1 5 5 Tm (a) Tj ET",
            &[
                b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[.1 0 0 .1 0 0]/CharProcs<</a 6 0 R>>\
                  /Encoding<</Differences[97/a]>>/FirstChar 97/LastChar 97/Widths[9]>>",
                b"<</Length 22>>stream\n9 0 d0 0 0 5 7 re f   \nendstream ",
            ],
        ),
        page(
            "/XObject<</I 5 0 R>>",
            b"q 40 0 0 30 5 5 cm /I Do Q",
            &[b"<</Subtype/Image/Width 4/Height 4/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/ASCIIHexDecode/Length 9>>\
                stream\nA050A050>\nendstream "],
        ),
        page(
            "/XObject<</I 5 0 R>>",
            b"q 40 0 0 30 5 5 cm /I Do Q",
            &[b"<</Subtype/Image/Width 8/Height 2/BitsPerComponent 8/ColorSpace[/Indexed/DeviceRGB 1<000000FFFFFF>]\
                /Filter[/ASCII85Decode/RunLengthDecode]/Length 9>>stream\nJ,fWL~>  \nendstream "],
        ),
        page(
            "/XObject<</I 5 0 R>>",
            b"q 40 0 0 30 5 5 cm /I Do Q",
            &[b"<</Subtype/Image/ImageMask true/Width 16/Height 2/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 16/Rows 2>>\
                /Length 6>>stream\n\x26\xa0\x01\x00\x10\x01\nendstream "],
        ),
        page("", b"q 30 0 0 20 9 9 cm BI /W 2 /H 2 /BPC 8 /CS /RGB ID abcdefghijkl EI Q", &[]),
        page(
            "/XObject<</F 5 0 R>>/ExtGState<</G<</ca .5/BM/Multiply>>>>",
            b"/G gs q .5 0 0 .5 3 3 cm /F Do Q",
            &[b"<</Subtype/Form/BBox[0 0 40 40]/Matrix[1 0 0 1 2 2]/Group<</S/Transparency>>/Length 18>>\
                stream\n0 g 0 0 30 20 re f\nendstream "],
        ),
        page(
            "/Shading<</S<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 50 40]/Extend[true false]\
             /Function<</FunctionType 2/Domain[0 1]/C0[0]/C1[1]/N 2>>>>>>",
            b"/S sh",
            &[],
        ),
        page(
            "/Pattern<</P 5 0 R>>",
            b"/Pattern cs /P scn 4 4 40 30 re f",
            &[b"<</PatternType 1/PaintType 1/TilingType 1/BBox[0 0 4 4]/XStep 4/YStep 4/Resources<<>>/Length 14>>\
                stream\n0 0 2 2 re f  \nendstream "],
        ),
        page(
            "/ColorSpace<</C[/Separation/Black/DeviceCMYK<</FunctionType 4/Domain[0 1]/Range[0 1 0 1 0 1 0 1]/Length 16>>]>>",
            b"/C cs .9 scn 4 4 40 30 re f 0 .5 .2 1 k 9 9 5 5 re f*",
            &[],
        ),
        b"%PDF-1.5\n1 0 obj<</Type/ObjStm/N 3/First 15/Length 142>>stream\n2 0 3 33 4 71   <</Type/Catalog/Pages 3 0 R>>     \
          <</Type/Pages/Kids[4 0 R]/Count 1>>   <</Type/Page/Parent 3 0 R/MediaBox[0 0 56 42]/Rotate 90>>\nendstream endobj\n\
          trailer<</Root 2 0 R>>\n"
            .to_vec(),
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n\
          trailer<</Root 1 0 R/ID[<00><00>]/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O<00>/U<00>>>>>\n"
            .to_vec(),
    ]
}
