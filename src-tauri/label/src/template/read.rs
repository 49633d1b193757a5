//! TOML → checked template, with the place of everything that is wrong.
//!
//! Items are read one by one from the parsed tables, by their `kind`; their values in `keys`.

use super::check;
use super::keys::{Fault, Keys, Value};
use super::{Align, Frame, Item, Line, Picture, Repeat, Rows, Symbol, Template, Text, Valign};
use crate::error::{LabelError, TemplatePlace};
use crate::flaw::{Flaw, excerpt};
use crate::font::Weight;
use crate::rotation::Rotation;
use crate::scene::SymbolKind;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longest template file, bytes. The largest built-in one has 12 kB; an image takes most of what is left.
const MOST_BYTES: usize = 256 * 1024;
/// Most items, those in repeats counted too.
const MOST_ITEMS: usize = 1000;
/// Two dots at 203 dpi: the thinnest rule that cheap heads print without gaps.
const HAIRLINE: f64 = 0.25;
/// Distance of baselines where a template says none, ems.
const LINE_HEIGHT: f64 = 1.25;

/// See [`Template::read`].
pub fn template(toml: &str) -> Result<Template, LabelError> {
    let bad = |id: &str, item: Option<usize>, fault: Fault| LabelError::BadTemplate {
        place: TemplatePlace {
            template: id.to_owned(),
            line_column: fault.span.map(|s| line_column(toml, s.start)),
            item,
            key: fault.key,
        },
        reason: Box::new(fault.reason),
    };
    let in_file = |fault: Fault| bad("", None, fault);
    if toml.len() > MOST_BYTES {
        return Err(in_file(Fault { span: None, key: None, reason: Flaw::TooManyBytes { most: MOST_BYTES } }));
    }
    let whole =
        DeTable::parse(toml).map_err(|e| in_file(Fault { span: e.span(), key: None, reason: Flaw::of_toml(&e) }))?;
    let span = whole.span();
    let mut head =
        Keys::new(whole.into_inner(), span, &["id", "name", "width", "height", "rotate", "item"]).map_err(in_file)?;
    let mut template = read_head(&mut head).map_err(in_file)?;
    let items = list(&mut head, "item", Flaw::NoItems {}).map_err(in_file)?;
    let mut left = MOST_ITEMS;
    for (n, raw) in items.into_iter().enumerate() {
        let at = raw.span();
        let read = item(raw, &mut left, template.size, true).map_err(|mut fault| {
            fault.span.get_or_insert(at.clone());
            bad(&template.id, Some(n + 1), fault)
        })?;
        template.items.push(read);
        template.spots.push(Some(line_column(toml, at.start)));
    }
    Ok(template)
}

/// What a template says about itself.
fn read_head(keys: &mut Keys<'_>) -> Result<Template, Fault> {
    let template = Template {
        id: keys.need("id")?,
        name: keys.need("name")?,
        size: (keys.need("width")?, keys.need("height")?),
        rotate: keys.or("rotate", Rotation::R0)?,
        items: Vec::new(),
        spots: Vec::new(),
    };
    check::head(&template.id, template.size).map_err(|w| keys.fault(w.key, w.reason))?;
    Ok(template)
}

/// One item, checked. `size`: where its box must lie, mm. `top`: not inside a repeat.
fn item(raw: Spanned<DeValue<'_>>, left: &mut usize, size: (f64, f64), top: bool) -> Result<Item, Fault> {
    let span = raw.span();
    let wrong = |reason: Flaw| Fault { span: Some(span.clone()), key: None, reason };
    *left = left.checked_sub(1).ok_or_else(|| wrong(Flaw::TooManyItems { most: MOST_ITEMS }))?;
    let DeValue::Table(mut table) = raw.into_inner() else { return Err(wrong(Flaw::NotTable {})) };
    let kind = table.remove("kind").ok_or_else(|| wrong(Flaw::NoKind {}))?;
    let at = |reason: Flaw| Fault { span: Some(kind.span()), key: Some("kind".into()), reason };
    let said = String::read(kind.get_ref()).map_err(at)?;
    let kind = *KINDS.iter().find(|k| k.0 == said).map(|k| &k.1).ok_or_else(|| {
        let known = KINDS.iter().map(|k| k.0).collect::<Vec<_>>().join(", ");
        at(Flaw::UnknownKind { found: excerpt(&said), known })
    })?;
    if matches!(kind, Kind::Repeat) && !top {
        return Err(at(Flaw::Nested {}));
    }
    let mut keys = Keys::new(table, span.clone(), kind.keys())?;
    let read = match kind {
        Kind::Text => Item::Text(text(&mut keys)?),
        Kind::Line => Item::Line(Line {
            from: keys.need("from")?,
            to: keys.need("to")?,
            thickness: keys.or("thickness", HAIRLINE)?,
            dash: keys.take("dash")?,
            condition: keys.take("if")?,
        }),
        Kind::Box => Item::Box(Frame {
            place: keys.need("box")?,
            thickness: keys.or("thickness", HAIRLINE)?,
            fill: keys.or("fill", false)?,
            condition: keys.take("if")?,
        }),
        Kind::Image => Item::Image(Picture {
            png: keys.need("png")?,
            place: keys.need("box")?,
            rotate: keys.or("rotate", Rotation::R0)?,
            condition: keys.take("if")?,
        }),
        Kind::Symbol(kind) => {
            let symbol = Symbol {
                text: keys.need("text")?,
                place: keys.need("box")?,
                modules: keys.take("modules")?,
                align: keys.or("align", Align::Center)?,
                rotate: keys.or("rotate", Rotation::R0)?,
                condition: keys.take("if")?,
            };
            Item::Symbol(kind, symbol)
        }
        Kind::Repeat => Item::Repeat(repeat(&mut keys, left)?),
    };
    check::item(&read, size).map_err(|w| keys.fault(w.key, w.reason))?;
    Ok(read)
}

fn text(keys: &mut Keys<'_>) -> Result<Text, Fault> {
    Ok(Text {
        text: keys.need("text")?,
        place: keys.need("box")?,
        size: keys.need("size")?,
        min_size: keys.take("min_size")?,
        weight: keys.or("weight", Weight::Regular)?,
        align: keys.or("align", Align::Left)?,
        valign: keys.or("valign", Valign::Middle)?,
        wrap: keys.or("wrap", false)?,
        heading: keys.or("heading", false)?,
        line_height: keys.or("line_height", LINE_HEIGHT)?,
        ellipsis: keys.or("ellipsis", false)?,
        reverse: keys.or("reverse", false)?,
        tracking: keys.or("tracking", 0.0)?,
        rotate: keys.or("rotate", Rotation::R0)?,
        condition: keys.take("if")?,
    })
}

fn repeat(keys: &mut Keys<'_>, left: &mut usize) -> Result<Repeat, Fault> {
    let mut rows = Rows {
        over: keys.need("over")?,
        place: keys.need("box")?,
        step: keys.need("step")?,
        across: keys.or("across", false)?,
        more: None,
        condition: keys.take("if")?,
    };
    let row = check::row(&rows);
    if let Some(more) = keys.take_raw("more") {
        let span = more.span();
        let DeValue::Table(table) = more.into_inner() else {
            return Err(keys.fault("more", Flaw::WantTable { found: "more".into() }));
        };
        let mut more = Keys::new(table, span, TEXT_KEYS)?;
        let words = text(&mut more)?;
        check::text(&words, row).map_err(|w| more.fault(w.key, w.reason))?;
        rows.more = Some(Box::new(words));
    }
    let mut items = Vec::new();
    for raw in list(keys, "items", Flaw::NoRowItems {})? {
        let at = raw.span();
        items.push(item(raw, left, row, false).map_err(|mut fault| {
            fault.span.get_or_insert(at);
            fault
        })?);
    }
    Ok(Repeat { rows, items })
}

/// What an item can be.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Line,
    Box,
    Image,
    Symbol(SymbolKind),
    Repeat,
}

const KINDS: [(&str, Kind); 13] = [
    ("text", Kind::Text),
    ("line", Kind::Line),
    ("box", Kind::Box),
    ("image", Kind::Image),
    ("repeat", Kind::Repeat),
    ("code128", Kind::Symbol(SymbolKind::Code128)),
    ("code39", Kind::Symbol(SymbolKind::Code39)),
    ("ean13", Kind::Symbol(SymbolKind::Ean13)),
    ("ean8", Kind::Symbol(SymbolKind::Ean8)),
    ("itf", Kind::Symbol(SymbolKind::Itf)),
    ("qr", Kind::Symbol(SymbolKind::Qr)),
    ("datamatrix", Kind::Symbol(SymbolKind::DataMatrix)),
    ("pdf417", Kind::Symbol(SymbolKind::Pdf417)),
];

const TEXT_KEYS: &[&str] = &[
    "text",
    "box",
    "size",
    "min_size",
    "weight",
    "align",
    "valign",
    "wrap",
    "heading",
    "line_height",
    "ellipsis",
    "reverse",
    "tracking",
    "rotate",
    "if",
];

impl Kind {
    /// The keys of such an item, beside `kind`.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Text => TEXT_KEYS,
            Self::Line => &["from", "to", "thickness", "dash", "if"],
            Self::Box => &["box", "thickness", "fill", "if"],
            Self::Image => &["png", "box", "rotate", "if"],
            Self::Symbol(_) => &["text", "box", "modules", "align", "rotate", "if"],
            Self::Repeat => &["over", "box", "step", "across", "more", "items", "if"],
        }
    }
}

/// The list of items under a key.
fn list<'t>(keys: &mut Keys<'t>, key: &str, none: Flaw) -> Result<Vec<Spanned<DeValue<'t>>>, Fault> {
    let Some(found) = keys.take_raw(key) else { return Err(keys.fault(key, none)) };
    match found.into_inner() {
        DeValue::Array(list) => Ok(list.into_iter().collect()),
        _ => Err(keys.fault(key, Flaw::NotItems {})),
    }
}

/// Counted from 1, in characters.
fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_take_forever_or_has_no_size_is_refused() {
        let head = "id = 'small'\nname = '小'\nwidth = 60\nheight = 40\n";
        for items in [
            "[[item]]\nkind='repeat'\nover='goods'\nbox=[0,0,60,9]\nstep=1e-9\nitems=[]",
            "[[item]]\nkind='line'\nfrom=[0,0]\nto=[60,0]\ndash=[1e-9,1e-9]",
            "[[item]]\nkind='box'\nbox=[nan,0,9,9]",
            "[[item]]\nkind='box'\nbox=[0,0,inf,9]",
            "[[item]]\nkind='text'\ntext='x'\nbox=[0,0,9,9]\nsize=1e9",
            "[[item]]\nkind='text'\ntext='x'\nbox=[0,0,9,9]\nsize=3\ntracking=nan",
            "[[item]]\nkind='text'\ntext='x'\nbox=[0,0,9,9]\nsize=3\nline_height=1e12",
            "[[item]]\nkind='qr'\ntext='x'\nbox=[0,0,9,9]\nmodules=[nan,1]",
        ] {
            let read = template(&format!("{head}{items}"));
            assert!(matches!(read, Err(LabelError::BadTemplate { .. })), "{items} gives {read:?}");
        }
        for size in ["0", "-5", "nan", "1e9"] {
            let head = format!("id='x'\nname='x'\nwidth={size}\nheight=9\nitem=[]");
            assert!(template(&head).is_err(), "{size}");
        }
    }

    #[test]
    fn numbers_are_read_in_every_spelling_of_toml() {
        let text = "id='x'\nname='x'\nwidth=0x28\nheight=4.5e1\n[[item]]\nkind='box'\nbox=[1_0, 0b1, 0o7, +9.25]\n";
        let read = template(text).unwrap();
        let Item::Box(Frame { place, .. }) = &read.items[0] else { panic!("{read:?}") };
        assert_eq!((read.size, place.x, place.y, place.w, place.h), ((40.0, 45.0), 10.0, 1.0, 7.0, 9.25));
    }
}
