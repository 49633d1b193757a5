//! Scene → PDF: the page is the label's exact size in mm, bars are rectangles, text is text in embedded subset fonts.
//!
//! printpdf makes the document and the page; its build without default features embeds whole fonts only (21 MB), so the
//! two subset fonts are added to its `lopdf` document here. Invariant: same scene, same bytes: no clock, no random id.

use crate::dots::stretches;
use crate::error::LabelError;
use crate::font::{self, Weight};
use crate::rotation::Rotation;
use crate::scene::{Area, Placed, Scene, Thing};
use lopdf::{Dictionary, Document, Object, Stream, dictionary};
use printpdf::{
    DictItem, ExternalStream, ExternalXObject, Mm, Op, PdfDocument, PdfPage, PdfSaveOptions, XObject, XObjectId,
    XObjectTransform,
};
use std::collections::BTreeMap;
use std::fmt::Write;
use subsetter::GlyphRemapper;

/// Rectangles are drawn this much inside their dots. Ghostscript and `PDFium` blacken every dot that a shape touches and so
/// widen each bar by a dot (printing facts §12); a rectangle that touches only its own dots is exact there too.
const INSET: f64 = 0.01;

/// Letters stand this much right of and below their dot, so that a renderer that cuts positions to whole dots (Poppler)
/// does not take the dot before because of a rounding error.
const NUDGE: f64 = 0.02;

/// Glyphs of one weight that occur, each with its character.
type Used = BTreeMap<u16, char>;

impl Scene {
    /// The label as a one-page PDF of its exact size.
    /// Errors: [`LabelError::Pdf`] when a font cannot be subset or the file not be written.
    pub fn pdf(&self) -> Result<Vec<u8>, LabelError> {
        let mut used: [Used; 2] = Default::default();
        for thing in &self.things {
            if let Thing::Run { weight, letters, .. } = thing {
                used[slot(*weight)].extend(letters.iter().map(|l| (l.glyph.gid, l.ch)));
            }
        }
        let mappers =
            used.each_ref().map(|u| GlyphRemapper::new_from_glyphs_sorted(&u.keys().copied().collect::<Vec<_>>()));
        let content = self.content(&mappers);

        let mut doc = self.document(content);
        let mut fonts = Dictionary::new();
        for weight in [Weight::Regular, Weight::Bold] {
            if !used[slot(weight)].is_empty() {
                let font = embed(&mut doc, weight, &used[slot(weight)], &mappers[slot(weight)])?;
                fonts.set(resource(weight), font);
            }
        }
        let form = doc.objects.values_mut().find_map(|o| {
            let stream = o.as_stream_mut().ok()?;
            stream.dict.get(b"Subtype").is_ok_and(|s| s.as_name().is_ok_and(|n| n == b"Form")).then_some(stream)
        });
        form.ok_or_else(|| failed("printpdf wrote no form"))?.dict.set("Resources", dictionary! { "Font" => fonts });
        self.exact_page(&mut doc)?;
        // Random per run in printpdf; optional in PDF. Its information claims PDF/X and dates that nobody measured.
        doc.trailer.remove(b"ID");
        if let Ok(info) = doc.trailer.get(b"Info").and_then(Object::as_reference) {
            let words = dictionary! {
                "Title" => Object::string_literal("Waybill label"),
                "Producer" => Object::string_literal("Waybill Desk"),
            };
            doc.set_object(info, words);
        }
        doc.compress();
        let mut bytes = Vec::new();
        doc.save_to(&mut bytes).map_err(|e| failed(&e.to_string()))?;
        Ok(bytes)
    }

    /// A page with one form that holds `content`.
    fn document(&self, content: String) -> Document {
        let (w, h) = (self.size.width.0, self.size.height.0);
        let name = |n: &str| DictItem::Name(n.into());
        let corner = [0.0, 0.0, points(w), points(h)].map(|v| DictItem::Real(narrow(v)));
        let dict = BTreeMap::from([
            ("Type".to_owned(), name("XObject")),
            ("Subtype".to_owned(), name("Form")),
            ("BBox".to_owned(), DictItem::Array(corner.into())),
        ]);
        let stream = ExternalStream { dict, content: content.into_bytes(), compress: true };
        let id = XObjectId("Label".into());
        let mut pdf = PdfDocument::new("Waybill label");
        let form = XObject::External(ExternalXObject { stream, width: None, height: None, dpi: None });
        pdf.resources.xobjects.map.insert(id.clone(), form);
        let op = Op::UseXobject { id, transform: XObjectTransform::default() };
        pdf.with_pages(vec![PdfPage::new(Mm(narrow(w)), Mm(narrow(h)), vec![op])]);
        printpdf::to_lopdf_doc(&pdf, &PdfSaveOptions::default(), &mut Vec::new())
    }

    /// Sets the page's size to [`points`]. printpdf's own rounding can come out above the size, and a renderer that rounds
    /// up then adds a row of dots.
    fn exact_page(&self, doc: &mut Document) -> Result<(), LabelError> {
        let page = doc.page_iter().next().ok_or_else(|| failed("printpdf wrote no page"))?;
        let page = doc.get_object_mut(page).and_then(Object::as_dict_mut).map_err(|e| failed(&e.to_string()))?;
        let end = |mm: f64| Object::Real(narrow(points(mm)));
        let whole = vec![0.into(), 0.into(), end(self.size.width.0), end(self.size.height.0)];
        for name in ["MediaBox", "TrimBox", "CropBox"] {
            page.set(name, whole.clone());
        }
        Ok(())
    }

    /// Drawing operators in dots, y downwards.
    fn content(&self, mappers: &[GlyphRemapper; 2]) -> String {
        let scale = 72.0 / self.dpi.value();
        let top = points(self.size.height.0);
        let mut s = format!("{scale:.9} 0 0 {:.9} 0 {top:.6} cm\n", -scale);
        for thing in &self.things {
            match thing {
                Thing::Fill(_) | Thing::Bars { .. } | Thing::Matrix { .. } => {
                    thing.rectangles(|a| rectangle(&mut s, a));
                    s.push_str("f\n");
                }
                // Thousands of stretches: whole numbers are half the file. That they may come out a dot wider harms nobody.
                Thing::Picture { at, dots } => {
                    for y in 0..dots.height() {
                        for (x, w) in stretches(dots, y) {
                            let _ = writeln!(s, "{} {} {w} 1 re", at.x + x, at.y + y.cast_signed());
                        }
                    }
                    s.push_str("f\n");
                }
                Thing::Run { weight, px, rotation, white, letters } => {
                    let mapper = &mappers[slot(*weight)];
                    show(&mut s, (*weight, *px, *rotation, *white), letters, mapper);
                }
            }
        }
        s
    }
}

/// Points, rounded down to a thousandth (0.35 µm).
fn points(mm: f64) -> f64 {
    (mm * 72_000.0 / 25.4 + 1e-6).floor() / 1000.0
}

fn rectangle(s: &mut String, a: Area) {
    let (x, y) = (f64::from(a.x) + INSET, f64::from(a.y) + INSET);
    let (w, h) = (f64::from(a.w) - 2.0 * INSET, f64::from(a.h) - 2.0 * INSET);
    let _ = writeln!(s, "{x} {y} {w} {h} re");
}

/// A line of text with every letter at its own dot.
fn show(
    s: &mut String,
    (weight, px, rotation, white): (Weight, u32, Rotation, bool),
    letters: &[Placed],
    mapper: &GlyphRemapper,
) {
    let Some(first) = letters.first() else { return };
    if white {
        s.push_str("1 g\n");
    }
    let (x, y) = (f64::from(first.x) + NUDGE, f64::from(first.y) + NUDGE);
    // Where the pen goes and where letters' tops are; the page's y runs downwards here.
    let turned = match rotation {
        Rotation::R0 => "1 0 0 -1",
        Rotation::R90 => "0 1 1 0",
        Rotation::R180 => "-1 0 0 1",
        Rotation::R270 => "0 -1 -1 0",
    };
    let _ = write!(s, "BT /{} {px} Tf {turned} {x} {y} Tm [", resource(weight));
    // Where a viewer's pen is after what was shown so far, in thousandths of an em from the first letter.
    let mut pen = 0.0;
    for l in letters {
        let gone = (l.x - first.x).abs() + (l.y - first.y).abs();
        let at = f64::from(gone) * 1000.0 / f64::from(px);
        if (pen - at).abs() > 0.5 {
            let _ = write!(s, "{:.0}", pen - at);
            pen -= (pen - at).round();
        }
        let _ = write!(s, "<{:04X}>", mapper.get(l.glyph.gid).unwrap_or(0));
        pen += f64::from(font::face(weight).advance(l.glyph.gid));
    }
    s.push_str("] TJ ET\n");
    if white {
        s.push_str("0 g\n");
    }
}

/// Adds a subset of one bundled font as a Type 0 font with Unicode text behind it.
fn embed(doc: &mut Document, weight: Weight, used: &Used, mapper: &GlyphRemapper) -> Result<Object, LabelError> {
    let face = font::face(weight);
    let file = subsetter::subset(face.bytes, 0, mapper).map_err(|e| failed(&e.to_string()))?;
    let name = format!("{}+NotoSansSC-{}", tag(used), if weight == Weight::Bold { "Bold" } else { "Regular" });
    let length = i64::try_from(file.len()).unwrap_or(i64::MAX);
    let file = doc.add_object(Stream::new(dictionary! { "Length1" => length }, file));
    let descriptor = doc.add_object(dictionary! {
        "Type" => "FontDescriptor",
        "FontName" => Object::Name(name.clone().into_bytes()),
        "Flags" => 4,
        "FontBBox" => vec![(-1002).into(), (-1048).into(), 2928.into(), 1808.into()],
        "ItalicAngle" => 0,
        "Ascent" => 1160,
        "Descent" => -288,
        "CapHeight" => 733,
        "StemV" => if weight == Weight::Bold { 140 } else { 80 },
        "FontFile2" => file,
    });
    let widths = mapper.remapped_gids().map(|g| Object::from(i64::from(face.advance(g)))).collect::<Vec<_>>();
    let cid = doc.add_object(dictionary! {
        "Type" => "Font",
        "Subtype" => "CIDFontType2",
        "BaseFont" => Object::Name(name.clone().into_bytes()),
        "CIDSystemInfo" => dictionary! {
            "Registry" => Object::string_literal("Adobe"),
            "Ordering" => Object::string_literal("Identity"),
            "Supplement" => 0,
        },
        "FontDescriptor" => descriptor,
        "DW" => 1000,
        "W" => vec![0.into(), widths.into()],
        "CIDToGIDMap" => "Identity",
    });
    let unicode = doc.add_object(Stream::new(Dictionary::new(), to_unicode(used, mapper).into_bytes()));
    Ok(doc
        .add_object(dictionary! {
            "Type" => "Font",
            "Subtype" => "Type0",
            "BaseFont" => Object::Name(name.into_bytes()),
            "Encoding" => "Identity-H",
            "DescendantFonts" => vec![cid.into()],
            "ToUnicode" => unicode,
        })
        .into())
}

/// Glyph → character, so that text in the PDF can be searched and copied.
fn to_unicode(used: &Used, mapper: &GlyphRemapper) -> String {
    let mut s = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Label def\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
    );
    let pairs: Vec<_> = used.iter().filter_map(|(gid, ch)| Some((mapper.get(*gid)?, *ch))).collect();
    for part in pairs.chunks(100) {
        let _ = writeln!(s, "{} beginbfchar", part.len());
        for (gid, ch) in part {
            let _ = write!(s, "<{gid:04X}> <");
            for unit in ch.encode_utf16(&mut [0; 2]) {
                let _ = write!(s, "{unit:04X}");
            }
            s.push_str(">\n");
        }
        s.push_str("endbfchar\n");
    }
    s.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    s
}

/// Six letters that differ when the subset differs (ISO 32000-1, 9.6.4).
fn tag(used: &Used) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for gid in used.keys() {
        hash = (hash ^ u64::from(*gid)).wrapping_mul(0x0100_0000_01b3);
    }
    (0..6).map(|i| char::from(b'A' + u8::try_from((hash >> (8 * i)) % 26).unwrap_or(0))).collect()
}

fn slot(weight: Weight) -> usize {
    usize::from(weight == Weight::Bold)
}

fn resource(weight: Weight) -> &'static str {
    match weight {
        Weight::Regular => "FR",
        Weight::Bold => "FB",
    }
}

fn failed(reason: &str) -> LabelError {
    LabelError::Pdf { reason: reason.to_owned() }
}

#[expect(clippy::cast_possible_truncation, reason = "printpdf takes f32; a label in mm has four digits")]
fn narrow(v: f64) -> f32 {
    v as f32
}
