//! Orders that wait, and batches of them.

use crate::exit::{Failure, UNKNOWN, field_words};
use crate::files;
use crate::find;
use crate::order::fresh_key;
use crate::order_file;
use crate::out::Out;
use crate::talk::Talk;
use crate::text::{short, table, time};
use desk::api::{
    AddOrders, AddedOrder, AddedOrders, AskBatch, BatchCheck, BatchList, BatchView, ById, Done, FieldError, Nothing,
    ParcelRow, ReadyOrders, ResumeBatch, StartBatch, StopParcel, TemplateFault,
};
use desk::{ApiError, Code};
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

/// How often a batch is looked at while it runs.
const LOOK: Duration = Duration::from_millis(250);

#[derive(Serialize)]
struct Line {
    line: usize,
    parcel: String,
    reference: String,
    known: bool,
    wrong: Vec<FieldError>,
    error: String,
}

/// `waybill order add`
pub async fn add(file: &Path, submit_key: Option<String>, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let orders = order_file::read(&files::read(file)?)?;
    let mut failed = false;
    for (line, order) in (1..).zip(orders) {
        let own = order.as_ref().ok().and_then(|o| o.submit_key.clone());
        let key = own.or_else(|| submit_key.as_ref().map(|k| format!("{k}-{line}"))).unwrap_or_else(fresh_key);
        let said = match order.and_then(|o| o.kept(key)) {
            Ok(new) => {
                let added: AddedOrders = talk.call("orders.add", &AddOrders { orders: vec![new] }).await?;
                added.rows.into_iter().next().map_or_else(|| refused(line, "nothing was added"), |r| kept(line, r))
            }
            Err(why) => refused(line, &why),
        };
        failed |= !said.error.is_empty();
        out.answer(&said, |l| {
            let wrong = l.wrong.iter().map(field_words).collect::<Vec<_>>().join("; ");
            match (l.error.as_str(), l.known, wrong.as_str()) {
                ("", true, _) => format!("{line}: {} was here already", short(&l.parcel)),
                ("", false, "") => format!("{line}: {} {} waits", short(&l.parcel), l.reference),
                ("", false, wrong) => {
                    format!("{line}: {} {} waits, to be mended: {wrong}", short(&l.parcel), l.reference)
                }
                (why, ..) => format!("{line}: not added: {why}"),
            }
        });
    }
    if failed { Err(Failure::Told(1)) } else { Ok(()) }
}

fn kept(line: usize, r: AddedOrder) -> Line {
    Line { line, parcel: r.parcel, reference: r.reference, known: r.known, wrong: r.wrong, error: String::new() }
}

fn refused(line: usize, why: &str) -> Line {
    let none = String::new;
    Line { line, parcel: none(), reference: none(), known: false, wrong: Vec::new(), error: why.to_owned() }
}

/// Orders that wait.
pub fn ready_words(rows: &[ParcelRow]) -> String {
    table(
        ["parcel", "reference", "at", "recipient", "area", "goods", "stop"],
        rows.iter().map(|r| {
            [
                short(&r.id),
                r.reference.clone(),
                time(r.created_at),
                r.recipient_name.clone(),
                r.recipient_area.clone(),
                r.goods.clone(),
                r.stop.clone(),
            ]
        }),
    )
}

/// `waybill order stop`, `go-again`
pub async fn stop(id: &str, stopped: bool, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let parcel = match waiting(talk, id).await {
        Ok(id) => id,
        Err(_) => find::parcel(talk, id).await?,
    };
    let done: Done = talk.call("orders.stop", &StopParcel { parcel, stopped }).await?;
    out.answer(&done, |_| if stopped { "it must not leave" } else { "it may leave" }.to_owned());
    Ok(())
}

/// The id of an order that waits: from its order number or the beginning of its id.
pub async fn waiting(talk: &mut Talk, given: &str) -> Result<String, Failure> {
    let ready: ReadyOrders = talk.call("orders.ready", &Nothing {}).await?;
    Ok(pick(&ready.rows, given)?.id.clone())
}

fn pick<'a>(rows: &'a [ParcelRow], given: &str) -> Result<&'a ParcelRow, ApiError> {
    find::pick("order that waits", given, rows, |r| &r.id, |r| !r.reference.is_empty() && r.reference == given)
}

/// Which orders, with whom, on which printer.
pub async fn ask(
    talk: &mut Talk,
    orders: &[String],
    (courier, printer, template): (Option<String>, Option<String>, String),
    despite: &[String],
) -> Result<AskBatch, Failure> {
    let ready: ReadyOrders = talk.call("orders.ready", &Nothing {}).await?;
    let ids = |given: &[String]| {
        given.iter().map(|g| pick(&ready.rows, g).map(|r| r.id.clone())).collect::<Result<Vec<_>, _>>()
    };
    let parcels = if orders.is_empty() { ready.rows.iter().map(|r| r.id.clone()).collect() } else { ids(orders)? };
    if parcels.is_empty() {
        return Err(ApiError::not_found("order that waits").hint("`waybill order add` keeps orders to print").into());
    }
    Ok(AskBatch {
        parcels,
        courier: match courier {
            Some(given) => find::courier(talk, &given).await?.id,
            None => String::new(),
        },
        printer: match printer {
            Some(given) => find::printer(talk, &given).await?,
            None => String::new(),
        },
        template,
        despite_twin: ids(despite)?,
    })
}

/// `waybill print batch --check`
pub async fn check(ask: AskBatch, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let check: BatchCheck = talk.call("batches.check", &ask).await?;
    out.answer(&check, |c| {
        let mut text = format!(
            "{} of {} can be printed · {} · {} {}\n",
            c.good,
            c.rows.len(),
            c.courier.name,
            c.printer.name,
            c.printer_state.state
        );
        if let Some(n) = c.runs_out_at {
            text += &format!("the account runs out at label {n}\n");
        }
        for r in c.rows.iter().filter(|r| !r.aside.is_empty()) {
            let fields = r.fields.iter().map(field_words).collect::<Vec<_>>().join("; ");
            text += &format!("{} aside: {} {}{fields}\n", short(&r.parcel), r.aside, r.detail);
        }
        text
    });
    Ok(())
}

/// `waybill print batch`
pub async fn start(ask: AskBatch, key: Option<String>, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let request = StartBatch { submit_key: key.unwrap_or_else(fresh_key), ask };
    let batch: BatchView = talk.call("batches.start", &request).await?;
    out.say(&format!("{}: {} labels", batch.name, batch.total));
    to_its_end(batch, talk, out).await
}

/// `waybill print resume`
pub async fn resume(id: Option<String>, last_good: String, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let id = open(id, talk).await?;
    let batch: BatchView = talk.call("batches.resume", &ResumeBatch { id, last_good }).await?;
    to_its_end(batch, talk, out).await
}

/// The runner lives in the desk; where this very process is the desk, it must not go before the runner does.
async fn to_its_end(mut batch: BatchView, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    while batch.state == "running" {
        tokio::time::sleep(LOOK).await;
        batch = talk.call("batches.show", &ById { id: batch.id.clone() }).await?;
    }
    out.answer(&batch, batch_words);
    let open = |what: &[&str]| batch.items.iter().any(|i| what.contains(&i.aside.as_str()));
    match (batch.state.as_str(), batch.trouble.as_str()) {
        ("done", _) => Ok(()),
        (_, "doubtful" | "restart" | "no_answer") => Err(Failure::Told(UNKNOWN)),
        _ if open(&["unknown"]) => Err(Failure::Told(UNKNOWN)),
        _ => Err(Failure::Told(1)),
    }
}

/// `waybill print batches`
pub async fn list(id: Option<String>, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let list: BatchList = talk.call("batches.list", &Nothing {}).await?;
    if let Some(given) = id {
        let id = named(&list, &given)?;
        let batch: BatchView = talk.call("batches.show", &ById { id }).await?;
        out.answer(&batch, batch_words);
        return Ok(());
    }
    out.answer(&list.rows, |rows| {
        table(
            ["batch", "at", "state", "why", "courier", "printer", "sent", "confirmed", "aside", "total", "by"],
            rows.iter().map(|b| {
                [
                    b.name.clone(),
                    time(b.created_at),
                    b.state.clone(),
                    format!("{} {}", b.trouble, b.detail).trim().to_owned(),
                    b.courier_name.clone(),
                    b.printer_name.clone(),
                    b.sent.to_string(),
                    b.confirmed.to_string(),
                    b.aside.to_string(),
                    b.total.to_string(),
                    b.by.clone(),
                ]
            }),
        )
    });
    Ok(())
}

/// One act on a batch, by its command in the table.
pub async fn act(command: &str, id: Option<String>, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let id = if command == "batches.confirm" && id.is_none() {
        // The pile on the table is the newest one's.
        let list: BatchList = talk.call("batches.list", &Nothing {}).await?;
        list.rows.into_iter().max_by_key(|b| b.created_at).map(|b| b.id).ok_or_else(|| ApiError::not_found("batch"))?
    } else {
        open(id, talk).await?
    };
    let batch: BatchView = talk.call(command, &ById { id }).await?;
    out.answer(&batch, batch_words);
    Ok(())
}

/// The batch that is meant: by name or id, or the only one that is open.
async fn open(id: Option<String>, talk: &mut Talk) -> Result<String, Failure> {
    let list: BatchList = talk.call("batches.list", &Nothing {}).await?;
    if let Some(given) = id {
        return Ok(named(&list, &given)?);
    }
    let open: Vec<&BatchView> = list.rows.iter().filter(|b| b.state != "done").collect();
    match open.as_slice() {
        [one] => Ok(one.id.clone()),
        [] => Err(ApiError::not_found("open batch").hint("`waybill print batches` lists them").into()),
        many => Err(ApiError::new(Code::InvalidInput, format!("{} batches are open; nothing was done", many.len()))
            .hint("name one: `waybill print batches` lists them")
            .into()),
    }
}

fn named(list: &BatchList, given: &str) -> Result<String, ApiError> {
    Ok(find::pick("batch", given, &list.rows, |b| &b.id, |b| b.name.eq_ignore_ascii_case(given))?.id.clone())
}

/// A batch with its parcels.
fn batch_words(b: &BatchView) -> String {
    let mut text = format!(
        "{} {} {}{}: {} of {} sent, {} confirmed, {} aside\n",
        b.name,
        b.state,
        b.trouble,
        if b.detail.is_empty() { String::new() } else { format!(" ({})", b.detail) },
        b.sent,
        b.total,
        b.confirmed,
        b.aside
    );
    text += &table(
        ["stamp", "reference", "recipient", "number", "waybill", "label", "aside"],
        b.items.iter().map(|i| {
            [
                i.stamp.clone(),
                i.reference.clone(),
                i.recipient_name.clone(),
                i.number.clone(),
                i.waybill_state.clone(),
                i.print_state.clone(),
                format!("{} {}", i.aside, plain(&i.detail)).trim().to_owned(),
            ]
        }),
    );
    text
}

/// Why a parcel is aside, with faults in words: the batch keeps them whole, for the window's three languages.
fn plain(detail: &str) -> String {
    let part = |part: &str| match part.find(" {") {
        Some(at) => match serde_json::from_str::<TemplateFault>(&part[at + 1..]) {
            Ok(fault) => format!("{}: {}", &part[..at], fault.reason),
            Err(_) => part.to_owned(),
        },
        None => part.to_owned(),
    };
    detail.split("; ").map(part).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_that_a_batch_kept_are_words() {
        let kept = r#"remark bad_symbol {"line":0,"column":0,"item":0,"key":"","field":"remark","code":"itf_letter","values":{"letter":"\u003b"},"reason":"only digits\u003b no more"}; recipient.phone bad_phone 3"#;
        assert_eq!(plain(kept), "remark bad_symbol: only digits; no more; recipient.phone bad_phone 3");
        assert_eq!(plain("remark bad_symbol {broken"), "remark bad_symbol {broken");
    }
}
