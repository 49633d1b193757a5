//! Makes a trial folder ready to print: an owner signed in, the practice app entered, the practice printer, print
//! component and text message service set up. Goes
//! through the same door and table as a person; what is already there is left alone.

use crate::api::{
    AppState, FirstUse, Login, PlatformView, PrinterView, ProveFirstUse, SavePrinter, SaveSms, SetApp, SetupOwner,
    SmsState,
};
use crate::door::Door;
use crate::{ApiError, Code, Setup};
use domain::secret::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The trial's owner.
pub const OWNER: &str = "试用店主";
/// The trial's password, shown on its login page: a trial folder holds invented data only.
pub const PASSWORD: &str = "practice-1750-labels";

/// What the practice market offers.
pub struct Practice {
    /// App key it knows.
    pub app_key: String,
    /// The key's secret.
    pub app_secret: Secret,
    /// `tcp://127.0.0.1:PORT` of the practice printer.
    pub printer: String,
    /// `cainiao://127.0.0.1:PORT/NAME` of the practice print component's printer.
    pub component: String,
    /// Where its text messages are handed in, and the key.
    pub sms: (url::Url, Secret),
}

/// Makes the trial ready and signs its owner in at this door.
pub async fn prepare(door: &Door, practice: &Practice) -> Result<(), ApiError> {
    if !door.house.trial {
        return Err(ApiError::new(Code::WrongState, "this is not a trial folder; nothing was changed"));
    }
    let state: AppState = call(door, "app.state", &crate::api::Nothing {}).await?;
    if state.first_run {
        let _: crate::api::Me =
            call(door, "setup.owner", &SetupOwner { name: OWNER.into(), password: PASSWORD.into() }).await?;
    } else {
        let _: crate::api::LoginDone =
            call(door, "session.login", &Login { name: OWNER.into(), password: PASSWORD.into() }).await?;
    }
    let platforms: Vec<PlatformView> = call(door, "accounts.platforms", &crate::api::Nothing {}).await?;
    if platforms.iter().any(|p| p.id == "taobao" && !p.app_set) {
        let app = SetApp {
            platform: "taobao".into(),
            key: practice.app_key.clone(),
            secret: practice.app_secret.reveal().to_owned(),
            callback: "http://127.0.0.1/callback/taobao".into(),
        };
        let _: PlatformView = call(door, "accounts.set_app", &app).await?;
    }
    // Its password stands on its login page: there is nothing to prove.
    let first: FirstUse = call(door, "people.first_use", &crate::api::Nothing {}).await?;
    if !first.done {
        let proof = ProveFirstUse { way: "owner".into(), proof: PASSWORD.into() };
        let _: FirstUse = call(door, "people.prove", &proof).await?;
    }
    let (address, key) = &practice.sms;
    if !crate::staff::sms::is_at(&door.house, address).await? {
        let sms = SaveSms { address: address.to_string(), key: key.reveal().to_owned() };
        let _: SmsState = call(door, "sms.save", &sms).await?;
    }
    // Their ports are new ones at every start.
    let printers: Vec<PrinterView> = call(door, "printers.list", &crate::api::Nothing {}).await?;
    for (name, address, default) in [(PRINTER, &practice.printer, true), (COMPONENT, &practice.component, false)] {
        let known = printers.iter().find(|p| p.name == name);
        if known.is_some_and(|p| p.address == *address) {
            continue;
        }
        let save = SavePrinter {
            id: known.map(|p| p.id.clone()).unwrap_or_default(),
            name: name.into(),
            address: address.clone(),
            language: "tspl".into(),
            dpi: 203,
            width_mm: known.map_or(100.0, |p| p.width_mm),
            height_mm: known.map_or(180.0, |p| p.height_mm),
            gap_mm: 2.0,
            media_kind: "gap".into(),
            offset_x: 0,
            offset_y: 0,
            family: String::new(),
            speed: 4,
            darkness: 8,
            default: known.map_or(default, |p| p.default),
        };
        let _: PrinterView = call(door, "printers.save", &save).await?;
    }
    Ok(())
}

/// The public client's name, as a standard server has to know it.
const CLIENT: &str = "waybill-desk";

/// The same trial with the standard server at `issuer` in place of the practice market's own: `OpenID` Connect Discovery,
/// public client `waybill-desk`, loopback callback `http://127.0.0.1/callback/standard`.
/// Errors: not an address on this computer or https, no answer, or a server that lacks what a grant needs; in words.
pub async fn with_standard(setup: Setup, issuer: &str) -> Result<Setup, ApiError> {
    let refused = |why: &dyn std::fmt::Display| {
        ApiError::new(Code::InvalidInput, format!("the standard server at {issuer:?} cannot be used: {why}"))
            .hint("name an issuer with discovery, PKCE S256, `iss`, revocation and UserInfo, or none")
    };
    let url = url::Url::parse(issuer).map_err(|e| refused(&e))?;
    let server = platform::discover(&url, CLIENT).await.map_err(|e| refused(&e))?;
    Ok(Setup { endpoints: setup.endpoints.with_standard(server), ..setup })
}

/// The practice printer's name.
pub const PRINTER: &str = "练习打印机";

/// The name of the practice print component's printer.
pub const COMPONENT: &str = "练习打印组件";

async fn call<Q: Serialize, A: DeserializeOwned>(door: &Door, name: &str, request: &Q) -> Result<A, ApiError> {
    let request = serde_json::to_value(request).map_err(ApiError::internal)?;
    let answer = door.call(name, request).await?;
    serde_json::from_value(answer).map_err(ApiError::internal)
}
