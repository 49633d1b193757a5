//! From what a person types to the desk's ids: the beginning of an id, a name, a courier's code, a waybill number.

use crate::exit::Failure;
use crate::talk::Talk;
use desk::api::{
    AttemptView, ById, CourierView, GrantView, ListParcels, Nothing, ParcelPage, ParcelView, PrintPage, PrintView,
    PrinterView,
};
use desk::{ApiError, Code};

/// Shortest beginning of an id that counts.
const LEAST: usize = 4;

/// The one of `all` that is meant: by whole id, by another name of it, by the beginning of its id.
pub fn pick<'a, T>(
    what: &str,
    given: &str,
    all: &'a [T],
    id: impl Fn(&T) -> &str,
    named: impl Fn(&T) -> bool,
) -> Result<&'a T, ApiError> {
    if let Some(t) = all.iter().find(|t| id(t) == given) {
        return Ok(t);
    }
    let mut found: Vec<&T> = all.iter().filter(|t| named(t)).collect();
    if found.is_empty() && given.len() >= LEAST {
        found = all.iter().filter(|t| id(t).starts_with(given)).collect();
    }
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(ApiError::not_found(what).hint(format!("{given:?} is the id of none; list them, then name one"))),
        many => Err(ambiguous(what, given, many.iter().map(|t| id(t)))),
    }
}

fn ambiguous<'a>(what: &str, given: &str, ids: impl Iterator<Item = &'a str>) -> ApiError {
    let ids: Vec<&str> = ids.take(5).collect();
    ApiError::new(Code::InvalidInput, format!("{given:?} can mean more than one {what}; nothing was done"))
        .hint(format!("give more of the id: {}", ids.join(", ")))
}

fn is_whole(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A parcel's id, from its beginning, its waybill number, or `#SEQ`.
pub async fn parcel(talk: &mut Talk, given: &str) -> Result<String, Failure> {
    if is_whole(given) {
        return Ok(given.to_owned());
    }
    let none = || ApiError::not_found("parcel").hint("`waybill order list` shows them");
    let list = |before, limit, search: &str| ListParcels { before, limit, filter: "all".into(), search: search.into() };
    if let Some(seq) = given.strip_prefix('#') {
        let seq: i64 = seq.parse().map_err(|_| none())?;
        let page: ParcelPage = talk.call("orders.list", &list(Some(seq.saturating_add(1)), 1, "")).await?;
        return page.rows.into_iter().find(|r| r.seq == seq).map(|r| r.id).ok_or_else(|| none().into());
    }
    if given.len() < LEAST {
        return Err(none().into());
    }
    let page: ParcelPage = talk.call("orders.list", &list(None, 200, given)).await?;
    let meant = |r: &desk::api::ParcelRow| r.number == given || r.number.starts_with(given);
    Ok(pick("parcel", given, &page.rows, |r| &r.id, meant)?.id.clone())
}

/// An attempt to get a number: its id, or the parcel whose last attempt it is.
pub async fn waybill(talk: &mut Talk, given: &str) -> Result<String, Failure> {
    let last = |p: &ParcelView| p.waybills.last().map(|w| w.id.clone());
    match parcel(talk, given).await {
        Ok(id) => match talk.call::<_, ParcelView>("orders.show", &ById { id }).await {
            Ok(p) => return last(&p).ok_or_else(|| ApiError::not_found("waybill attempt").into()),
            Err(e) if e.code == Code::NotFound => {}
            Err(e) => return Err(e.into()),
        },
        Err(Failure::Api(e)) if e.code == Code::NotFound => {}
        Err(e) => return Err(e),
    }
    let list = ListParcels { before: None, limit: 200, filter: "attention".into(), search: String::new() };
    let page: ParcelPage = talk.call("orders.list", &list).await?;
    let mut all = Vec::new();
    for row in page.rows {
        let p: ParcelView = talk.call("orders.show", &ById { id: row.id }).await?;
        all.extend(p.waybills);
    }
    Ok(pick("waybill attempt", given, &all, |w| &w.id, |_| false)?.id.clone())
}

/// An authorization under way.
pub async fn attempt(talk: &mut Talk, given: &str) -> Result<String, Failure> {
    if is_whole(given) {
        return Ok(given.to_owned());
    }
    let all: Vec<AttemptView> = talk.call("accounts.attempts", &Nothing {}).await?;
    Ok(pick("attempt", given, &all, |a| &a.id, |_| false)?.id.clone())
}

/// A grant, also by its shop's name.
pub async fn grant(talk: &mut Talk, given: &str) -> Result<String, Failure> {
    let all: Vec<GrantView> = talk.call("accounts.list", &Nothing {}).await?;
    Ok(pick("grant", given, &all, |g| &g.id, |g| g.shop_name == given)?.id.clone())
}

/// A courier of any grant, also by its code.
pub async fn courier(talk: &mut Talk, given: &str) -> Result<CourierView, Failure> {
    let all: Vec<GrantView> = talk.call("accounts.list", &Nothing {}).await?;
    let couriers: Vec<CourierView> = all.into_iter().flat_map(|g| g.couriers).collect();
    Ok(courier_of(&couriers, given)?.clone())
}

/// The courier that is meant. Of several with one code, the usable one, then the default.
pub fn courier_of<'a>(all: &'a [CourierView], given: &str) -> Result<&'a CourierView, ApiError> {
    let named = |c: &CourierView| c.code.eq_ignore_ascii_case(given) || c.name == given;
    let same = |c: &&CourierView| named(c);
    let usable: Vec<_> = all.iter().filter(same).filter(|c| c.usable).collect();
    match usable.as_slice() {
        [one] => return Ok(one),
        many => {
            if let Some(c) = many.iter().find(|c| c.default) {
                return Ok(c);
            }
        }
    }
    pick("courier", given, all, |c| &c.id, named)
}

/// A printer, also by its name.
pub fn printer_of<'a>(all: &'a [PrinterView], given: &str) -> Result<&'a PrinterView, ApiError> {
    pick("printer", given, all, |p| &p.id, |p| p.name == given)
}

/// A printer, also by its name.
pub async fn printer(talk: &mut Talk, given: &str) -> Result<String, Failure> {
    let all: Vec<PrinterView> = talk.call("printers.list", &Nothing {}).await?;
    Ok(printer_of(&all, given)?.id.clone())
}

/// A label sent or to be sent.
pub async fn job(talk: &mut Talk, given: &str) -> Result<String, Failure> {
    if is_whole(given) {
        return Ok(given.to_owned());
    }
    let page: PrintPage = talk.call("prints.list", &ById { id: String::new() }).await?;
    let id = |p: &PrintView| p.id.clone();
    Ok(id(pick("print job", given, &page.rows, |p| &p.id, |_| false)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_an_id_is_enough_only_if_it_is_the_only_one() {
        let all = ["abcd1111".to_owned(), "abcd2222".to_owned(), "ffff0000".to_owned()];
        let pick = |given| pick("thing", given, &all, |t| t, |t| t == given);
        assert_eq!(pick("ffff").unwrap(), "ffff0000");
        assert_eq!(pick("abcd2222").unwrap(), "abcd2222", "a whole id is never ambiguous");
        assert_eq!(pick("abcd").unwrap_err().code, Code::InvalidInput, "two begin with it");
        assert_eq!(pick("fff").unwrap_err().code, Code::NotFound, "three characters are a guess");
    }
}
