//! Template + data → scene: every length becomes whole dots here, and every reason not to print is found here.

use crate::error::{LabelError, TemplatePlace};
use crate::field::{Condition, Turn, Word, Words, say};
use crate::flaw::{Flaw, excerpt};
use crate::rotation::Rotation;
use crate::scene::{Area, Scene, SymbolKind, Thing};
use crate::template::{self, Item, Over, Place, Repeat, Template};
use crate::{courier, specimen, symbols};
use domain::label_data::LabelData;
use domain::units::{Dpi, LabelSize, Mm};
use std::sync::Arc;

mod text;

/// Places the data on a built-in template for a print head. Same input, same scene.
/// Errors: the field that cannot be shown, is too long, or makes no symbol; an unknown template.
pub fn layout(template_id: &str, data: &LabelData, dpi: Dpi) -> Result<Scene, LabelError> {
    template::find(template_id)?.layout(data, dpi)
}

impl Template {
    /// Places the data on this template for a print head. Same input, same scene.
    /// Errors: as [`layout`]; also what the template itself makes impossible, with its place.
    pub fn layout(&self, data: &LabelData, dpi: Dpi) -> Result<Scene, LabelError> {
        let (width, height) = self.size;
        let mut b = Builder::new(LabelSize { width: Mm(width), height: Mm(height) }, dpi, data);
        let mut owners = Vec::new();
        for (n, item) in self.items.iter().enumerate() {
            b.item(item, (0.0, 0.0), Turn::default(), &|| self.place(n))?;
            owners.resize(b.scene.things.len(), n);
        }
        b.keep_symbols_clear(|thing| self.place(owners[thing]))?;
        let mut scene = b.scene.rotated(self.rotate);
        if data.specimen {
            let pattern = specimen::pattern(&scene);
            scene.things.insert(0, pattern);
        }
        Ok(scene)
    }
}

/// Names the item in errors.
pub(crate) type Site<'a> = &'a dyn Fn() -> TemplatePlace;

pub(crate) struct Builder<'a> {
    pub scene: Scene,
    data: &'a LabelData,
    /// The thing that draws each symbol.
    drawn_by: Vec<usize>,
}

impl<'a> Builder<'a> {
    pub fn new(size: LabelSize, dpi: Dpi, data: &'a LabelData) -> Self {
        let (width, height) = (dpi.dots(size.width).0, dpi.dots(size.height).0);
        let scene = Scene { size, dpi, width, height, things: Vec::with_capacity(96), symbols: Vec::new() };
        Self { scene, data, drawn_by: Vec::new() }
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

    pub fn item(&mut self, item: &Item, origin: (f64, f64), turn: Turn, site: Site<'_>) -> Result<(), LabelError> {
        let data = self.data;
        let holds = |c: &Option<Condition>| c.as_ref().is_none_or(|c| c.holds(data, turn));
        match item {
            Item::Text(t) if holds(&t.condition) => self.text(t, origin, turn, site)?,
            Item::Line(l) if holds(&l.condition) => self.line(l, origin),
            Item::Box(b) if holds(&b.condition) => {
                let area = self.area(b.place, origin);
                let t = if b.fill { area.h } else { self.length(b.thickness).cast_signed() };
                self.frame(area, t);
            }
            Item::Image(i) if holds(&i.condition) => {
                let area = self.area(i.place, origin);
                self.turned(i.rotate, area, |b, area| {
                    let picture = i.png.dots(area).map(|(at, dots)| Thing::Picture { at, dots: Arc::new(dots) });
                    b.scene.things.extend(picture);
                    Ok(())
                })?;
            }
            Item::Symbol(kind, s) if holds(&s.condition) => self.symbol(*kind, s, origin, turn, site)?,
            Item::Repeat(r) if holds(&r.rows.condition) => self.repeat(r, origin, site)?,
            Item::Text(_) | Item::Line(_) | Item::Box(_) | Item::Image(_) | Item::Symbol(..) | Item::Repeat(_) => {}
        }
        Ok(())
    }

    /// Lets `draw` work in an upright frame, and turns what it drew into the area.
    fn turned(
        &mut self,
        rotation: Rotation,
        area: Area,
        draw: impl FnOnce(&mut Self, Area) -> Result<(), LabelError>,
    ) -> Result<(), LabelError> {
        if rotation == Rotation::R0 {
            return draw(self, area);
        }
        let (things, symbols) = (self.scene.things.len(), self.scene.symbols.len());
        let (w, h) = rotation.size((area.w, area.h));
        draw(self, Area { x: 0, y: 0, w, h })?;
        self.scene.things[things..].iter_mut().for_each(|t| t.rotate(rotation, (w, h), (area.x, area.y)));
        self.scene.symbols[symbols..].iter_mut().for_each(|s| s.rotate(rotation, (w, h), (area.x, area.y)));
        Ok(())
    }

    fn symbol(
        &mut self,
        kind: SymbolKind,
        s: &template::Symbol,
        origin: (f64, f64),
        turn: Turn,
        site: Site<'_>,
    ) -> Result<(), LabelError> {
        let (field, text) = self.symbol_text(&s.text, turn);
        let range = s.modules.unwrap_or(kind.usual_modules()).map(|m| self.length(m));
        let area = self.area(s.place, origin);
        self.turned(s.rotate, area, |b, area| {
            let (thing, symbol) = symbols::make(kind, &text, area, range, s.align).map_err(|reason| match field {
                Some(field) => LabelError::BadSymbol { field, reason: Box::new(reason) },
                None => LabelError::BadTemplate { place: site(), reason: Box::new(reason) },
            })?;
            b.drawn_by.push(b.scene.things.len());
            b.scene.things.push(thing);
            b.scene.symbols.push(symbol);
            Ok(())
        })
    }

    /// What a symbol says, and the field to name in errors; none where the template says all of it.
    fn symbol_text(&self, words: &Words, turn: Turn) -> (Option<String>, String) {
        let (mut field, mut text) = (None, String::new());
        for word in &words.0 {
            match word {
                Word::Own(own) => text.push_str(own),
                Word::Field(f) => {
                    say(*f, self.data, turn, &mut |s, _| text.push_str(s));
                    field.get_or_insert_with(|| f.path().to_owned());
                }
            }
        }
        (field, text)
    }

    fn repeat(&mut self, r: &Repeat, origin: (f64, f64), site: Site<'_>) -> Result<(), LabelError> {
        let rows = &r.rows;
        let count = match rows.over {
            Over::Goods => self.data.goods.len(),
            Over::Marks => self.marks().len(),
        };
        let long = if rows.across { rows.place.w } else { rows.place.h };
        let (mut row, mut room) = (0.0, 0);
        // Counted, not divided: 0.1 + 0.2 must not decide whether a row exists.
        while row + rows.step <= long + 1e-6 {
            row += rows.step;
            room += 1;
        }
        let shown = if count <= room { count } else { room - usize::from(rows.more.is_some() && room > 0) };
        if shown < count && rows.more.is_none() {
            let field = match rows.over {
                Over::Goods => format!("goods[{shown}].name"),
                Over::Marks => format!("service_marks[{}]", self.marks()[shown]),
            };
            return Err(LabelError::DoesNotFit { field });
        }
        let (mut x, mut y) = (origin.0 + rows.place.x, origin.1 + rows.place.y);
        for index in 0..shown {
            let turn = Turn { index: Some(index), rest: 0 };
            for item in &r.items {
                self.item(item, (x, y), turn, site)?;
            }
            if rows.across {
                x += rows.step;
            } else {
                y += rows.step;
            }
        }
        if let Some(more) = rows.more.as_deref().filter(|_| shown < count) {
            let turn = Turn { index: None, rest: count - shown };
            self.text(more, (x, y), turn, site)?;
        }
        Ok(())
    }

    fn marks(&self) -> Vec<usize> {
        courier::marks_in_order(&self.data.courier_code, &self.data.service_marks)
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

    /// Takes back what was drawn after so many things and symbols.
    pub fn take_back(&mut self, things: usize, symbols: usize) {
        self.scene.things.truncate(things);
        self.scene.symbols.truncate(symbols);
        self.drawn_by.truncate(symbols);
    }

    /// Nothing may ink a symbol or its quiet zone but the symbol, and nothing may lie outside the label.
    pub fn keep_symbols_clear(&self, place: impl Fn(usize) -> TemplatePlace) -> Result<(), LabelError> {
        let whole = self.scene.whole();
        for (n, thing) in self.scene.things.iter().enumerate() {
            let Some(ink) = thing.ink() else { continue };
            let bad = |reason: Flaw| Err(LabelError::BadTemplate { place: place(n), reason: Box::new(reason) });
            if !whole.holds(ink) {
                return bad(Flaw::Outside {});
            }
            for (s, drawn_by) in self.scene.symbols.iter().zip(&self.drawn_by) {
                if *drawn_by != n && s.zone.meets(ink) {
                    return bad(Flaw::QuietZone { says: excerpt(&s.text) });
                }
            }
        }
        for (s, drawn_by) in self.scene.symbols.iter().zip(&self.drawn_by) {
            if !whole.holds(s.zone) {
                return Err(LabelError::BadTemplate { place: place(*drawn_by), reason: Box::new(Flaw::Outside {}) });
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

    #[test]
    fn no_text_touches_a_rule_or_another_text() {
        for t in template::templates() {
            for (name, data) in samples::all() {
                let data = LabelData { specimen: false, ..data };
                for dpi in [Dpi::D203, Dpi::D300] {
                    let scene = layout(t.id, &data, dpi).unwrap();
                    let rules = scene.raster_of(|t| matches!(t, Thing::Fill(_)));
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
        let error = template.layout(&samples::short(), Dpi::D203).err();
        assert!(
            matches!(error, Some(LabelError::BadTemplate { place, .. }) if place.item == Some(2) && place.line_column == Some((9, 1)))
        );
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
