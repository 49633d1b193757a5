//! The practice market, a practice printer and a practice print component, as a service of their own.

use crate::args::Sandbox;
use crate::exit::Failure;
use crate::out::Out;
use crate::stop::Stop;
use crate::text::list;
use ::sandbox::{PRACTICE_APP_KEY, PRACTICE_APP_SECRET, PRACTICE_PASSWORD, PRACTICE_SMS_KEY, STANDARD_CLIENT_ID};
use serde_json::json;

/// Shops that can log in there; its login page lists them too.
pub const PRACTICE_SHOPS: [&str; 2] = ["青禾生活馆", "青禾茶器"];

/// `waybill sandbox …`
pub async fn run(command: Sandbox, out: &mut Out) -> Result<(), Failure> {
    let Sandbox::Serve { port, seed, folder } = command;
    let mut stop = Stop::listen()?;
    let serving = ::sandbox::serve(port, seed, folder).await.map_err(|e| {
        let why = std::error::Error::source(&e).map(|s| format!(" ({s})")).unwrap_or_default();
        Failure::other(format!("{e}{why}"))
    })?;
    let market = serving.market.base();
    let said = json!({
        "market": market.as_str(),
        "printer": serving.printer.address(),
        "component": serving.component.address(),
        "app_key": PRACTICE_APP_KEY,
        "app_secret": PRACTICE_APP_SECRET,
        "sms": serving.market.sms_address().as_str(),
        "sms_key": PRACTICE_SMS_KEY,
        "callback": "http://127.0.0.1/callback/taobao",
        "accounts": PRACTICE_SHOPS,
        "password": PRACTICE_PASSWORD,
        "standard_client_id": STANDARD_CLIENT_ID,
    });
    out.answer(&said, |_| {
        list([
            ("market", market.to_string()),
            ("printer", serving.printer.address()),
            ("component", serving.component.address()),
            ("app key", PRACTICE_APP_KEY.to_owned()),
            ("app secret", PRACTICE_APP_SECRET.to_owned()),
            ("text messages", serving.market.sms_address().to_string()),
            ("their key", PRACTICE_SMS_KEY.to_owned()),
            ("callback", "http://127.0.0.1/callback/taobao".to_owned()),
            ("accounts", PRACTICE_SHOPS.join("  ")),
            ("password", PRACTICE_PASSWORD.to_owned()),
        ]) + &format!(
            "\nA desk on it: waybill --data DIR --practice {market} setup --owner NAME\nIt runs until Ctrl-C."
        )
    });
    stop.asked().await;
    serving.stop().await;
    Ok(())
}
