//! Printers as set up here.

use crate::api::{
    ApiError, ById, Code, Done, FamilyView, FieldError, Nothing, PrinterState, PrinterView, QueueView, SavePrinter,
    TestPrintDone,
};
use crate::batch;
use crate::door::At;
use crate::house::House;
use crate::order::{content, plan};
use crate::store::{Printer, Waybill};
use domain::ids::{PrintJobId, PrinterId};
use domain::printer::{
    DeviceState, EncodeError, Language, Media, MediaKind, Offset, PrinterLink, SendOutcome, StopReason,
};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize, Mm};
use printer::LinkAddress;
use std::sync::Arc;
use std::time::Duration;

/// How far a label may be moved, in tenths of a millimetre.
const FURTHEST: std::ops::RangeInclusive<i16> = -200..=200;

/// All, by name.
pub(crate) async fn list(at: &At<'_>, _: Nothing) -> Result<Vec<PrinterView>, ApiError> {
    views(at.house).await
}

/// All, by name.
pub(crate) async fn views(house: &House) -> Result<Vec<PrinterView>, ApiError> {
    Ok(house.store.printers().await?.iter().map(view).collect())
}

/// New, or changed.
pub(crate) async fn save(at: &At<'_>, req: SavePrinter) -> Result<PrinterView, ApiError> {
    let house = at.house;
    let mut wrong: Vec<FieldError> = Vec::new();
    let name = req.name.trim().to_owned();
    if name.is_empty() {
        wrong.push(content::error("name", "required", ""));
    } else if name.chars().count() > 60 {
        wrong.push(content::error("name", "too_long", "60"));
    }
    if let Err(e) = req.address.trim().parse::<LinkAddress>() {
        wrong.push(content::error("address", "bad_address", e.to_string()));
    }
    let language = Language::from_word(&req.language);
    let dpi = Dpi::from_nominal(req.dpi).filter(|d| *d != Dpi::D600);
    range(&mut wrong, "language", language.is_some(), &Language::ALL.map(Language::word).join(", "));
    range(&mut wrong, "dpi", dpi.is_some(), "203, 300");
    range(&mut wrong, "width_mm", (20.0..=120.0).contains(&req.width_mm), "20–120");
    range(&mut wrong, "height_mm", (20.0..=300.0).contains(&req.height_mm), "20–300");
    range(&mut wrong, "gap_mm", (0.0..=20.0).contains(&req.gap_mm), "0–20");
    let media_kind = MediaKind::from_word(&req.media_kind);
    range(&mut wrong, "media_kind", media_kind.is_some(), &MediaKind::ALL.map(MediaKind::word).join(", "));
    range(&mut wrong, "offset_x", FURTHEST.contains(&req.offset_x), "-200–200");
    range(&mut wrong, "offset_y", FURTHEST.contains(&req.offset_y), "-200–200");
    let known = |l| req.family.is_empty() || printer::profile(&req.family).is_some_and(|p| p.language == l);
    range(&mut wrong, "family", language.is_none_or(known), "printers.families");
    range(&mut wrong, "speed", (1..=14).contains(&req.speed), "1–14");
    range(&mut wrong, "darkness", req.darkness <= 15, "0–15");
    let (Some(language), Some(dpi), Some(media_kind), true) = (language, dpi, media_kind, wrong.is_empty()) else {
        return Err(plan::wrong_fields(wrong));
    };
    let id = if req.id.is_empty() {
        PrinterId::fresh(&*house.chance)
    } else {
        let id = PrinterId::from_stored(req.id);
        house.store.printer(&id).await?.ok_or_else(|| ApiError::not_found("printer"))?;
        id
    };
    let printer = Printer {
        id,
        name,
        address: req.address.trim().to_owned(),
        language,
        dpi,
        width_mm: req.width_mm,
        height_mm: req.height_mm,
        gap_mm: req.gap_mm,
        media_kind,
        offset: Offset { x: req.offset_x, y: req.offset_y },
        family: req.family,
        speed: req.speed,
        darkness: req.darkness,
        measured_mm: None,
        default: req.default,
        removed: false,
    };
    let log = house.entry(at.actor()?, "printer.save", printer.id.as_str(), printer.address.clone());
    house.store.save_printer(&printer, &log).await?;
    house.tell("printers", printer.id.as_str());
    Ok(view(&printer))
}

fn range(wrong: &mut Vec<FieldError>, field: &str, right: bool, allowed: &str) {
    if !right {
        wrong.push(content::error(field, "out_of_range", allowed));
    }
}

/// Hidden from now on.
pub(crate) async fn remove(at: &At<'_>, req: ById) -> Result<Done, ApiError> {
    let p = get(at.house, req.id).await?;
    let log = at.house.entry(at.actor()?, "printer.remove", p.id.as_str(), "");
    at.house.store.remove_printer(&p.id, &log).await?;
    at.house.tell("printers", p.id.as_str());
    Ok(Done {})
}

/// What the device says, now.
pub(crate) async fn state(at: &At<'_>, req: ById) -> Result<PrinterState, ApiError> {
    state_of(&get(at.house, req.id).await?).await
}

/// What this device says, now.
pub(crate) async fn state_of(p: &Printer) -> Result<PrinterState, ApiError> {
    let said = link(p)?.state().await;
    let (state, stops, reason) = match said {
        DeviceState::Ready => ("ready", vec![], String::new()),
        DeviceState::Printing => ("printing", vec![], String::new()),
        DeviceState::Stopped(why) => {
            ("stopped", why.into_iter().map(|w| stop_word(w).to_owned()).collect(), String::new())
        }
        DeviceState::CannotTell => ("cannot_tell", vec![], String::new()),
        DeviceState::Unreachable(why) => ("unreachable", vec![], why),
    };
    Ok(PrinterState { id: p.id.to_string(), state: state.into(), stops, reason })
}

/// Prints the test label. Errors: a batch prints there: a label between its labels would break their order.
pub(crate) async fn test(at: &At<'_>, req: ById) -> Result<TestPrintDone, ApiError> {
    let p = get(at.house, req.id).await?;
    let bytes = encode(&p, &label::test_label(media(&p).size, p.dpi, furthest(p.offset)))?;
    let _turn = at.house.turn(&format!("printer:{}", p.id)).await;
    batch::free_printer(at.house, &p.id, None).await?;
    at.house.store.note(&at.house.entry(at.actor()?, "printer.test", p.id.as_str(), "")).await?;
    Ok(match link(&p)?.send(&bytes).await {
        SendOutcome::Sent(e) => TestPrintDone {
            outcome: "sent".into(),
            evidence: crate::order::history::evidence_word(e).into(),
            reason: String::new(),
        },
        SendOutcome::NothingSent(why) => {
            TestPrintDone { outcome: "nothing_sent".into(), evidence: String::new(), reason: why }
        }
        SendOutcome::BrokenOff { reason, .. } => {
            TestPrintDone { outcome: "broken_off".into(), evidence: String::new(), reason }
        }
    })
}

/// Queues of the system's spooler that could be set up, and the printers of a print component that runs here.
pub(crate) async fn queues(_: &At<'_>, _: Nothing) -> Result<Vec<QueueView>, ApiError> {
    let (spooler, component) = tokio::join!(printer::list_queues(None), component_queues(printer::COMPONENT_PORT));
    let found = match spooler {
        Ok(found) => found,
        // A computer without a spooler can have a component.
        Err(_) if !component.is_empty() => Vec::new(),
        Err(e) => {
            return Err(ApiError::new(Code::PrinterUnreachable, format!("the spooler does not answer: {e}"))
                .hint("start the spooler, or type the printer's address"));
        }
    };
    Ok(found
        .into_iter()
        .map(|q| QueueView {
            address: q.address(None).to_string(),
            language: q.profile.map(|p| p.language.word().to_owned()).unwrap_or_default(),
            family: q.profile.filter(|p| !p.is_generic()).map(|p| p.id.clone()).unwrap_or_default(),
            name: q.name,
            info: q.info,
            device: q.device_uri,
        })
        .chain(component)
        .collect())
}

/// How long a list waits for a component. One that runs answers at once.
const COMPONENT_ANSWERS: Duration = Duration::from_secs(1);

/// The printers of the print component on this port; none, if it does not run or does not answer.
async fn component_queues(port: u16) -> Vec<QueueView> {
    let settings = printer::ComponentSettings {
        connect: COMPONENT_ANSWERS,
        answer: COMPONENT_ANSWERS,
        ..printer::ComponentSettings::default()
    };
    let listed = match printer::component_printers(port, &settings).await {
        Ok(listed) => listed,
        Err(printer::ComponentError::NotRunning { .. }) => Vec::new(),
        Err(error) => {
            tracing::warn!(%error, "the print component's printers are not listed");
            Vec::new()
        }
    };
    let row = |p: printer::ComponentPrinter| QueueView {
        address: LinkAddress::Cainiao { port, printer: p.name.clone() }.to_string(),
        info: format!("菜鸟打印组件 {}", p.name),
        name: p.name,
        device: String::new(),
        language: String::new(),
        family: String::new(),
    };
    // A name that could not be typed as an address cannot be set up either.
    listed.into_iter().map(row).filter(|q| q.address.parse::<LinkAddress>().is_ok()).collect()
}

/// Families that a person can choose from.
#[expect(clippy::unused_async, reason = "the table's use cases are async")]
pub(crate) async fn families(_: &At<'_>, _: Nothing) -> Result<Vec<FamilyView>, ApiError> {
    let known = printer::profiles().iter().filter(|p| !p.is_generic());
    Ok(known
        .map(|p| FamilyView { id: p.id.clone(), name: p.name.clone(), language: p.language.word().into() })
        .collect())
}

/// Where a printer is.
pub(crate) fn address(p: &Printer) -> Result<LinkAddress, ApiError> {
    p.address.parse().map_err(|e: printer::LinkAddressError| {
        plan::wrong_fields(vec![content::error("address", "bad_address", e.to_string())])
    })
}

/// How far the picture is moved at most.
fn furthest(offset: Offset) -> Mm {
    Mm(f64::from(offset.x.unsigned_abs().max(offset.y.unsigned_abs())) / 10.0)
}

/// The job that makes the printer measure its stock; `None` = it has no command for it.
pub(crate) fn calibration(p: &Printer) -> Option<Vec<u8>> {
    match address(p).ok()? {
        LinkAddress::Cainiao { .. } | LinkAddress::Ipp { .. } => None,
        _ => printer::calibration(profile(p), &media(p)),
    }
}

/// A printer as a person would set it up anew.
pub(crate) fn as_set_up(p: &Printer) -> SavePrinter {
    SavePrinter {
        id: p.id.to_string(),
        name: p.name.clone(),
        address: p.address.clone(),
        language: p.language.word().to_owned(),
        dpi: p.dpi.nominal(),
        width_mm: p.width_mm,
        height_mm: p.height_mm,
        gap_mm: p.gap_mm,
        media_kind: p.media_kind.word().to_owned(),
        offset_x: p.offset.x,
        offset_y: p.offset.y,
        family: p.family.clone(),
        speed: p.speed,
        darkness: p.darkness,
        default: p.default,
    }
}

/// The link to a printer.
pub(crate) fn link(p: &Printer) -> Result<Arc<dyn PrinterLink>, ApiError> {
    Ok(printer::open(&address(p)?, profile(p)))
}

/// A label's job for a printer. Errors: it cannot be printed whole there, or the printer is a print component's.
pub(crate) fn encode(p: &Printer, raster: &Raster) -> Result<Vec<u8>, ApiError> {
    printer::encoder_for(&address(p)?, profile(p)).encode(raster, &media(p)).map_err(|e| match e {
        EncodeError::SealedOnly => component_only(p),
        e => ApiError::new(Code::LabelImpossible, format!("{e}; nothing was sent"))
            .hint("choose a template for this printer, or mend the printer's settings"),
    })
}

/// The job for a label whose data the platform sealed: its print data as it came, under this job's own ids. Errors: the
/// printer is no component's, or the data is not sealed data.
pub(crate) fn sealed_job(p: &Printer, job: &PrintJobId, number: &str, data: &str) -> Result<Vec<u8>, ApiError> {
    let LinkAddress::Cainiao { printer, .. } = address(p)? else { return Err(needs_component("cainiao")) };
    printer::print_command(&printer, job.as_str(), number, data).map_err(|e| {
        ApiError::new(Code::LabelImpossible, format!("{e}; nothing was sent"))
            .hint("the number is kept; look it up again, or cancel it and take another")
    })
}

/// The component that opens what goes to this printer, in the platforms' word for it. `None` = it takes what we draw.
pub(crate) fn component_of(p: &Printer) -> Option<&'static str> {
    matches!(p.address.parse(), Ok(LinkAddress::Cainiao { .. })).then_some("cainiao")
}

/// The printer for a label: plain ones never go to a component, sealed ones (`sealed` = for which component) nowhere
/// else. `wanted` where that fits. Otherwise the default printer of the right sort; else, for a sealed label, the
/// component's first by name, for a plain one the only printer there is. `None`: there is none.
pub(crate) async fn for_label(
    house: &House,
    sealed: Option<&str>,
    wanted: &PrinterId,
) -> Result<Option<Printer>, ApiError> {
    let fits = |p: &Printer| component_of(p) == sealed;
    // A plain label stays with its printer even if that was removed since; a component's has others that do the same.
    let stays = |p: &Printer| fits(p) && (sealed.is_none() || !p.removed);
    if let Some(p) = house.store.printer(wanted).await?.filter(stays) {
        return Ok(Some(p));
    }
    let all: Vec<Printer> = house.store.printers().await?.into_iter().filter(fits).collect();
    let at = all.iter().position(|p| p.default).or((sealed.is_some() || all.len() == 1).then_some(0));
    Ok(at.and_then(|at| all.into_iter().nth(at)))
}

/// [`for_label`] for the label of a number. A plain label that fits nowhere else stays where it was wanted, and says so
/// there.
pub(crate) async fn for_number(house: &House, w: &Waybill, wanted: &PrinterId) -> Result<Option<PrinterId>, ApiError> {
    Ok(match w.print_kind.as_str() {
        "plain" => Some(for_label(house, None, wanted).await?.map_or_else(|| wanted.clone(), |p| p.id)),
        "encrypted" => for_label(house, Some(&w.component), wanted).await?.map(|p| p.id),
        _ => None,
    })
}

/// A sealed label, and no printer that may have it.
pub(crate) fn needs_component(component: &str) -> ApiError {
    ApiError::new(
        Code::NeedsComponent,
        format!("this label's data is sealed: only the platform's print component `{component}` can draw it; the number is kept"),
    )
    .detail(component)
    .hint(
        "start the component (菜鸟打印组件) and set its printer up: \
         waybill printers add --name NAME --address cainiao://127.0.0.1:13528/PRINTER",
    )
}

/// Something of our own for a component's printer.
pub(crate) fn component_only(p: &Printer) -> ApiError {
    ApiError::new(
        Code::ComponentOnly,
        format!(
            "{} belongs to a print component: only labels that the platform sealed are printed there; nothing was sent",
            p.name
        ),
    )
    .detail(p.name.clone())
    .hint("choose another printer; `waybill printers status` asks the component how it is")
}

/// What is known of it. A family that a later version knows no more leaves the language.
pub(crate) fn profile(p: &Printer) -> &'static printer::Profile {
    printer::profile(&p.family).filter(|f| f.language == p.language).unwrap_or_else(|| printer::generic(p.language))
}

pub(crate) fn media(p: &Printer) -> Media {
    Media {
        size: LabelSize { width: Mm(p.width_mm), height: Mm(p.height_mm) },
        dpi: p.dpi,
        gap_mm: p.gap_mm,
        kind: p.media_kind,
        speed: p.speed,
        darkness: p.darkness,
        offset: p.offset,
    }
}

pub(crate) async fn get(house: &House, id: String) -> Result<Printer, ApiError> {
    house
        .store
        .printer(&PrinterId::from_stored(id))
        .await?
        .filter(|p| !p.removed)
        .ok_or_else(|| ApiError::not_found("printer"))
}

pub(crate) fn stop_word(w: StopReason) -> &'static str {
    match w {
        StopReason::PaperOut => "paper_out",
        StopReason::Jam => "jam",
        StopReason::HeadOpen => "head_open",
        StopReason::RibbonOut => "ribbon_out",
        StopReason::Paused => "paused",
        StopReason::Other => "other",
    }
}

pub(crate) fn view(p: &Printer) -> PrinterView {
    PrinterView {
        id: p.id.to_string(),
        name: p.name.clone(),
        address: p.address.clone(),
        language: p.language.word().into(),
        dpi: p.dpi.nominal(),
        width_mm: p.width_mm,
        height_mm: p.height_mm,
        gap_mm: p.gap_mm,
        media_kind: p.media_kind.word().into(),
        offset_x: p.offset.x,
        offset_y: p.offset.y,
        family: p.family.clone(),
        speed: p.speed,
        darkness: p.darkness,
        default: p.default,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sandbox::{PracticeComponent, PracticeComponentSettings};

    #[tokio::test]
    async fn a_component_that_runs_lists_its_printers_among_the_queues() {
        let component = PracticeComponent::start(PracticeComponentSettings::default()).await.expect("it starts");
        let rows = component_queues(component.port()).await;
        assert_eq!(rows.iter().map(|q| q.address.as_str()).next(), Some(component.address().as_str()));
        assert_eq!((rows.len(), rows[0].info.as_str()), (2, "菜鸟打印组件 练习面单机"));
        let port = component.port();
        component.stop().await;
        assert!(component_queues(port).await.is_empty(), "and one that does not run lists none");
    }
}
