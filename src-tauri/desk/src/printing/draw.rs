//! From an order and a number to dots. What is shown is what the head burns: pictures are made from the same raster.

use crate::api::{ApiError, Code, FieldError, Picture, TemplateFault};
use crate::carrier;
use crate::courier_names::courier_name;
use crate::house::House;
use crate::order::{content, history, plan};
use crate::printing::{custom_area, printers};
use crate::store::{Answer, Courier, CustomArea, LabelOf, Order, Parcel, Print, Printer, Waybill};
use crate::template;
use base64::Engine;
use domain::clock::Millis;
use domain::connector::{PrintData, Routing};
use domain::contact::{Contact, Goods};
use domain::ids::ParcelId;
use domain::label_data::{Custom, LabelData, Party};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize};
use label::{LabelError, Scene, Template};

/// Stands in for a number that is not taken yet: as long as the longest numbers in use.
const PLACEHOLDER_NUMBER: &str = "SF0000000000000";

/// What changes from one print of a parcel to the next.
pub(crate) struct Copy {
    pub number: String,
    pub routing: Routing,
    pub reprint: u32,
    pub specimen: bool,
    pub printed_at: Millis,
    pub reference: String,
    /// Its place in a batch; empty = printed alone.
    pub stamp: String,
    /// The shop's own area.
    pub custom: CustomArea,
}

/// What the label says; names, phones and addresses masked (GB/T 41833).
pub(crate) fn label_data(order: &Order, courier_code: &str, copy: Copy) -> LabelData {
    LabelData {
        courier: courier_name(courier_code).to_owned(),
        courier_code: courier_code.to_owned(),
        waybill_no: copy.number,
        route_code: first_of(&copy.routing.route_code, &copy.routing.sortation),
        consolidation: copy.routing.consolidation,
        origin: copy.routing.origin,
        recipient: party(&order.recipient),
        sender: party(&order.sender),
        goods: order.goods.clone(),
        remark: order.remark.clone(),
        reference: copy.reference,
        reprint: copy.reprint,
        specimen: copy.specimen,
        printed_at: shop_time(copy.printed_at),
        custom: Custom {
            sequence: copy.stamp,
            text: area_text(&copy.custom, &order.goods),
            station: copy.custom.station,
            remark: copy.custom.remark,
        },
        ..LabelData::default()
    }
}

/// The shop's words, and the goods where it wants them.
fn area_text(area: &CustomArea, goods: &[Goods]) -> String {
    let list = || goods.iter().map(|g| format!("{} ×{}", g.name, g.count)).collect::<Vec<_>>().join("；");
    let parts = [area.text.clone(), if area.goods { list() } else { String::new() }];
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("  ")
}

/// A label to try a shop's own area on.
pub(crate) fn specimen(area: &CustomArea) -> LabelData {
    let order = Order { goods: vec![Goods { name: "商品".to_owned(), count: 1 }], ..Order::default() };
    LabelData { reprint: 0, ..label_data(&order, "ZTO", Copy { custom: area.clone(), ..rehearsal(true) }) }
}

/// What of a shop's order number the label has room for: its end tells orders apart.
const REFERENCE_SHOWN: usize = 20;

fn tail(reference: &str) -> String {
    let over = reference.chars().count().saturating_sub(REFERENCE_SHOWN);
    reference.chars().skip(over).collect()
}

fn first_of(a: &str, b: &str) -> String {
    if a.is_empty() { b.to_owned() } else { a.to_owned() }
}

fn party(c: &Contact) -> Party {
    let masked = domain::contact::Address { detail: domain::mask::detail(&c.address.detail), ..c.address.clone() };
    Party { name: domain::mask::name(&c.name), phone: domain::mask::phone(&c.phone), address: masked.one_line() }
}

/// `2026-11-21 17:50` in China's time: the couriers' own.
pub(crate) fn shop_time(t: Millis) -> String {
    let china = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    match jiff::Timestamp::from_millisecond(t.0) {
        Ok(ts) => ts.to_zoned(china).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => String::new(),
    }
}

/// Makes the job as it will be, with a stand-in number, so that what cannot be drawn, or not printed whole on this printer,
/// is known before a number is taken. `place`: the label will say its place in a batch.
pub(crate) fn rehearse(
    order: &Order,
    courier: &Courier,
    template: &Template,
    printer: &Printer,
    (trial, place, custom): (bool, bool, &CustomArea),
) -> Result<(), ApiError> {
    let mut copy = Copy { custom: custom.clone(), ..rehearsal(trial) };
    if !place {
        copy.stamp.clear();
    }
    let data = label_data(order, &courier.code.0, copy);
    masked(&data)?;
    let scene = template.layout(&data, printer.dpi).map_err(|e| wrong_label(&e))?;
    // What a component draws is the platform's business; what the order must hold is ours either way.
    if printers::component_of(printer).is_some() {
        return Ok(());
    }
    printers::encode(printer, &scene.raster()).map(drop)
}

/// A last look before anything is burnt: names, phones and addresses hide what GB/T 41833 asks to be hidden.
fn masked(data: &LabelData) -> Result<(), ApiError> {
    let open = domain::mask::shown_too_much(data);
    if open.is_empty() {
        return Ok(());
    }
    Err(plan::wrong_fields(open.iter().map(|f| content::error(&form_field(f), "shown_too_much", "")).collect()))
}

fn rehearsal(specimen: bool) -> Copy {
    Copy {
        number: PLACEHOLDER_NUMBER.into(),
        routing: Routing {
            route_code: "000-W00-00 00".into(),
            sortation: String::new(),
            consolidation: "集包地".into(),
            origin: "揽收网点".into(),
        },
        reprint: 1,
        specimen,
        printed_at: Millis(0),
        reference: "0".repeat(REFERENCE_SHOWN),
        stamp: domain::batch::stamp(0, 0, 100),
        custom: CustomArea::default(),
    }
}

/// The label of a form as it would be at `now`, marked 样张.
pub(crate) fn preview(
    order: &Order,
    courier_code: Option<&str>,
    template: &Template,
    printer: &Printer,
    (now, custom): (Millis, CustomArea),
) -> Result<Picture, ApiError> {
    let copy = Copy { reprint: 0, printed_at: now, stamp: String::new(), custom, ..rehearsal(true) };
    let data = label_data(order, courier_code.unwrap_or("快递公司"), copy);
    picture(template, &data, printer.dpi)
}

/// The dots of a job, and whether a symbol among them says which copy it is. Same job, same dots, today and after a restart.
pub(crate) async fn job_raster(
    house: &House,
    parcel: &Parcel,
    waybill: &Waybill,
    answer: &Answer,
    job: &Print,
    printer: &Printer,
) -> Result<(Raster, bool), ApiError> {
    let data = parcel_data(house.trial, parcel, waybill, answer, of_job(job))?;
    masked(&data)?;
    let template = template::find(house, &job.template).await?;
    let scene = template.layout(&data, printer.dpi).map_err(|e| wrong_label(&e))?;
    let mark = copy_mark(&data.waybill_no, job.copy);
    Ok((scene.raster(), job.copy > 0 && scene.symbols().iter().any(|s| s.text == mark)))
}

/// What a symbol beside 补打 n says: `78302214650012/1`. The scanner at packing tells copies by it.
pub(crate) fn copy_mark(number: &str, copy: u32) -> String {
    format!("{number}/{copy}")
}

/// What a job says beside its parcel.
struct OfJob<'a> {
    copy: u32,
    printed_at: Millis,
    stamp: &'a str,
    custom: CustomArea,
}

fn of_job(job: &Print) -> OfJob<'_> {
    OfJob { copy: job.copy, printed_at: job.created_at, stamp: &job.stamp, custom: job.custom.clone() }
}

fn parcel_data(
    trial: bool,
    parcel: &Parcel,
    waybill: &Waybill,
    answer: &Answer,
    of_job: OfJob<'_>,
) -> Result<LabelData, ApiError> {
    let routing = match &answer.print {
        PrintData::Plain(r) => r.clone(),
        PrintData::Encrypted { component, .. } => {
            return Err(printers::needs_component(component));
        }
        PrintData::Missing => {
            return Err(ApiError::new(
                Code::WrongState,
                "the platform has not sent the print data yet; the number is kept",
            )
            .hint("look the number up again"));
        }
    };
    let number = waybill.number.clone().ok_or_else(|| ApiError::internal("an issued attempt without a number"))?;
    Ok(label_data(
        &parcel.order,
        &waybill.courier_code.0,
        Copy {
            number: number.0,
            routing,
            reprint: of_job.copy,
            specimen: trial,
            printed_at: of_job.printed_at,
            reference: if parcel.reference.is_empty() {
                parcel.id.as_str().chars().take(8).collect()
            } else {
                tail(&parcel.reference)
            },
            stamp: of_job.stamp.to_owned(),
            custom: of_job.custom,
        },
    ))
}

/// The picture of a parcel's label: its newest print, or the first one to come.
pub(crate) async fn picture_of(house: &House, id: &ParcelId) -> Result<Picture, ApiError> {
    let parcel = house.store.parcel(id).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    history::not_purged(&parcel)?;
    let waybills = house.store.waybills_of(id).await?;
    let printer = plan::printer_of(house, &parcel).await?;
    let job = house.store.prints_of(id).await?.pop();
    let Some(last) = waybills.last() else {
        // It waits: as it will look if it is printed now.
        let (courier, mut order) = (house.store.default_courier().await?, parcel.order.clone());
        let courier = match courier {
            Some(id) => house.store.courier(&id).await?,
            None => None,
        };
        if let Some(c) = &courier {
            plan::remembered_sender(&mut order.sender, c);
        }
        let template = plan::template(house, &parcel.template, &printer).await?;
        let custom = custom_area::of(house, courier.as_ref().map(|c| &c.grant)).await?;
        let code = courier.as_ref().map(|c| c.code.0.as_str());
        return preview(&order, code, &template, &printer, (parcel.created_at, custom));
    };
    let Some(answer) = house.store.answer(&last.id).await? else {
        let template = template::find(house, &parcel.template).await?;
        let custom = custom_area::of(house, Some(&last.grant)).await?;
        return preview(&parcel.order, Some(&last.courier_code.0), &template, &printer, (last.created_at, custom));
    };
    let (drawn_with, says) = match &job {
        Some(j) => (&j.template, of_job(j)),
        None => {
            let custom = custom_area::of(house, Some(&last.grant)).await?;
            (&parcel.template, OfJob { copy: 0, printed_at: last.created_at, stamp: "", custom })
        }
    };
    let template = template::find(house, drawn_with).await?;
    let data = parcel_data(house.trial, &parcel, last, &answer, says)?;
    picture(&template, &data, printer.dpi)
}

/// The picture of one label, as it went or would go to its printer.
pub(crate) async fn picture_of_job(house: &House, job: &Print) -> Result<Picture, ApiError> {
    let printer = house.store.printer(&job.printer).await?.ok_or_else(|| ApiError::not_found("printer"))?;
    let (parcel, number) = match &job.of {
        LabelOf::Number { parcel, waybill } => (parcel, waybill),
        LabelOf::Carrier(label) => {
            return Ok(picture_of_dots(&carrier::dots(house, label, &printer).await?, printer.dpi));
        }
    };
    let parcel = house.store.parcel(parcel).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    history::not_purged(&parcel)?;
    let waybill = house.store.waybill(number).await?.ok_or_else(|| ApiError::not_found("number"))?;
    let answer = house.store.answer(&waybill.id).await?.ok_or_else(|| ApiError::not_found("number"))?;
    let data = parcel_data(house.trial, &parcel, &waybill, &answer, of_job(job))?;
    picture(&*template::find(house, &job.template).await?, &data, printer.dpi)
}

fn picture(template: &Template, data: &LabelData, dpi: Dpi) -> Result<Picture, ApiError> {
    template.layout(data, dpi).map(|scene| picture_of_scene(&scene, dpi)).map_err(|e| wrong_label(&e))
}

/// A scene as the head would burn it.
pub(crate) fn picture_of_scene(scene: &Scene, dpi: Dpi) -> Picture {
    let LabelSize { width, height } = scene.size();
    Picture { width_mm: width.0, height_mm: height.0, ..picture_of_dots(&scene.raster(), dpi) }
}

/// Dots as the head would burn them.
pub(crate) fn picture_of_dots(raster: &Raster, dpi: Dpi) -> Picture {
    let mm = |dots: u32| f64::from(dots) * 25.4 / dpi.value();
    Picture {
        png_base64: base64::engine::general_purpose::STANDARD.encode(label::preview_png(raster)),
        width_dots: raster.width(),
        height_dots: raster.height(),
        dpi: dpi.nominal(),
        width_mm: mm(raster.width()),
        height_mm: mm(raster.height()),
    }
}

/// A label that cannot be drawn, as wrong fields of the form.
pub(crate) fn wrong_label(e: &LabelError) -> ApiError {
    let field = match e {
        LabelError::MissingGlyph { field, character } => {
            content::error(&form_field(field), "missing_glyph", content::show(*character))
        }
        LabelError::DoesNotFit { field } => content::error(&form_field(field), "does_not_fit", ""),
        LabelError::BadSymbol { field, .. } => faulty(&form_field(field), "bad_symbol", e),
        LabelError::BadTemplate { .. } => faulty("template", "bad_template_text", e),
        other @ (LabelError::UnknownTemplate { .. } | LabelError::Pdf { .. }) => {
            return ApiError::new(
                Code::LabelImpossible,
                format!("the label cannot be drawn: {other}; nothing was charged"),
            );
        }
    };
    let mut err = plan::wrong_fields(vec![field]);
    err.code = Code::LabelImpossible;
    err
}

/// A wrong field whose reason needs more than a word.
pub(crate) fn faulty(field: &str, code: &str, e: &LabelError) -> FieldError {
    let fault = fault(e);
    let place = if fault.line > 0 { format!("line {} column {}: ", fault.line, fault.column) } else { String::new() };
    let key = if fault.key.is_empty() { String::new() } else { format!("{}: ", fault.key) };
    let mut error = content::error(field, code, format!("{place}{key}{}", fault.reason));
    error.fault = Some(Box::new(fault));
    error
}

/// What is wrong, as far as it can be told where.
pub(crate) fn fault(e: &LabelError) -> TemplateFault {
    let flaw = e.flaw();
    let mut fault = TemplateFault {
        line: 0,
        column: 0,
        item: 0,
        key: String::new(),
        field: String::new(),
        code: flaw.code().to_owned(),
        values: flaw.values().into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        reason: flaw.to_string(),
    };
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    match e {
        LabelError::BadTemplate { place, .. } => {
            (fault.line, fault.column) = place.line_column.map_or((0, 0), |(l, c)| (count(l), count(c)));
            fault.item = place.item.map_or(0, count);
            fault.key = place.key.clone().unwrap_or_default();
        }
        LabelError::MissingGlyph { field, .. }
        | LabelError::DoesNotFit { field }
        | LabelError::BadSymbol { field, .. } => fault.field.clone_from(field),
        LabelError::UnknownTemplate { .. } | LabelError::Pdf { .. } => {}
    }
    fault
}

/// The form's name for a field of the label.
fn form_field(label_field: &str) -> String {
    match label_field {
        "recipient.address" => "recipient.address.detail".into(),
        "sender.address" => "sender.address.detail".into(),
        other => other.to_owned(),
    }
}
