//! Label templates: those of the program and the shop's own.
//!
//! A template is named by an id; what is written down with an order or a label is a *reference*: the id of one of the
//! program's, or `id@version` of an own one, so that a label that is made again looks as it did. Invariants: a version is
//! read and tried before it is kept, and never changes; what can be chosen is what is not removed, what was printed can
//! always be drawn again. Absent: versions of the program's own templates (they change with the program).

mod samples;

use crate::api::{
    ApiError, ById, Code, Done, Nothing, PreviewTemplate, SaveTemplate, TemplatePreview, TemplateRow, TemplateText,
};
use crate::door::At;
use crate::house::House;
use crate::order::{content, plan};
use crate::printing::draw;
use crate::store::{OwnTemplate, StoreError};
use domain::units::{Dpi, LabelSize};
use label::{LabelError, Template};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How own ids begin; none of the program's does.
const OWN: &str = "own-";
/// Templates of one shop.
const MOST: usize = 100;
/// Versions that stay read. Each is some ten kilobytes.
const KEPT: usize = 64;

/// Own versions that were read, by reference.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<HashMap<String, Arc<Template>>>);

/// A template and what it is called where it is written down.
#[derive(Clone)]
pub(crate) struct Found {
    pub reference: String,
    template: Kept,
}

#[derive(Clone)]
enum Kept {
    BuiltIn(&'static Template),
    Own(Arc<Template>),
}

impl std::ops::Deref for Found {
    type Target = Template;
    fn deref(&self) -> &Template {
        match &self.template {
            Kept::BuiltIn(t) => t,
            Kept::Own(t) => t,
        }
    }
}

/// One that can be chosen.
pub(crate) struct Choice {
    /// Without a version.
    pub id: String,
    pub name: String,
    pub size: LabelSize,
    /// The newest version; none = the program's.
    own: Option<OwnTemplate>,
}

/// Everything that can be chosen: the program's, then the shop's own.
pub(crate) async fn choices(house: &House) -> Result<Vec<Choice>, ApiError> {
    let built_in = label::templates().into_iter().map(|t| Choice {
        id: t.id.to_owned(),
        name: t.name.to_owned(),
        size: t.size,
        own: None,
    });
    let mut all: Vec<Choice> = built_in.collect();
    for own in house.store.own_templates().await? {
        // One that a later program cannot read any more is not offered; its text stays.
        match read_own(house, &own) {
            Ok(t) => all.push(Choice { id: own.id.clone(), name: t.name().to_owned(), size: t.size(), own: Some(own) }),
            Err(error) => tracing::warn!(template = own.id, %error, "an own template cannot be read"),
        }
    }
    Ok(all)
}

fn read_own(house: &House, own: &OwnTemplate) -> Result<Arc<Template>, LabelError> {
    let reference = reference(own);
    let mut shelf = house.shelf.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(t) = shelf.get(&reference) {
        return Ok(Arc::clone(t));
    }
    let t = Arc::new(Template::read(&own.text)?);
    if shelf.len() >= KEPT {
        shelf.clear();
    }
    shelf.insert(reference, Arc::clone(&t));
    Ok(t)
}

fn reference(own: &OwnTemplate) -> String {
    format!("{}@{}", own.id, own.version)
}

/// The template of a reference, or of an id in its newest version. Errors: there is none, or its text is not a template
/// of this program any more.
pub(crate) async fn find(house: &House, asked: &str) -> Result<Found, ApiError> {
    if !asked.starts_with(OWN) {
        let template = label::template(asked).map_err(|_| ApiError::not_found("template"))?;
        return Ok(Found { reference: asked.to_owned(), template: Kept::BuiltIn(template) });
    }
    let own = match asked.split_once('@') {
        Some((id, version)) => {
            let version = version.parse().map_err(|_| ApiError::not_found("template"))?;
            house.store.own_template(id, version).await?
        }
        None => house.store.own_templates().await?.into_iter().find(|t| t.id == asked),
    };
    let own = own.ok_or_else(|| ApiError::not_found("template"))?;
    let template = read_own(house, &own).map_err(|e| draw::wrong_label(&e))?;
    Ok(Found { reference: reference(&own), template: Kept::Own(template) })
}

/// The list: the program's, then the shop's own in their newest versions.
pub(crate) async fn all(at: &At<'_>, _: Nothing) -> Result<Vec<TemplateRow>, ApiError> {
    let mut rows = Vec::new();
    for c in choices(at.house).await? {
        rows.push(row(at.house, c).await?);
    }
    Ok(rows)
}

async fn row(house: &House, c: Choice) -> Result<TemplateRow, ApiError> {
    let by = match &c.own {
        Some(own) => house.store.person(&own.created_by).await?.map(|p| p.name).unwrap_or_default(),
        None => String::new(),
    };
    Ok(TemplateRow {
        id: c.id,
        name: c.name,
        width_mm: c.size.width.0,
        height_mm: c.size.height.0,
        version: c.own.as_ref().map_or(0, |o| o.version),
        made_from: c.own.as_ref().map(|o| o.made_from.clone()).unwrap_or_default(),
        saved_at: c.own.as_ref().map_or(0, |o| o.created_at.0),
        saved_by: by,
    })
}

/// Its text, byte for byte as it was saved.
pub(crate) async fn show(at: &At<'_>, req: ById) -> Result<TemplateText, ApiError> {
    let found = find(at.house, &req.id).await?;
    let (text, version, own) = match found.reference.split_once('@') {
        None => (label::template_text(&found.reference).unwrap_or_default().to_owned(), 0, false),
        Some((id, version)) => {
            let version = version.parse().unwrap_or(0);
            let own = at.house.store.own_template(id, version).await?.ok_or_else(|| ApiError::not_found("template"))?;
            (own.text, version, true)
        }
    };
    let id = found.reference.split('@').next().unwrap_or_default().to_owned();
    Ok(TemplateText { id, version, own, name: found.name().to_owned(), text })
}

/// Puts its text on the clipboard.
pub(crate) async fn copy(at: &At<'_>, req: ById) -> Result<Done, ApiError> {
    let shown = show(at, req).await?;
    at.house.host.copy_text(&shown.text).map_err(|reason| {
        ApiError::new(Code::WrongState, format!("the text could not be copied: {reason}"))
            .detail("no_clipboard")
            .hint("`waybill templates show` prints it")
    })?;
    Ok(Done {})
}

/// What a text would print with one of the samples, or what is wrong and where. Nothing is kept.
pub(crate) async fn preview(_: &At<'_>, req: PreviewTemplate) -> Result<TemplatePreview, ApiError> {
    let (Some(data), Some(dpi)) = (samples::sample(&req.sample), Dpi::from_nominal(req.dpi)) else {
        return Err(plan::wrong_fields(vec![content::error("sample", "out_of_range", samples::NAMES.join(", "))]));
    };
    // A text may be anybody's and take its time; nothing else waits for it.
    let draw = move || match Template::read(&req.text).and_then(|t| t.layout(&data, dpi)) {
        Ok(scene) => TemplatePreview { picture: Some(draw::picture_of_scene(&scene, dpi)), fault: None },
        Err(e) => TemplatePreview { picture: None, fault: Some(draw::fault(&e)) },
    };
    tokio::task::spawn_blocking(draw).await.map_err(ApiError::internal)
}

/// Keeps a new version, or a new template. Errors: what is wrong with the text; somebody else saved meanwhile.
pub(crate) async fn save(at: &At<'_>, req: SaveTemplate) -> Result<TemplateRow, ApiError> {
    let house = at.house;
    let sample = samples::sample(samples::NAMES[0]).unwrap_or_default();
    let scene = Template::read(&req.text).and_then(|t| t.layout(&sample, Dpi::D203)).map_err(|e| {
        ApiError::new(Code::InvalidInput, format!("the template is not kept: {e}"))
            .hint("mend the text, then save it again")
            .fields(vec![draw::faulty("text", "bad_template_text", &e)])
    })?;
    // A label nobody can scan is no label.
    if !scene.symbols().iter().any(|s| s.text.contains(&sample.waybill_no)) {
        return Err(ApiError::new(
            Code::InvalidInput,
            "the template is not kept: no symbol of it says the waybill number",
        )
        .hint("put a code128 or another symbol with {waybill_no} in")
        .fields(vec![content::error("text", "no_number_symbol", "")]));
    }
    let own = house.store.own_templates().await?;
    if req.id.is_empty() && own.len() >= MOST {
        return Err(plan::wrong_fields(vec![content::error("id", "too_long", MOST.to_string())]));
    }
    let (id, made_from) = if req.id.is_empty() {
        (format!("{OWN}{}", house.chance.hex(4)), req.made_from)
    } else {
        let old = own.iter().find(|t| t.id == req.id).ok_or_else(|| ApiError::not_found("template"))?;
        (old.id.clone(), old.made_from.clone())
    };
    let new = OwnTemplate {
        id: id.clone(),
        made_from,
        version: req.after.saturating_add(1),
        text: req.text,
        created_at: house.now(),
        created_by: at.actor()?.id.clone(),
    };
    let log = house.entry(at.actor()?, "template.save", &id, format!("version={}", new.version));
    let changed = || {
        ApiError::new(
            Code::WrongState,
            "somebody saved another version meanwhile; yours was not kept, the text is still here",
        )
        .detail("saved_meanwhile")
        .hint("open the newest version and put your change in")
    };
    match house.store.save_own_template(&new, &log).await {
        Ok(true) => {}
        Ok(false) | Err(StoreError::Taken { .. }) => return Err(changed()),
        Err(e) => return Err(e.into()),
    }
    house.tell("templates", &id);
    let kept = choices(house).await?.into_iter().find(|c| c.id == id);
    row(house, kept.ok_or_else(|| ApiError::not_found("template"))?).await
}

/// Not offered any more; what was printed with it can be drawn again all the same.
pub(crate) async fn remove(at: &At<'_>, req: ById) -> Result<Done, ApiError> {
    let house = at.house;
    let log = house.entry(at.actor()?, "template.remove", &req.id, "");
    if !house.store.remove_own_template(&req.id, &log).await? {
        return Err(ApiError::not_found("template").hint("the program's own templates stay"));
    }
    house.tell("templates", &req.id);
    Ok(Done {})
}
