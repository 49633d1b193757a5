//! Parcels as people read them in a terminal.

use crate::text::{list, short, table, time};
use desk::api::{ParcelPage, ParcelView};

/// A list.
pub fn page_words(page: &ParcelPage) -> String {
    let mut text = table(
        ["seq", "parcel", "at", "recipient", "area", "courier", "number", "state", "print", "evidence", "attention"],
        page.rows.iter().map(|r| {
            [
                r.seq.to_string(),
                short(&r.id),
                time(r.created_at),
                r.recipient_name.clone(),
                r.recipient_area.clone(),
                r.courier_name.clone(),
                r.number.clone(),
                r.waybill_state.clone(),
                r.print_state.clone(),
                r.evidence.clone(),
                r.attention.clone(),
            ]
        }),
    );
    if let Some(next) = page.next {
        text += &format!("more: --before {next}\n");
    }
    text
}

/// One, with its numbers, labels and story.
pub fn parcel_words(v: &ParcelView) -> String {
    let goods: Vec<String> = v.goods.iter().map(|g| format!("{} ×{}", g.name, g.count)).collect();
    let side = |c: &desk::api::WireContact| {
        let a = &c.address;
        [&c.name, &c.phone, &a.province, &a.city, &a.district, &a.town, &a.detail].map(String::as_str).join(" ")
    };
    let mut text = list([
        ("parcel", v.row.id.clone()),
        ("seq", v.row.seq.to_string()),
        ("at", time(v.row.created_at)),
        ("by", v.row.created_by.clone()),
        ("to", side(&v.recipient)),
        ("from", side(&v.sender)),
        ("goods", goods.join("，")),
        ("remark", v.remark.clone()),
        ("template", v.template.clone()),
        ("needs", v.row.attention.clone()),
    ]);
    text.push('\n');
    text += &table(
        ["attempt", "id", "state", "number", "courier", "shop", "why", "asked", "next"],
        v.waybills.iter().map(|w| {
            [
                w.attempt.to_string(),
                short(&w.id),
                w.state.clone(),
                w.number.clone(),
                w.courier_name.clone(),
                w.shop_name.clone(),
                format!("{} {}", w.reason, w.hint).trim().to_owned(),
                w.asked.to_string(),
                time(w.next_ask_at),
            ]
        }),
    );
    if !v.prints.is_empty() {
        text.push('\n');
        text += &crate::print::jobs_words(&v.prints);
    }
    text.push('\n');
    text += &table(
        ["at", "who", "action", "detail"],
        v.trail.iter().map(|t| [time(t.at), t.who.clone(), t.action.clone(), t.detail.clone()]),
    );
    text
}
