//! Orders in, one result line each out; and everything one can ask about a parcel afterwards.

use crate::args::{Order, Submit};
use crate::exit::{Failure, UNKNOWN, code_of, field_words};
use crate::files;
use crate::find;
use crate::order_file::{self, OrderLine};
use crate::out::Out;
use crate::talk::Talk;
use crate::text::{list, short, table, time};
use desk::api::{
    ById, CancelNumber, DecideUnknown, ListParcels, Nothing, OrderForm, ParcelPage, ParcelView, RetryParcel,
    WaybillView,
};
use desk::{ApiError, Code};
use domain::chance::{Chance, OsChance};
use serde::Serialize;

/// `waybill order …`
pub async fn run(command: Order, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        Order::Submit(submit) => submit_all(submit, talk, out).await,
        Order::List { filter, search, limit, before } => {
            let page: ParcelPage = talk.call("orders.list", &ListParcels { before, limit, filter, search }).await?;
            out.answer(&page, page_words);
            Ok(())
        }
        Order::Show { id } => {
            let id = find::parcel(talk, &id).await?;
            let view: ParcelView = talk.call("orders.show", &ById { id }).await?;
            out.answer(&view, parcel_words);
            Ok(())
        }
        Order::Retry { id, courier, submit_key } => {
            let parcel = find::parcel(talk, &id).await?;
            let courier = match courier {
                Some(given) => find::courier(talk, &given).await?.id,
                None => String::new(),
            };
            let submit_key = submit_key.unwrap_or_else(fresh_key);
            let request = RetryParcel { parcel, submit_key: submit_key.clone(), recipient: None, courier };
            let view: ParcelView = talk.call("orders.retry", &request).await?;
            single(out, Line::of(1, submit_key, Ok(view)))
        }
        Order::Ask { id } => {
            let id = find::parcel(talk, &id).await?;
            let view: ParcelView = talk.call("orders.ask_now", &ById { id }).await?;
            single(out, Line::of(1, String::new(), Ok(view)))
        }
        Order::Decide { waybill, note } => {
            let waybill = find::waybill(talk, &waybill).await?;
            let view: ParcelView = talk.call("orders.decide", &DecideUnknown { waybill, note }).await?;
            out.answer(&view, |v| {
                format!("decided: there is no number; waybill order retry {} asks again", short(&v.row.id))
            });
            Ok(())
        }
    }
}

/// A key nobody can guess or meet by chance.
pub fn fresh_key() -> String {
    format!("cli-{}", OsChance.hex(16))
}

async fn submit_all(submit: Submit, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let orders = order_file::read(&files::read(&submit.file)?)?;
    // Asked first: who may not submit, or names a courier that is not there, is told once and nothing is sent.
    let form: OrderForm = talk.call("orders.form", &Nothing {}).await?;
    let for_all = |given: &Option<String>| given.clone().filter(|g| !g.is_empty());
    let (courier, printer) = (for_all(&submit.courier), for_all(&submit.printer));
    chosen(&form, courier.as_deref(), printer.as_deref())?;
    let template = submit.template.unwrap_or_default();
    let count = orders.len();
    let mut ends = Vec::with_capacity(count);
    for (i, order) in orders.into_iter().enumerate() {
        let line = i + 1;
        let own = order.as_ref().ok().and_then(|o| o.submit_key.clone());
        let key = own.unwrap_or_else(|| match &submit.submit_key {
            Some(key) if count == 1 => key.clone(),
            Some(key) => format!("{key}-{line}"),
            None => fresh_key(),
        });
        let end = match order {
            Ok(o) => one(talk, &form, o, &key, [courier.as_deref(), printer.as_deref()], &template).await,
            Err(why) => {
                Err(ApiError::new(Code::InvalidInput, format!("this order cannot be read: {why}; nothing was sent"))
                    .hint("mend it, then submit it again"))
            }
        };
        let end = Line::of(line, key, end);
        if count == 1 {
            return single(out, end);
        }
        out.answer(&end, Line::words);
        ends.push((end.result, end.error.is_some_and(|e| matches!(e.code, Code::NotLoggedIn | Code::NotAllowed))));
    }
    let (failed, unknown) = ends.iter().fold((0, 0), |(f, u), (r, _)| match r {
        Ended::Ok => (f, u),
        Ended::Failed => (f + 1, u),
        Ended::Unknown => (f, u + 1),
    });
    out.say(&format!("{count} orders: {} ok, {failed} failed, {unknown} unknown", count - failed - unknown));
    match (unknown, failed) {
        (0, 0) => Ok(()),
        // The session ended under way, or was never there for any of them.
        (0, _) if ends.iter().all(|(_, refused)| *refused) => Err(Failure::Told(code_of(Code::NotLoggedIn))),
        (0, _) => Err(Failure::Told(1)),
        _ => Err(Failure::Told(UNKNOWN)),
    }
}

async fn one(
    talk: &mut Talk,
    form: &OrderForm,
    order: OrderLine,
    key: &str,
    for_all: [Option<&str>; 2],
    template: &str,
) -> Result<ParcelView, ApiError> {
    let own = [order.courier.clone(), order.printer.clone()].map(|o| o.filter(|g| !g.is_empty()));
    let (courier, printer) = chosen(form, own[0].as_deref().or(for_all[0]), own[1].as_deref().or(for_all[1]))?;
    talk.call("orders.submit", &order.request(key.to_owned(), courier, printer, template)).await
}

/// Ids of what was chosen; empty = the desk's default.
fn chosen(form: &OrderForm, courier: Option<&str>, printer: Option<&str>) -> Result<(String, String), ApiError> {
    let courier = courier.map(|g| find::courier_of(&form.couriers, g).map(|c| c.id.clone())).transpose()?;
    let printer = printer.map(|g| find::printer_of(&form.printers, g).map(|p| p.id.clone())).transpose()?;
    Ok((courier.unwrap_or_default(), printer.unwrap_or_default()))
}

/// How one order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Ended {
    /// The number is there, and the label went to the printer.
    Ok,
    /// It did not come to that, and everybody knows.
    Failed,
    /// Nobody knows whether there is a number, or a label.
    Unknown,
}

/// The result line of one order.
#[derive(Serialize)]
struct Line {
    line: usize,
    result: Ended,
    number: String,
    waybill_state: String,
    print_state: String,
    evidence: String,
    parcel: String,
    submit_key: String,
    reason: String,
    hint: String,
    error: Option<ApiError>,
}

impl Line {
    fn of(line: usize, submit_key: String, end: Result<ParcelView, ApiError>) -> Self {
        match end {
            Ok(v) => {
                let last = v.waybills.last();
                let number_reason = last.map(|w| w.reason.clone()).unwrap_or_default();
                let job = v.prints.iter().rev().find(|p| p.number == v.row.number && !v.row.number.is_empty());
                let trouble = job.map(|p| p.trouble.clone()).unwrap_or_default();
                Self {
                    line,
                    result: ended(&v),
                    number: v.row.number,
                    waybill_state: v.row.waybill_state,
                    print_state: v.row.print_state,
                    evidence: v.row.evidence,
                    parcel: v.row.id,
                    submit_key,
                    reason: if number_reason.is_empty() { trouble } else { number_reason },
                    hint: last.map(|w| w.hint.clone()).unwrap_or_default(),
                    error: None,
                }
            }
            Err(e) => Self {
                line,
                result: if e.code == Code::OutcomeUnknown { Ended::Unknown } else { Ended::Failed },
                number: String::new(),
                waybill_state: String::new(),
                print_state: String::new(),
                evidence: String::new(),
                parcel: String::new(),
                submit_key,
                reason: word_of(e.code),
                hint: e.hint.clone(),
                error: Some(e),
            },
        }
    }

    /// `1 ok 730012345678 sent peer_closed parcel=3f2a…`
    fn words(&self) -> String {
        let or_dash = |s: &str| if s.is_empty() { "-".to_owned() } else { s.to_owned() };
        let result = match self.result {
            Ended::Ok => "ok",
            Ended::Failed => "failed",
            Ended::Unknown => "unknown",
        };
        let mut words = format!("{} {result} {}", self.line, or_dash(&self.number));
        if let Some(e) = &self.error {
            let fields: Vec<String> = e.fields.iter().map(field_words).collect();
            let what = if fields.is_empty() { e.message.clone() } else { fields.join("; ") };
            words += &format!(" {}: {}", self.reason, what.replace('\n', " "));
        } else {
            let print = if self.print_state.is_empty() { &self.waybill_state } else { &self.print_state };
            words += &format!(" {} {} parcel={}", or_dash(print), or_dash(&self.evidence), self.parcel);
            if self.result != Ended::Ok {
                words += format!(" {} {}", self.reason, self.hint).replace('\n', " ").trim_end();
            }
        }
        if self.result == Ended::Unknown && !self.submit_key.is_empty() {
            words += &format!(" submit_key={}", self.submit_key);
        }
        words
    }
}

fn word_of(code: Code) -> String {
    serde_json::to_value(code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Whether the label of a live number is out, as far as anybody can know.
fn ended(v: &ParcelView) -> Ended {
    match (v.row.waybill_state.as_str(), v.row.print_state.as_str()) {
        ("issued", "sent" | "confirmed") => Ended::Ok,
        ("issued", "doubtful" | "sending") => Ended::Unknown,
        // Another process of ours is drawing it at this moment; nothing has gone wrong so far.
        ("issued", "queued" | "rendered") if v.row.attention.is_empty() => Ended::Ok,
        ("unknown" | "needs_person" | "in_flight" | "cancelling", _) => Ended::Unknown,
        _ => Ended::Failed,
    }
}

/// The one result there is: its line on stdout, its error on stderr, its own exit code.
fn single(out: &mut Out, end: Line) -> Result<(), Failure> {
    out.answer(&end, Line::words);
    match (end.error, end.result) {
        (Some(e), _) => Err(e.into()),
        (None, Ended::Ok) => Ok(()),
        (None, Ended::Unknown) => {
            let id = short(&end.parcel);
            Err(ApiError::new(Code::OutcomeUnknown, "nobody knows yet how this ended; it was not sent again")
                .hint(format!("waybill order ask {id} asks the platform; waybill order show {id} shows the story"))
                .into())
        }
        (None, Ended::Failed) => {
            out.say(&format!("waybill order show {} shows the story", short(&end.parcel)));
            Err(Failure::Told(1))
        }
    }
}

/// Gives a number back.
pub async fn cancel(given: &str, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let parcel = find::parcel(talk, given).await?;
    let view: ParcelView = talk.call("orders.cancel_number", &CancelNumber { parcel }).await?;
    let state = view.row.waybill_state.clone();
    let last = view.waybills.last().cloned();
    out.answer(&view, |v| format!("{} {}", v.row.number, v.row.waybill_state));
    let why = |w: Option<WaybillView>| w.map(|w| format!("{} {}", w.reason, w.hint)).unwrap_or_default();
    match state.as_str() {
        "cancelled" => Ok(()),
        "cancelling" => Err(ApiError::new(
            Code::OutcomeUnknown,
            "the platform has not answered; the number is not printed any more",
        )
        .hint("it is asked again by itself; waybill order ask ID asks now")
        .into()),
        _ => Err(ApiError::new(Code::PlatformRefused, "the platform did not take the number back; it lives")
            .hint(why(last).trim().to_owned())
            .into()),
    }
}

fn page_words(page: &ParcelPage) -> String {
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

fn parcel_words(v: &ParcelView) -> String {
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
