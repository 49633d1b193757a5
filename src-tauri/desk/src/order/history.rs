//! Parcels as people look at them: states, evidence, who, when, which printer, the label's picture. Names and phones are
//! masked here; `reveal` is a right of its own and leaves a log row.

use crate::api::{
    ApiError, ById, Code, ListParcels, ParcelPage, ParcelRow, ParcelView, Picture, PrintView, RevealedParcel,
    TrailLine, WaybillView,
};
use crate::courier_names::courier_name;
use crate::door::At;
use crate::house::House;
use crate::order::content;
use crate::printing::{draw, jobs, printers};
use crate::rights::{Actor, Permission};
use crate::store::{Grant, LabelOf, Parcel, Print, WantParcels, Waybill};
use domain::clock::Millis;
use domain::contact::Address;
use domain::ids::ParcelId;
use domain::journal::PrintState;
use domain::waybill::WaybillState;
use std::collections::{HashMap, HashSet};

/// The shop's day begins at midnight in China: orders here are Chinese e-waybills.
const DAY_MS: i64 = 86_400_000;
const CHINA_MS: i64 = 8 * 3_600_000;

/// A page, newest first.
pub(crate) async fn list(at: &At<'_>, req: ListParcels) -> Result<ParcelPage, ApiError> {
    let limit = req.limit.clamp(1, 200);
    let want = WantParcels {
        before: req.before,
        limit,
        since: (req.filter == "today").then(|| today(at.house.now())),
        attention: req.filter == "attention",
        search: req.search.trim().to_owned(),
    };
    let parcels = at.house.store.parcels(&want).await?;
    let next = (parcels.len() == limit as usize).then(|| parcels.last().map(|p| p.seq)).flatten();
    let names = Names::load(at.house).await?;
    let mut rows = Vec::with_capacity(parcels.len());
    for p in &parcels {
        let waybills = at.house.store.waybills_of(&p.id).await?;
        let prints = at.house.store.prints_of(&p.id).await?;
        rows.push(row(p, &waybills, &prints, &names));
    }
    Ok(ParcelPage { rows, next })
}

/// When the shop's day began.
pub(crate) fn today(now: Millis) -> Millis {
    Millis((now.0 + CHINA_MS).div_euclid(DAY_MS) * DAY_MS - CHINA_MS)
}

/// One, whole.
pub(crate) async fn show(at: &At<'_>, req: ById) -> Result<ParcelView, ApiError> {
    view(at.house, at.actor()?, &ParcelId::from_stored(req.id)).await
}

/// One, whole, for this person.
pub(crate) async fn view(house: &House, actor: &Actor, id: &ParcelId) -> Result<ParcelView, ApiError> {
    let parcel = house.store.parcel(id).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    let waybills = house.store.waybills_of(id).await?;
    let prints = house.store.prints_of(id).await?;
    let names = Names::load(house).await?;
    let trail = house
        .store
        .log_of(id.as_str())
        .await?
        .into_iter()
        .map(|l| TrailLine { at: l.at.0, who: names.person(&l.person), action: l.action, detail: l.detail })
        .collect();
    let last = waybills.last();
    let state = last.map(|w| w.state);
    let sending = prints.iter().any(|p| p.state == PrintState::Sending);
    let drawable = last.is_some_and(|w| w.print_kind == "plain" || names.can_open(w));
    Ok(ParcelView {
        row: row(&parcel, &waybills, &prints, &names),
        sender: content::masked_contact(&parcel.order.sender),
        recipient: content::masked_contact(&parcel.order.recipient),
        goods: content::wire_goods(&parcel.order.goods),
        remark: parcel.order.remark.clone(),
        template: parcel.template.clone(),
        waybills: waybills.iter().map(|w| waybill_view(w, &names)).collect(),
        prints: prints.iter().map(|p| print_view(p, &number_of(p, &waybills), &names)).collect(),
        trail,
        may_cancel: actor.may(Permission::CancelWaybill) && state == Some(WaybillState::Issued) && !sending,
        reprints_left: jobs::copies_left(actor, last, &prints),
        may_reprint: actor.may(Permission::Reprint)
            && parcel.purged_at.is_none()
            && state.is_some_and(WaybillState::may_print)
            && drawable
            && !prints
                .iter()
                .any(|p| matches!(p.state, PrintState::Queued | PrintState::Rendered | PrintState::Sending)),
        may_retry: actor.may(Permission::SubmitOrder)
            && parcel.purged_at.is_none()
            && state.is_some_and(|s| !s.is_live()),
    })
}

/// Names and phones unmasked. Logged before the answer leaves.
pub(crate) async fn reveal(at: &At<'_>, req: ById) -> Result<RevealedParcel, ApiError> {
    let id = ParcelId::from_stored(req.id);
    let parcel = at.house.store.parcel(&id).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    not_purged(&parcel)?;
    at.house.store.note(&at.house.entry(at.actor()?, "personal.reveal", id.as_str(), "")).await?;
    Ok(RevealedParcel {
        sender: content::wire_contact(&parcel.order.sender),
        recipient: content::wire_contact(&parcel.order.recipient),
    })
}

/// What is gone is not drawn, shown or sent.
pub(crate) fn not_purged(parcel: &Parcel) -> Result<(), ApiError> {
    match parcel.purged_at {
        None => Ok(()),
        Some(_) => Err(purged()),
    }
}

/// Its time was over, or somebody asked for it.
pub(crate) fn purged() -> ApiError {
    ApiError::new(Code::Purged, "people's data was taken out of it; the number and its story are still there")
        .hint("nothing was printed; a label can only be made from a new order")
}

/// The label's picture, from the same dots that went, or would go, to the printer.
pub(crate) async fn picture(at: &At<'_>, req: ById) -> Result<Picture, ApiError> {
    draw::picture_of(at.house, &ParcelId::from_stored(req.id)).await
}

/// Names behind ids, loaded once a page.
pub(crate) struct Names {
    people: HashMap<String, String>,
    printers: HashMap<String, String>,
    grants: HashMap<String, Grant>,
    /// Print components that have a printer here.
    components: HashSet<&'static str>,
    /// Parcels of batches that are not done.
    batched: HashSet<String>,
}

impl Names {
    pub async fn load(house: &House) -> Result<Self, ApiError> {
        let s = &house.store;
        let mut batched = HashSet::new();
        for b in crate::batch::open(house).await? {
            batched.extend(s.batch_items(&b.id).await?.into_iter().map(|i| i.parcel.to_string()));
        }
        let printers = s.printers().await?;
        Ok(Self {
            batched,
            components: printers.iter().filter_map(printers::component_of).collect(),
            people: s.people().await?.into_iter().map(|p| (p.id.to_string(), p.name)).collect(),
            printers: printers.into_iter().map(|p| (p.id.to_string(), p.name)).collect(),
            grants: s.grants().await?.into_iter().map(|g| (g.id.to_string(), g)).collect(),
        })
    }
    /// Whether its label is sealed for a component that has a printer here.
    fn can_open(&self, w: &Waybill) -> bool {
        w.print_kind == "encrypted" && self.components.contains(w.component.as_str())
    }
    pub fn person(&self, id: &str) -> String {
        self.people.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }
    fn printer(&self, id: &str) -> String {
        self.printers.get(id).cloned().unwrap_or_default()
    }
}

/// `四川省 成都市 武侯区`
pub(crate) fn area(a: &Address) -> String {
    let parts = [&a.province, &a.city, &a.district].into_iter().filter(|s| !s.is_empty());
    parts.cloned().collect::<Vec<_>>().join(" ")
}

pub(crate) fn row(p: &Parcel, waybills: &[Waybill], prints: &[Print], names: &Names) -> ParcelRow {
    let last = waybills.last();
    // Jobs of an earlier, cancelled number say nothing about this one.
    let print = prints.iter().rev().find(|j| last.is_some_and(|w| j.of.is_of(&w.id)));
    let r = &p.order.recipient;
    let code = last.map(|w| w.courier_code.0.clone()).unwrap_or_default();
    ParcelRow {
        id: p.id.to_string(),
        seq: p.seq,
        created_at: p.created_at.0,
        created_by: names.person(p.created_by.as_str()),
        recipient_name: domain::mask::name(&r.name),
        recipient_area: area(&r.address),
        goods: content::goods_line(&p.order.goods),
        courier_name: courier_name(&code).to_owned(),
        courier_code: code,
        shop_name: last.map(|w| w.shop_name.clone()).unwrap_or_default(),
        number: last.and_then(|w| w.number.clone()).map(|n| n.0).unwrap_or_default(),
        waybill_state: last.map(|w| w.state.word().to_owned()).unwrap_or_else(|| "ready".into()),
        print_state: print.map(|j| j.state.word().to_owned()).unwrap_or_default(),
        evidence: print.and_then(|j| j.evidence).map(|e| evidence_word(e).to_owned()).unwrap_or_default(),
        attention: attention(last, print, names.batched.contains(p.id.as_str()), names).to_owned(),
        reference: p.reference.clone(),
        stop: p.stop.clone(),
        purged: p.purged_at.is_some(),
    }
}

/// What a person must do now.
fn attention(last: Option<&Waybill>, print: Option<&Print>, batched: bool, names: &Names) -> &'static str {
    let Some(w) = last else { return "" };
    match w.state {
        WaybillState::Unknown | WaybillState::NeedsPerson | WaybillState::Cancelling => "unknown",
        WaybillState::Rejected => "rejected",
        WaybillState::Issued if w.print_kind == "missing" => "component",
        WaybillState::Issued if w.print_kind == "encrypted" && print.is_none() && !names.can_open(w) => "component",
        WaybillState::Intent | WaybillState::InFlight | WaybillState::Cancelled => "",
        WaybillState::Issued => match print.map(|p| p.state) {
            Some(PrintState::Doubtful) => "doubtful",
            // A batch's label that waits for its turn is no failure.
            None if batched => "",
            Some(PrintState::Failed) | None => "failed",
            Some(PrintState::Queued) if print.is_some_and(|p| !p.trouble.is_empty()) => "failed",
            Some(_) => "",
        },
    }
}

fn number_of(p: &Print, waybills: &[Waybill]) -> String {
    let w = waybills.iter().find(|w| p.of.is_of(&w.id));
    w.and_then(|w| w.number.clone()).map(|n| n.0).unwrap_or_default()
}

pub(crate) fn waybill_view(w: &Waybill, names: &Names) -> WaybillView {
    WaybillView {
        id: w.id.to_string(),
        attempt: w.attempt,
        state: w.state.word().into(),
        number: w.number.clone().map(|n| n.0).unwrap_or_default(),
        courier_code: w.courier_code.0.clone(),
        courier_name: courier_name(&w.courier_code.0).into(),
        shop_name: w.shop_name.clone(),
        account: names.grants.get(w.grant.as_str()).map(|g| g.shop_id.0.clone()).unwrap_or_default(),
        reason: w.reason.clone(),
        hint: w.hint.clone(),
        asked: w.asked,
        next_ask_at: w.next_ask_at.map(|t| t.0),
        print_data: w.print_kind.clone(),
        component: w.component.clone(),
        created_at: w.created_at.0,
        ended_at: w.ended_at.map(|t| t.0),
    }
}

/// `number`: what the label carries; empty = not known.
pub(crate) fn print_view(p: &Print, number: &str, names: &Names) -> PrintView {
    let (parcel, carrier_label) = match &p.of {
        LabelOf::Number { parcel, .. } => (parcel.to_string(), String::new()),
        LabelOf::Carrier(label) => (String::new(), label.to_string()),
    };
    PrintView {
        id: p.id.to_string(),
        parcel,
        carrier_label,
        number: number.to_owned(),
        copy: p.copy,
        mark: if p.marked { draw::copy_mark(number, p.copy) } else { String::new() },
        reason: p.reason.clone(),
        by: names.person(p.asked_by.as_str()),
        printer: p.printer.to_string(),
        printer_name: names.printer(p.printer.as_str()),
        state: p.state.word().into(),
        evidence: p.evidence.map(|e| evidence_word(e).to_owned()).unwrap_or_default(),
        trouble: p.trouble.clone(),
        bytes: p.bytes,
        accepted: p.accepted,
        template: p.template.clone(),
        created_at: p.created_at.0,
        ended_at: p.ended_at.map(|t| t.0),
    }
}

/// The word of an evidence grade.
pub(crate) fn evidence_word(e: domain::evidence::Evidence) -> &'static str {
    use domain::evidence::Evidence as E;
    match e {
        E::BytesAccepted => "bytes_accepted",
        E::PeerClosed => "peer_closed",
        E::DeviceStatus => "device_status",
        E::Odometer => "odometer",
        E::Person => "person",
    }
}
