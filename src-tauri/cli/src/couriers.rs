//! Couriers of a grant: who is charged, and what must be known before that.

use crate::exit::Failure;
use crate::files;
use crate::find;
use crate::out::Out;
use crate::talk::Talk;
use crate::text::{list, mark, short, table};
use desk::api::{ById, CourierDetails, CourierView, GrantView};
use serde::Deserialize;
use std::path::Path;

/// Couriers, read again from the platform.
pub async fn reload(talk: &mut Talk, out: &mut Out, grant: &str) -> Result<(), Failure> {
    let id = find::grant(talk, grant).await?;
    let view: GrantView = talk.call("accounts.reload", &ById { id }).await?;
    out.answer(&view.couriers, |all| couriers_words(all));
    Ok(())
}

fn couriers_words(all: &[CourierView]) -> String {
    let mut text = table(
        ["id", "code", "courier", "branch", "numbers left", "details", "default", "usable"],
        all.iter().map(|c| {
            [
                short(&c.id),
                c.code.clone(),
                c.name.clone(),
                format!("{} {}", c.branch_name, c.branch_code).trim().to_owned(),
                c.balance.map_or("monthly".to_owned(), |n| n.to_string()),
                if c.details_done { "done".to_owned() } else { "MISSING".to_owned() },
                mark(c.default),
                mark(c.usable),
            ]
        }),
    );
    for c in all {
        for (i, a) in c.senders.iter().enumerate() {
            let place = [&a.province, &a.city, &a.district, &a.town, &a.detail].map(String::as_str).join(" ");
            text += &format!("{} sender_address {i}: {place}\n", c.code);
        }
        if !c.customer_codes.is_empty() {
            text += &format!("{} customer_code, one of: {}\n", c.code, c.customer_codes.join(", "));
        }
    }
    text
}

/// What a details file says; what it leaves out stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DetailsFile {
    sender_name: Option<String>,
    sender_phone: Option<String>,
    sender_address: Option<u32>,
    payer: Option<String>,
    payer_contact: Option<String>,
    payer_phone: Option<String>,
    customer_code: Option<String>,
}

/// Shows settlement details, or saves and finishes them.
pub async fn details(talk: &mut Talk, out: &mut Out, courier: &str, file: Option<&Path>) -> Result<(), Failure> {
    let given: Option<DetailsFile> = file
        .map(|f| {
            serde_json::from_str(&files::read(f)?).map_err(|e| {
                Failure::invalid(
                    format!("{} is not a courier's details: {e}; nothing was changed", f.display()),
                    "see `waybill accounts details --help`",
                )
            })
        })
        .transpose()?;
    let id = find::courier(talk, courier).await?.id;
    let mut details: CourierDetails = talk.call("accounts.details", &ById { id }).await?;
    if let Some(g) = given {
        let put = |to: &mut String, from: Option<String>| {
            if let Some(from) = from {
                *to = from;
            }
        };
        put(&mut details.sender_name, g.sender_name);
        put(&mut details.sender_phone, g.sender_phone);
        put(&mut details.payer, g.payer);
        put(&mut details.payer_contact, g.payer_contact);
        put(&mut details.payer_phone, g.payer_phone);
        put(&mut details.customer_code, g.customer_code);
        details.sender_address = g.sender_address.unwrap_or(details.sender_address);
        // The last step of the wizard checks the first two as well.
        (details.step, details.done) = (3, true);
        details = talk.call("accounts.save_details", &details).await?;
    }
    out.answer(&details, |d| {
        list([
            ("sender_name", d.sender_name.clone()),
            ("sender_phone", d.sender_phone.clone()),
            ("sender_address", d.sender_address.to_string()),
            ("payer", d.payer.clone()),
            ("payer_contact", d.payer_contact.clone()),
            ("payer_phone", d.payer_phone.clone()),
            ("customer_code", d.customer_code.clone()),
            ("complete", if d.done { "yes".to_owned() } else { "NO".to_owned() }),
        ])
    });
    Ok(())
}

/// The courier that is charged unless an order names another.
pub async fn make_default(talk: &mut Talk, out: &mut Out, courier: &str) -> Result<(), Failure> {
    let id = find::courier(talk, courier).await?.id;
    let view: CourierView = talk.call("accounts.set_default", &ById { id }).await?;
    out.answer(&view, |c| {
        format!("{} {} of {} is the default: it will be charged", c.name, c.branch_name, c.shop_name)
    });
    Ok(())
}
