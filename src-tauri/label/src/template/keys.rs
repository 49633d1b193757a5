//! A table of a template, taken apart key by key: each value is read as what it must be, or is a flaw at its place.
//!
//! By hand, not by serde: an error there is a text, and what is wrong must be told in three languages.

use super::{Align, Over, Place, Valign};
use crate::field::{Condition, Words};
use crate::flaw::{Flaw, excerpt};
use crate::font::Weight;
use crate::image::Image;
use crate::rotation::Rotation;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Something wrong, and where in the text.
pub struct Fault {
    pub span: Option<Range<usize>>,
    pub key: Option<String>,
    pub reason: Flaw,
}

/// A table whose keys are all known.
pub struct Keys<'t> {
    table: DeTable<'t>,
    span: Range<usize>,
    /// Where each value stands, also of those that were taken.
    places: Vec<(String, Range<usize>)>,
}

impl<'t> Keys<'t> {
    /// Errors: a key that is none of `known`. Looked for first, so that a misspelt key is not told as a missing one.
    pub fn new(table: DeTable<'t>, span: Range<usize>, known: &[&str]) -> Result<Self, Fault> {
        for (key, _) in &table {
            if !known.contains(&&**key.get_ref()) {
                let reason = Flaw::UnknownKey { key: excerpt(key.get_ref()), known: known.join(", ") };
                return Err(Fault { span: Some(key.span()), key: None, reason });
            }
        }
        let places = table.iter().map(|(k, v)| (k.get_ref().to_string(), v.span())).collect();
        Ok(Self { table, span, places })
    }

    /// The value of a key that may be left out.
    pub fn take<T: Value>(&mut self, key: &str) -> Result<Option<T>, Fault> {
        let Some(found) = self.table.remove(key) else { return Ok(None) };
        let read = T::read(found.get_ref());
        read.map(Some).map_err(|reason| Fault { span: Some(found.span()), key: Some(key.to_owned()), reason })
    }

    /// The same, with what stands for it when it is left out.
    pub fn or<T: Value>(&mut self, key: &str, usual: T) -> Result<T, Fault> {
        Ok(self.take(key)?.unwrap_or(usual))
    }

    /// The value of a key that must be there.
    pub fn need<T: Value>(&mut self, key: &str) -> Result<T, Fault> {
        match self.take(key)? {
            Some(value) => Ok(value),
            None => Err(self.fault(key, Flaw::NoKey { key: key.to_owned() })),
        }
    }

    /// The value of a key as it stands.
    pub fn take_raw(&mut self, key: &str) -> Option<Spanned<DeValue<'t>>> {
        self.table.remove(key)
    }

    /// What is wrong with the value of a key, at its place; at the table's where the key was left out.
    pub fn fault(&self, key: &str, reason: Flaw) -> Fault {
        let place = self.places.iter().find(|(k, _)| k == key);
        let span = place.map_or_else(|| self.span.clone(), |(_, span)| span.clone());
        Fault { span: Some(span), key: Some(key.to_owned()), reason }
    }
}

/// What can stand behind a key.
pub trait Value: Sized {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw>;
}

/// A value as it was written, nearly: enough to be found again.
fn written(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(s) => format!("\"{}\"", excerpt(s)),
        DeValue::Integer(i) => i.to_string(),
        DeValue::Float(f) => f.to_string(),
        DeValue::Boolean(b) => b.to_string(),
        DeValue::Datetime(d) => d.to_string(),
        DeValue::Array(_) => "[…]".into(),
        DeValue::Table(_) => "{…}".into(),
    }
}

/// Integers are numbers too, in any base.
fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Float(f) => {
            let (text, number) = (f.as_str(), f.as_str().parse::<f64>().ok()?);
            // `inf` may be written; a number that only becomes it was meant as another one.
            (number.is_finite() || text.ends_with("inf") || text.ends_with("nan")).then_some(number)
        }
        #[expect(clippy::cast_precision_loss, reason = "millimetres: sizes that matter are far below 2^53")]
        DeValue::Integer(i) => i64::from_str_radix(i.as_str(), i.radix()).ok().map(|n| n as f64),
        _ => None,
    }
}

fn numbers<const N: usize>(value: &DeValue<'_>) -> Result<[f64; N], Flaw> {
    let wrong = || Flaw::WantNumbers { found: written(value), count: N };
    let list = value.as_array().ok_or_else(wrong)?;
    let read: Vec<f64> = list
        .iter()
        .map(|v| number(v.get_ref()).ok_or_else(|| Flaw::WantNumber { found: written(v.get_ref()) }))
        .collect::<Result<_, _>>()?;
    let found = read.len();
    read.try_into().map_err(|_| Flaw::ListLength { found, count: N })
}

fn text<'v>(value: &'v DeValue<'_>) -> Result<&'v str, Flaw> {
    value.as_str().ok_or_else(|| Flaw::WantText { found: written(value) })
}

/// One of some words.
fn word<T: Copy>(value: &DeValue<'_>, words: &[(&str, T)]) -> Result<T, Flaw> {
    let known = || words.iter().map(|w| format!("\"{}\"", w.0)).collect::<Vec<_>>().join(", ");
    let found = value.as_str().and_then(|said| words.iter().find(|w| w.0 == said));
    found.map(|w| w.1).ok_or_else(|| Flaw::WantWord { found: written(value), known: known() })
}

impl Value for f64 {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        number(value).ok_or_else(|| Flaw::WantNumber { found: written(value) })
    }
}

impl Value for bool {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        value.as_bool().ok_or_else(|| Flaw::WantTruth { found: written(value) })
    }
}

impl Value for String {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        text(value).map(str::to_owned)
    }
}

impl Value for [f64; 2] {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        numbers(value)
    }
}

impl Value for Place {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        let [x, y, w, h] = numbers(value)?;
        Ok(Self { x, y, w, h })
    }
}

impl Value for Words {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        Self::read(text(value)?)
    }
}

impl Value for Condition {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        let wrong = || Flaw::WantCondition { found: written(value) };
        let terms: Vec<&str> = match value {
            DeValue::String(one) => vec![one],
            DeValue::Array(all) => {
                all.iter().map(|t| t.get_ref().as_str().ok_or_else(wrong)).collect::<Result<_, _>>()?
            }
            _ => return Err(wrong()),
        };
        Self::read(&terms)
    }
}

impl Value for Image {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        Self::read(text(value)?)
    }
}

impl Value for Rotation {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        let degrees = value.as_integer().and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok());
        degrees.and_then(Self::from_degrees).ok_or_else(|| Flaw::Rotate { found: written(value) })
    }
}

impl Value for Weight {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        word(value, &[("regular", Self::Regular), ("bold", Self::Bold)])
    }
}

impl Value for Align {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        word(value, &[("left", Self::Left), ("center", Self::Center), ("right", Self::Right)])
    }
}

impl Value for Valign {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        word(value, &[("top", Self::Top), ("middle", Self::Middle), ("bottom", Self::Bottom)])
    }
}

impl Value for Over {
    fn read(value: &DeValue<'_>) -> Result<Self, Flaw> {
        word(value, &[("goods", Self::Goods), ("marks", Self::Marks)])
    }
}
