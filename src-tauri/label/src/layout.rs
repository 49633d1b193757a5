//! Template + data → scene: every length becomes whole dots here, and every reason not to print is found here.

use crate::error::LabelError;
use crate::field::{Condition, Turn, Word, Words, say};
use crate::scene::{Area, Scene, Thing};
use crate::template::{self, Item, Place, Repeat};
use crate::{specimen, symbols};
use domain::label_data::LabelData;
use domain::units::{Dpi, LabelSize, Mm};

mod text;

/// Places the data on a built-in template for a print head. Same input, same scene.
/// Errors: the field that cannot be shown, is too long, or makes no symbol; an unknown template.
pub fn layout(template_id: &str, data: &LabelData, dpi: Dpi) -> Result<Scene, LabelError> {
    place(template::find(template_id)?, data, dpi)
}

/// Places the data on any template.
pub(crate) fn place(template: &template::Template, data: &LabelData, dpi: Dpi) -> Result<Scene, LabelError> {
    let mut b = Builder::new(template.size(), dpi, data);
    let mut owners = Vec::new();
    for (n, item) in template.items.iter().enumerate() {
        b.item(item, (0.0, 0.0), Turn::default(), &template.place(n))?;
        owners.resize(b.scene.things.len(), n);
    }
    b.keep_symbols_clear(|thing| template.place(owners[thing]))?;
    if data.specimen {
        let pattern = specimen::pattern(&b.scene);
        b.scene.things.insert(0, pattern);
    }
    Ok(b.scene)
}

pub(crate) struct Builder<'a> {
    pub scene: Scene,
    data: &'a LabelData,
}

impl<'a> Builder<'a> {
    pub fn new(size: LabelSize, dpi: Dpi, data: &'a LabelData) -> Self {
        let (width, height) = (dpi.dots(size.width).0, dpi.dots(size.height).0);
        let scene = Scene { size, dpi, width, height, things: Vec::with_capacity(96), symbols: Vec::new() };
        Self { scene, data }
    }

    /// Both edges are rounded, so that neighbours that share an edge in mm share it in dots.
    fn area(&self, p: Place, origin: (f64, f64)) -> Area {
        let (x, y) = (self.at(origin.0 + p.x), self.at(origin.1 + p.y));
        Area { x, y, w: self.at(origin.0 + p.x + p.w) - x, h: self.at(origin.1 + p.y + p.h) - y }
    }

    fn at(&self, mm: f64) -> i32 {
        self.scene.dpi.dots(Mm(mm)).0.cast_signed()
    }

    /// A thickness or size: never nothing.
    fn length(&self, mm: f64) -> u32 {
        self.scene.dpi.dots(Mm(mm)).0.max(1)
    }

    pub fn item(&mut self, item: &Item, origin: (f64, f64), turn: Turn, place: &str) -> Result<(), LabelError> {
        let holds = |c: &Option<Condition>| c.is_none_or(|c| c.holds(self.data, turn));
        match item {
            Item::Text(t) if holds(&t.condition) => self.text(t, origin, turn, place)?,
            Item::Line(l) if holds(&l.condition) => self.line(l, origin),
            Item::Box(b) if holds(&b.condition) => {
                let area = self.area(b.place, origin);
                let t = if b.fill { area.h } else { self.length(b.thickness).cast_signed() };
                self.frame(area, t);
            }
            Item::Code128(c) if holds(&c.condition) => {
                let (field, text) = self.symbol_text(&c.text, turn);
                let area = self.area(c.place, origin);
                let modules = c.modules.map(|m| self.length(m));
                let (thing, symbol) = symbols::code128(&text, area, modules, c.align)
                    .map_err(|reason| LabelError::BadSymbol { field, reason })?;
                self.scene.things.push(thing);
                self.scene.symbols.push(symbol);
            }
            Item::Qr(q) if holds(&q.condition) => {
                let (field, text) = self.symbol_text(&q.text, turn);
                let area = self.area(q.place, origin);
                let modules = q.modules.map(|m| self.length(m));
                let (thing, symbol) =
                    symbols::qr(&text, area, modules).map_err(|reason| LabelError::BadSymbol { field, reason })?;
                self.scene.things.push(thing);
                self.scene.symbols.push(symbol);
            }
            Item::Repeat(r) => self.repeat(r, origin, place)?,
            Item::Text(_) | Item::Line(_) | Item::Box(_) | Item::Code128(_) | Item::Qr(_) => {}
        }
        Ok(())
    }

    fn repeat(&mut self, r: &Repeat, origin: (f64, f64), place: &str) -> Result<(), LabelError> {
        let template::Over::Goods = r.over;
        let count = self.data.goods.len();
        let (mut row, mut rows) = (0.0, 0);
        // Counted, not divided: 0.1 + 0.2 must not decide whether a row exists.
        while row + r.step <= r.place.h + 1e-6 {
            row += r.step;
            rows += 1;
        }
        let shown = if count <= rows { count } else { rows - usize::from(r.more.is_some() && rows > 0) };
        if shown < count && r.more.is_none() {
            return Err(LabelError::DoesNotFit { field: format!("goods[{shown}].name") });
        }
        let mut y = origin.1 + r.place.y;
        for index in 0..shown {
            let turn = Turn { index: Some(index), rest: 0 };
            for item in &r.items {
                self.item(item, (origin.0 + r.place.x, y), turn, place)?;
            }
            y += r.step;
        }
        if let Some(more) = r.more.as_deref().filter(|_| shown < count) {
            let turn = Turn { index: None, rest: count - shown };
            self.text(more, (origin.0 + r.place.x, y), turn, place)?;
        }
        Ok(())
    }

    fn line(&mut self, l: &template::Line, origin: (f64, f64)) {
        let t = self.length(l.thickness).cast_signed();
        let (x0, y0) = (self.at(origin.0 + l.from[0]), self.at(origin.1 + l.from[1]));
        let (x1, y1) = (self.at(origin.0 + l.to[0]), self.at(origin.1 + l.to[1]));
        let (across, long) = (y0 == y1, (x1 - x0).max(y1 - y0));
        let (on, off) =
            l.dash.map_or((long, 0), |d| (self.length(d[0]).cast_signed(), self.length(d[1]).cast_signed()));
        let mut done = 0;
        while done < long {
            let part = on.min(long - done);
            // The rule's middle is where the template says.
            self.scene.things.push(Thing::Fill(if across {
                Area { x: x0 + done, y: (y0 - t / 2).max(0), w: part, h: t }
            } else {
                Area { x: (x0 - t / 2).max(0), y: y0 + done, w: t, h: part }
            }));
            done += on + off;
        }
    }

    /// A frame of thickness `t` inside the area; solid when `t` is its height.
    pub fn frame(&mut self, a: Area, t: i32) {
        if t * 2 >= a.h.min(a.w) {
            self.scene.things.push(Thing::Fill(a));
            return;
        }
        for side in [
            Area { h: t, ..a },
            Area { y: a.y + a.h - t, h: t, ..a },
            Area { y: a.y + t, h: a.h - 2 * t, w: t, ..a },
            Area { x: a.x + a.w - t, y: a.y + t, w: t, h: a.h - 2 * t },
        ] {
            self.scene.things.push(Thing::Fill(side));
        }
    }

    /// What a symbol says, and the field to name in errors.
    fn symbol_text(&self, words: &Words, turn: Turn) -> (String, String) {
        let (mut field, mut text) = (String::new(), String::new());
        for word in &words.0 {
            match word {
                Word::Own(own) => text.push_str(own),
                Word::Field(f) => {
                    say(*f, self.data, turn, &mut |s, _| text.push_str(s));
                    if field.is_empty() {
                        f.name().clone_into(&mut field);
                    }
                }
            }
        }
        (field, text)
    }

    /// Nothing may ink a symbol or its quiet zone but the symbol, and nothing may lie outside the label.
    pub fn keep_symbols_clear(&self, place: impl Fn(usize) -> String) -> Result<(), LabelError> {
        let whole = self.scene.whole();
        for (n, thing) in self.scene.things.iter().enumerate() {
            let Some(ink) = thing.ink() else { continue };
            let bad = |reason: String| Err(LabelError::BadTemplate { place: place(n), reason });
            if !whole.holds(ink) {
                return bad("lies outside the label".into());
            }
            for s in &self.scene.symbols {
                if s.ink != ink && s.zone.meets(ink) {
                    return bad(format!("comes into the quiet zone of {:?}", s.text));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "../../../tests/labels/samples.rs"]
mod samples;

#[cfg(test)]
mod tests {
    use super::*;
    use domain::raster::Raster;

    /// Dots of some things alone.
    fn drawn(scene: &Scene, pick: impl Fn(&Thing) -> bool) -> Raster {
        let things = scene.things.iter().filter(|t| pick(t)).cloned().collect();
        Scene { things, ..scene.clone() }.raster()
    }

    #[test]
    fn no_text_touches_a_rule_or_another_text() {
        for t in template::templates() {
            for (name, data) in samples::all() {
                let data = LabelData { specimen: false, ..data };
                for dpi in [Dpi::D203, Dpi::D300] {
                    let scene = layout(t.id, &data, dpi).unwrap();
                    let rules = drawn(&scene, |t| matches!(t, Thing::Fill(_)));
                    let runs: Vec<&Thing> = scene.things.iter().filter(|t| matches!(t, Thing::Run { .. })).collect();
                    for (n, run) in runs.iter().enumerate() {
                        let Some(ink) = run.ink() else { continue };
                        let said: String = match run {
                            Thing::Run { letters, .. } => letters.iter().map(|l| l.ch).collect(),
                            _ => unreachable!("only runs"),
                        };
                        for other in &runs[n + 1..] {
                            assert!(other.ink().is_none_or(|o| !o.meets(ink)), "{} {name}: {said:?} meets text", t.id);
                        }
                        if matches!(run, Thing::Run { white: true, .. }) {
                            continue;
                        }
                        // A dot of air all around.
                        for y in ink.y - 1..=ink.y + ink.h {
                            for x in ink.x - 1..=ink.x + ink.w {
                                let black = rules.get(x.cast_unsigned(), y.cast_unsigned());
                                assert!(!black, "{} {name} {dpi:?}: {said:?} touches a rule at {x},{y}", t.id);
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_letter_of_the_data_is_on_the_label() {
        let data = samples::long();
        for t in template::templates() {
            let scene = layout(t.id, &data, Dpi::D203).unwrap();
            let mut said = String::new();
            for thing in &scene.things {
                if let Thing::Run { letters, .. } = thing {
                    said.extend(letters.iter().map(|l| l.ch).filter(|c| !c.is_whitespace()));
                }
            }
            for text in [&data.recipient.name, &data.recipient.address, &data.sender.address, &data.route_code] {
                let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                assert!(said.contains(&text), "{}: {text} is on the label whole", t.id);
            }
        }
    }

    #[test]
    fn a_template_that_inks_a_quiet_zone_is_refused() {
        let bad = "id='x'\nname='x'\nwidth=76\nheight=40\n\
            [[item]]\nkind='code128'\ntext='{waybill_no}'\nbox=[0,5,76,20]\n\
            [[item]]\nkind='line'\nfrom=[2,10]\nto=[70,10]\n";
        let template = template::Template::read(bad).unwrap();
        let error = place(&template, &samples::short(), Dpi::D203).err();
        assert!(matches!(error, Some(LabelError::BadTemplate { place, .. }) if place == "x item 2"));
    }

    #[test]
    fn a_template_with_an_unknown_field_or_outside_its_label_is_refused() {
        let head = "id='x'\nname='x'\nwidth=76\nheight=40\n[[item]]\nkind='text'\nsize=3\n";
        for tail in [
            "text='{name}'\nbox=[0,0,9,9]",
            "text='a'\nbox=[70,0,9,9]",
            "text='{courier'\nbox=[0,0,9,9]",
            "text='a'\nbox=[0,0,9,9]\nblink=true",
        ] {
            assert!(template::Template::read(&format!("{head}{tail}")).is_err(), "{tail}");
        }
    }
}
