//! TOML → checked template, with the place of everything that is wrong.
//!
//! Items are read one by one from the parsed tables, by their `kind`: a derived tagged enum would lose the places.

use super::check::{self, Wrong};
use super::{Item, Repeat, Template};
use crate::error::{LabelError, TemplatePlace};
use crate::rotation::Rotation;
use crate::scene::SymbolKind;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// Longest template file, bytes. The largest built-in one has 12 kB; an image takes most of what is left.
const MOST_BYTES: usize = 256 * 1024;
/// Most items, those in repeats counted too.
const MOST_ITEMS: usize = 1000;

type Table<'t> = DeTable<'t>;

/// What a template says about itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    id: String,
    name: String,
    width: f64,
    height: f64,
    #[serde(default)]
    rotate: Rotation,
}

/// Something wrong, and where in the text.
struct Fault {
    span: Option<Range<usize>>,
    key: Option<String>,
    reason: String,
}

impl From<toml::de::Error> for Fault {
    fn from(e: toml::de::Error) -> Self {
        Self { span: e.span(), key: None, reason: e.message().to_owned() }
    }
}

/// See [`Template::read`].
pub fn template(toml: &str) -> Result<Template, LabelError> {
    let bad = |id: &str, item: Option<usize>, fault: Fault| LabelError::BadTemplate {
        place: TemplatePlace {
            template: id.to_owned(),
            line_column: fault.span.map(|s| line_column(toml, s.start)),
            item,
            key: fault.key,
        },
        reason: fault.reason,
    };
    let in_file = |fault: Fault| bad("", None, fault);
    if toml.len() > MOST_BYTES {
        let reason = format!("a template has at most {MOST_BYTES} bytes");
        return Err(in_file(Fault { span: None, key: None, reason }));
    }
    let whole = DeTable::parse(toml).map_err(|e| in_file(e.into()))?;
    let (span, mut table) = (whole.span(), whole.into_inner());
    let items = take_items(&mut table, "item").map_err(in_file)?;
    let places = Places::of(&table);
    let head: Head = from_table(table, span, &places).map_err(in_file)?;
    let size = (head.width, head.height);
    check::head(&head.id, size).map_err(|w| in_file(places.fault(w)))?;

    let mut template =
        Template { id: head.id, name: head.name, size, rotate: head.rotate, items: Vec::new(), spots: Vec::new() };
    let mut left = MOST_ITEMS;
    for (n, raw) in items.into_iter().enumerate() {
        let at = raw.span();
        let read = item(raw, &mut left, size, true).map_err(|mut fault| {
            fault.span.get_or_insert(at.clone());
            bad(&template.id, Some(n + 1), fault)
        })?;
        template.items.push(read);
        template.spots.push(Some(line_column(toml, at.start)));
    }
    Ok(template)
}

/// One item, checked. `size`: where its box must lie, mm. `top`: not inside a repeat.
fn item(raw: Spanned<DeValue<'_>>, left: &mut usize, size: (f64, f64), top: bool) -> Result<Item, Fault> {
    let span = raw.span();
    let wrong = |reason: &str| Fault { span: Some(span.clone()), key: None, reason: reason.into() };
    *left = left.checked_sub(1).ok_or_else(|| wrong(&format!("a template has at most {MOST_ITEMS} items")))?;
    let DeValue::Table(mut table) = raw.into_inner() else { return Err(wrong("an item is a table")) };
    let places = Places::of(&table);
    let kind = table.remove("kind").ok_or_else(|| wrong("an item needs a kind"))?;
    let at = kind.span();
    let read = match kind.get_ref().as_str().unwrap_or_default() {
        "text" => Item::Text(from_table(table, span, &places)?),
        "line" => Item::Line(from_table(table, span, &places)?),
        "box" => Item::Box(from_table(table, span, &places)?),
        "image" => Item::Image(from_table(table, span, &places)?),
        "repeat" if top => {
            let raw = take_items(&mut table, "items")?;
            let rows: super::Rows = from_table(table, span, &places)?;
            let row = check::row(&rows);
            let items = raw.into_iter().map(|i| {
                let at = i.span();
                item(i, left, row, false).map_err(|mut fault| {
                    fault.span.get_or_insert(at);
                    fault
                })
            });
            let items = items.collect::<Result<_, _>>()?;
            Item::Repeat(Repeat { rows, items })
        }
        "repeat" => return Err(Fault { span: Some(at), key: None, reason: "a repeat cannot hold a repeat".into() }),
        other => match symbol(other) {
            Some(kind) => Item::Symbol(kind, from_table(table, span, &places)?),
            None => {
                let reason = format!("there is no kind {other:?}");
                return Err(Fault { span: Some(at), key: Some("kind".into()), reason });
            }
        },
    };
    check::item(&read, size).map_err(|w| places.fault(w))?;
    Ok(read)
}

fn symbol(kind: &str) -> Option<SymbolKind> {
    Some(match kind {
        "code128" => SymbolKind::Code128,
        "code39" => SymbolKind::Code39,
        "ean13" => SymbolKind::Ean13,
        "ean8" => SymbolKind::Ean8,
        "itf" => SymbolKind::Itf,
        "qr" => SymbolKind::Qr,
        "datamatrix" => SymbolKind::DataMatrix,
        "pdf417" => SymbolKind::Pdf417,
        _ => return None,
    })
}

/// The list of items under a key.
fn take_items<'t>(table: &mut Table<'t>, key: &str) -> Result<Vec<Spanned<DeValue<'t>>>, Fault> {
    let fault = |span, reason: &str| Fault { span, key: Some(key.to_owned()), reason: reason.into() };
    let found = table.remove(key).ok_or_else(|| fault(None, "there are no items"))?;
    let span = found.span();
    match found.into_inner() {
        DeValue::Array(list) => Ok(list.into_iter().collect()),
        _ => Err(fault(Some(span), "items are a list of tables")),
    }
}

/// Where the values of a table stand.
struct Places(Vec<(String, Range<usize>)>);

impl Places {
    fn of(table: &Table<'_>) -> Self {
        Self(table.iter().map(|(k, v)| (k.get_ref().to_string(), v.span())).collect())
    }

    /// The key whose value holds this place.
    fn key_at(&self, place: usize) -> Option<String> {
        self.0.iter().find(|(_, span)| span.contains(&place)).map(|(key, _)| key.clone())
    }

    fn fault(&self, wrong: Wrong) -> Fault {
        let span = self.0.iter().find(|(key, _)| key == wrong.key).map(|(_, span)| span.clone());
        Fault { span, key: Some(wrong.key.to_owned()), reason: wrong.reason }
    }
}

fn from_table<T: DeserializeOwned>(table: Table<'_>, span: Range<usize>, places: &Places) -> Result<T, Fault> {
    let value = ValueDeserializer::from(Spanned::new(span, DeValue::Table(table)));
    T::deserialize(value).map_err(|e| {
        let mut fault = Fault::from(e);
        fault.key = fault.span.as_ref().and_then(|s| places.key_at(s.start));
        fault
    })
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

    const HEAD: &str = "id = 'small'\nname = '小'\nwidth = 60\nheight = 40\n";

    fn fault(items: &str) -> (TemplatePlace, String) {
        match template(&format!("{HEAD}{items}")) {
            Err(LabelError::BadTemplate { place, reason }) => (place, reason),
            other => panic!("{items} gives {other:?}"),
        }
    }

    #[test]
    fn errors_say_line_column_item_and_key() {
        for (items, line, column, item, key, says) in [
            ("[[item]\n", 5, 8, None, None, "]"),
            (
                "[[item]]\nkind = 'text'\ntext = '{recipent.name}'\nbox = [0,0,9,9]\nsize = 3",
                7,
                8,
                Some(1),
                Some("text"),
                "recipent.name",
            ),
            (
                "[[item]]\nkind = 'box'\nbox = [0,0,9,9]\n[[item]]\nkind = 'box'\nbox = [55, 0, 9, 9]",
                10,
                7,
                Some(2),
                Some("box"),
                "outside",
            ),
            ("[[item]]\nkind = 'box'\nbox = [0,0,9]\n", 7, 7, Some(1), Some("box"), "length"),
            ("[[item]]\nkind = 'blob'\n", 6, 8, Some(1), Some("kind"), "blob"),
            ("[[item]]\nkind = 'box'\nbox = [0,0,9,9]\nfil = true\n", 8, 1, Some(1), None, "fil"),
            (
                "[[item]]\nkind = 'text'\ntext = 'x'\nbox = [0,0,9,9]\nsize = 3\nrotate = 45",
                10,
                10,
                Some(1),
                Some("rotate"),
                "45",
            ),
            ("[[item]]\nkind = 'line'\nfrom = [0,0]\nto = [9,9]\n", 8, 6, Some(1), Some("to"), "horizontal"),
            ("[[item]]\nkind = 'qr'\ntext = 'x'\nbox = [0,0,9,9]\nif = 'remrk'\n", 9, 6, Some(1), Some("if"), "remrk"),
            ("[[item]]\nkind = 'image'\nbox = [0,0,9,9]\npng = 'AAAA'\n", 8, 7, Some(1), Some("png"), "PNG"),
            (
                "[[item]]\nkind = 'repeat'\nover = 'goods'\nbox = [0,0,60,9]\nstep = 3\n[[item.items]]\nkind = 'box'\nbox = [50,0,20,3]\n",
                12,
                7,
                Some(1),
                Some("box"),
                "outside",
            ),
        ] {
            let (place, reason) = fault(items);
            assert_eq!(place.line_column, Some((line, column)), "{items}: {reason}");
            assert_eq!((place.item, place.key.as_deref()), (item, key), "{items}: {reason}");
            assert!(reason.contains(says), "{items}: {reason}");
        }
    }

    #[test]
    fn what_would_take_forever_or_has_no_size_is_refused() {
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
            fault(items);
        }
        let many = "[[item]]\nkind='box'\nbox=[0,0,1,1]\n".repeat(1001);
        assert!(fault(&many).1.contains("1000"));
        assert!(template(&" ".repeat(300_000)).is_err());
        for size in ["0", "-5", "nan", "1e9"] {
            let head = format!("id='x'\nname='x'\nwidth={size}\nheight=9\nitem=[]");
            assert!(template(&head).is_err(), "{size}");
        }
    }
}
