//! What the desk knows of one consignee, found by phone: shown, given out, taken out.

use super::{new_folder, not_written, take_out, write_file};
use crate::api::{ApiError, ErasePerson, Erased, ExportPerson, Exported, FindPerson, PersonFound};
use crate::door::At;
use crate::house::House;
use crate::order::history::{self, Names};
use crate::order::{content, plan};
use crate::store::{Parcel, ToPurge, WantParcels};
use serde_json::json;

/// Parcels read at a time.
const PAGE: u32 = 200;
/// Parcels of one transaction.
const AT_ONCE: usize = 100;
/// Rows shown.
const SHOWN: usize = 200;

/// Digits only, without the country's own prefix: people type phones in many ways.
fn digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86")) {
        Some(rest) if rest.len() == 11 => rest.to_owned(),
        _ => digits,
    }
}

fn wanted(phone: &str) -> Result<String, ApiError> {
    let digits = digits(phone);
    if digits.len() < 6 {
        return Err(plan::wrong_fields(vec![content::error("phone", "bad_phone", digits.len().to_string())]));
    }
    Ok(digits)
}

/// How the log names a phone: told again by the same phone only, by nobody without the key.
fn hashed(house: &House, digits: &str) -> String {
    format!("phone#{}", crate::backup::hex(&house.vault.index("person.phone", digits))[..16].to_owned())
}

/// Every parcel to this phone, oldest last. Orders are sealed, so each is opened and looked at.
async fn parcels_of(house: &House, digits_wanted: &str) -> Result<Vec<Parcel>, ApiError> {
    let mut found = Vec::new();
    let mut want = WantParcels { limit: PAGE, ..WantParcels::default() };
    loop {
        let page = house.store.parcels(&want).await?;
        want.before = page.last().map(|p| p.seq);
        let over = page.len() < PAGE as usize;
        found.extend(page.into_iter().filter(|p| digits(&p.order.recipient.phone) == digits_wanted));
        if over {
            break;
        }
        tokio::task::yield_now().await;
    }
    let waiting = house.store.ready(u32::MAX).await?;
    found.extend(waiting.into_iter().filter(|p| digits(&p.order.recipient.phone) == digits_wanted));
    Ok(found)
}

/// Masked, as in any list.
pub(crate) async fn find_person(at: &At<'_>, req: FindPerson) -> Result<PersonFound, ApiError> {
    let house = at.house;
    let digits = wanted(&req.phone)?;
    let parcels = parcels_of(house, &digits).await?;
    let log = house.entry(at.actor()?, "person.find", hashed(house, &digits), format!("parcels={}", parcels.len()));
    house.store.note(&log).await?;
    let names = Names::load(house).await?;
    let mut rows = Vec::new();
    for p in parcels.iter().take(SHOWN) {
        let (waybills, prints) = (house.store.waybills_of(&p.id).await?, house.store.prints_of(&p.id).await?);
        rows.push(history::row(p, &waybills, &prints, &names));
    }
    Ok(PersonFound { total: parcels.len() as u32, rows })
}

/// Everything of this person as one JSON file, unmasked: it is theirs. Logged before it is written.
pub(crate) async fn export_person(at: &At<'_>, req: ExportPerson) -> Result<Exported, ApiError> {
    let house = at.house;
    let digits = wanted(&req.phone)?;
    let parcels = parcels_of(house, &digits).await?;
    if parcels.is_empty() {
        return Err(ApiError::not_found("person"));
    }
    let log = house.entry(at.actor()?, "person.export", hashed(house, &digits), format!("parcels={}", parcels.len()));
    house.store.note(&log).await?;
    let mut all = Vec::new();
    for p in &parcels {
        let numbers = house.store.waybills_of(&p.id).await?;
        all.push(json!({
            "parcel": p.id.to_string(),
            "created_at": p.created_at.0,
            "recipient": content::wire_contact(&p.order.recipient),
            "sender": content::wire_contact(&p.order.sender),
            "goods": content::wire_goods(&p.order.goods),
            "remark": p.order.remark,
            "numbers": numbers.iter().filter_map(|w| {
                w.number.as_ref().map(|n| json!({ "number": n.0, "courier": w.courier_code.0, "shop": w.shop_name,
                    "state": w.state.word(), "at": w.created_at.0 }))
            }).collect::<Vec<_>>(),
        }));
    }
    let about = json!({
        "what": "Everything that this Waybill Desk holds about one recipient; times are ms since 1970-01-01T00:00:00Z",
        "phone": digits,
        "made_at": house.now().0,
        "parcels": all,
    });
    let folder = new_folder(house, &req.folder, "waybill-person")?;
    let text = serde_json::to_vec_pretty(&about).map_err(ApiError::internal)?;
    write_file(&folder.join("person.json"), &text).map_err(|e| not_written(&e))?;
    Ok(Exported { folder: folder.display().to_string(), rows: parcels.len() as i64, masked: false })
}

/// Takes this person's data out of every parcel that rests; says how many are still under way.
pub(crate) async fn erase_person(at: &At<'_>, req: ErasePerson) -> Result<Erased, ApiError> {
    let house = at.house;
    let wanted_digits = wanted(&req.phone)?;
    if digits(&req.again) != wanted_digits {
        return Err(plan::wrong_fields(vec![content::error("again", "other_phone", "")]));
    }
    let _turn = house.turn("purge").await;
    let parcels = parcels_of(house, &wanted_digits).await?;
    let mut erased = 0;
    let mut left = 0;
    let resting = house.store.purge_due(house.now().plus(std::time::Duration::from_millis(1)), u32::MAX).await?;
    let resting: std::collections::HashSet<String> = resting.parcels.iter().map(ToString::to_string).collect();
    let (gone, stay): (Vec<_>, Vec<_>) = parcels.into_iter().partition(|p| resting.contains(p.id.as_str()));
    left += stay.len() as u32;
    let object = hashed(house, &wanted_digits);
    for some in gone.chunks(AT_ONCE) {
        let what = ToPurge { parcels: some.iter().map(|p| p.id.clone()).collect(), ..ToPurge::default() };
        let told = format!("parcels={}", some.len());
        if take_out(house, &what, Some(at.actor()?), "person.erase", &object, told).await? {
            erased += some.len() as u32;
        } else {
            left += some.len() as u32;
        }
    }
    if gone.is_empty() {
        // That it was asked for is a fact as well.
        let log = house.entry(at.actor()?, "person.erase", object, format!("parcels=0 under_way={left}"));
        house.store.note(&log).await?;
    }
    let wal = super::cut(house).await?;
    Ok(Erased { parcels: erased, under_way: left, gone: wal })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_phone_is_the_same_however_it_is_typed() {
        for typed in ["13812345678", "138 1234 5678", "+86 138-1234-5678", "008613812345678", "（138）12345678"] {
            assert_eq!(super::digits(typed), "13812345678", "{typed}");
        }
        assert_eq!(super::digits("0571-88123456"), "057188123456");
        assert_eq!(super::digits("8612345"), "8612345", "too short to have a prefix");
    }
}
