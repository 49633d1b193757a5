//! Orders in, one result line each out; and everything one can ask about a parcel afterwards.

use crate::args::{Order, Submit};
use crate::batch;
use crate::exit::{Failure, UNKNOWN, code_of};
use crate::files;
use crate::find;
use crate::order_end::{Ended, Line, single};
use crate::order_file::{self, OrderLine};
use crate::order_words::{page_words, parcel_words};
use crate::out::Out;
use crate::talk::Talk;
use crate::text::short;
use desk::api::{
    ById, CancelNumber, DecideUnknown, Done, ListParcels, Nothing, OrderForm, ParcelPage, ParcelView, ReadyOrders,
    RetryParcel, WaybillView,
};
use desk::{ApiError, Code};
use domain::chance::{Chance, OsChance};

/// `waybill order …`
pub async fn run(command: Order, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        Order::Submit(submit) => submit_all(submit, talk, out).await,
        Order::List { filter, search, limit, before } => {
            let page: ParcelPage = talk.call("orders.list", &ListParcels { before, limit, filter, search }).await?;
            out.answer(&page, page_words);
            Ok(())
        }
        Order::Add { file, submit_key } => batch::add(&file, submit_key, talk, out).await,
        Order::Ready => {
            let ready: ReadyOrders = talk.call("orders.ready", &Nothing {}).await?;
            out.answer(&ready.rows, |rows| batch::ready_words(rows));
            Ok(())
        }
        Order::Stop { id } => batch::stop(&id, true, talk, out).await,
        Order::GoAgain { id } => batch::stop(&id, false, talk, out).await,
        Order::Discard { id } => {
            let id = batch::waiting(talk, &id).await?;
            let done: Done = talk.call("orders.discard", &ById { id }).await?;
            out.answer(&done, |_| "thrown away; nothing was charged".to_owned());
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
