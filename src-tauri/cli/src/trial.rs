//! The main job from end to end on the practice market, in one process and without a display: what `cargo xtask run` does
//! where there is none. Every step goes through the desk's door as in the window; each is said in words, and one that
//! ends otherwise than it should ends the run.

use crate::args::Trial;
use crate::exit::Failure;
use crate::files;
use crate::out::Out;
use crate::sandbox::PRACTICE_SHOPS;
use crate::{talk, walk};
use ::sandbox::{PRACTICE_APP_KEY, PRACTICE_APP_SECRET, PRACTICE_PASSWORD, PRACTICE_SMS_KEY, Serving};
use desk::api::{
    AttemptLink, AttemptView, ById, ConfirmShop, CourierDetails, CourierView, GrantView, Nothing, ParcelView,
    StartAttempt, SubmitOrder, WireAddress, WireContact, WireGoods,
};
use desk::trial::{Practice, prepare};
use desk::{Desk, Door, Place, Setup};
use domain::secret::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Fixed, so that two trials look alike.
const SEED: u64 = 1;
/// The longest any single step may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// `waybill trial`
pub async fn run(trial: Trial, data: Option<PathBuf>, out: &mut Out) -> Result<(), Failure> {
    let folder = match data {
        Some(dir) => dir,
        None => beside(&Setup::usual_folder()?),
    };
    if talk::has_desk(&folder) && !folder.join("practice.json").exists() && !folder.join(talk::TRIAL).exists() {
        return Err(Failure::invalid(
            format!("{} is a live folder: a trial never touches it; nothing was done", folder.display()),
            "name another folder with --data, or leave it out",
        ));
    }
    let practice = ::sandbox::serve(0, SEED, Some(folder.join(talk::TRIAL))).await;
    let practice = practice.map_err(|e| Failure::other(format!("the practice market did not start: {e}")))?;
    let market = practice.market.base();
    step(out, "market", "练习市场和练习打印机已开启", "practice market and printer are running", market.as_str());
    talk::remember(&folder, &market);
    let end = match Desk::open(talk::setup_of(&folder, Some(&market), None)).await {
        Ok(desk) => {
            let end = whole_job(&desk, &practice, &trial, &folder, out).await;
            desk.close().await;
            end
        }
        Err(e) => Err(e.into()),
    };
    practice.stop().await;
    end
}

/// Beside the live folder, so that one `WAYBILL_DATA` serves both and they never mix; the window's trial is there too.
fn beside(live: &Path) -> PathBuf {
    let mut name = live.file_name().unwrap_or_default().to_owned();
    name.push("-trial");
    live.with_file_name(name)
}

/// One step done, in both languages.
fn step(out: &mut Out, key: &str, zh: &str, en: &str, detail: &str) {
    out.answer(&json!({ "step": key, "zh": zh, "en": en, "detail": detail }), |_| {
        let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
        format!("✓ {zh}（{en}）{detail}")
    });
}

fn unexpected(step: &str, what: impl std::fmt::Display) -> Failure {
    Failure::other(format!("{step} ended otherwise than it should: {what}"))
}

async fn call<A: DeserializeOwned>(door: &Door, name: &str, request: &impl Serialize) -> Result<A, Failure> {
    let request = serde_json::to_value(request).map_err(|e| Failure::other(e.to_string()))?;
    let answer = door.call(name, request).await?;
    serde_json::from_value(answer).map_err(|e| unexpected(name, e))
}

async fn whole_job(
    desk: &Desk,
    practice: &Serving,
    trial: &Trial,
    folder: &Path,
    out: &mut Out,
) -> Result<(), Failure> {
    let door = desk.door(Place::Terminal, "trial");
    let offered = Practice {
        app_key: PRACTICE_APP_KEY.into(),
        app_secret: Secret::new(PRACTICE_APP_SECRET),
        printer: practice.printer.address(),
        component: practice.component.address(),
        sms: (practice.market.sms_address(), Secret::new(PRACTICE_SMS_KEY)),
    };
    prepare(&door, &offered).await?;
    step(out, "ready", "店主已登录，应用和打印机已设好", "owner signed in, app and printer set up", desk::trial::OWNER);

    let grant = authorize(&door, out).await?;
    let courier = settle(&door, &grant, out).await?;
    let parcel = submit(&door, &courier, out).await?;

    let labels = practice.printer.wait_for_labels(1, PATIENCE).await;
    let labels = labels.ok_or_else(|| unexpected("printing", "no label came out of the practice printer"))?;
    let [label] = labels.as_slice() else {
        return Err(unexpected("printing", format!("{} labels came out for one order", labels.len())));
    };
    if label.raster.black_dots() == 0 {
        return Err(unexpected("printing", "the label is blank"));
    }
    let file = trial.png.clone().unwrap_or_else(|| folder.join("label.png"));
    files::write(&file, &::label::preview_png(&label.raster))?;
    let size = format!("{} ({}×{} dots)", file.display(), label.raster.width(), label.raster.height());
    step(out, "label", "面单已从练习打印机出纸", "the label came out of the practice printer", &size);
    out.say(&format!("\n{}  {}\n{}", parcel.row.number, parcel.row.courier_name, file.display()));
    Ok(())
}

/// From the link to the person's yes.
async fn authorize(door: &Door, out: &mut Out) -> Result<String, Failure> {
    let start = StartAttempt { platform: "taobao".into(), way: "link".into(), renew: String::new() };
    let attempt: AttemptView = call(door, "accounts.start", &start).await?;
    let by_id = ById { id: attempt.id.clone() };
    let AttemptLink { link } = call(door, "accounts.link", &by_id).await?;
    step(out, "link", "授权链接已生成", "authorization link made", link.split('?').next().unwrap_or_default());

    let held = match walk::authorize(&link, PRACTICE_SHOPS[0], PRACTICE_PASSWORD).await {
        Ok(()) => held(door, &by_id).await,
        Err(why) => Err(unexpected("the authorization", why)),
    };
    let held = match held {
        Ok(held) => held,
        Err(e) => {
            // Whatever went wrong, no open door stays behind.
            let _ = call::<AttemptView>(door, "accounts.cancel", &by_id).await;
            return Err(e);
        }
    };
    let shop = format!("{} ({})", held.shop_name, held.shop_id);
    step(out, "held", "店主已登录并授权，平台报回店铺", "owner consented, the platform named the shop", &shop);
    if held.shop_name != PRACTICE_SHOPS[0] {
        return Err(unexpected("the authorization", format!("the shop is {shop}")));
    }
    let confirm = ConfirmShop { id: attempt.id, right_shop: true };
    let active: AttemptView = call(door, "accounts.confirm", &confirm).await?;
    if active.state != "active" {
        return Err(unexpected("the confirmation", active.state));
    }
    step(out, "active", "店铺已确认，授权生效", "shop confirmed, the grant works", &held.shop_name);
    Ok(active.grant)
}

async fn held(door: &Door, by_id: &ById) -> Result<AttemptView, Failure> {
    let started = Instant::now();
    loop {
        let view: AttemptView = call(door, "accounts.attempt", by_id).await?;
        match view.state.as_str() {
            "held" => return Ok(view),
            "open" | "received" | "exchanging" if started.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            state => return Err(unexpected("the authorization", format!("{state} {} {}", view.reason, view.hint))),
        }
    }
}

/// A courier with numbers left, its settlement details, and the default.
async fn settle(door: &Door, grant: &str, out: &mut Out) -> Result<CourierView, Failure> {
    let all: Vec<GrantView> = call(door, "accounts.list", &Nothing {}).await?;
    let grant = all.into_iter().find(|g| g.id == grant).ok_or_else(|| unexpected("the grant", "it is not listed"))?;
    let names: Vec<String> = grant
        .couriers
        .iter()
        .map(|c| format!("{} {}", c.name, c.balance.map_or("月结".to_owned(), |n| n.to_string())))
        .collect();
    step(out, "couriers", "快递和余额已读取", "couriers and balances read", &names.join("，"));
    let courier = grant.couriers.into_iter().find(|c| c.usable && c.balance.is_some_and(|n| n > 0));
    let courier = courier.ok_or_else(|| unexpected("the couriers", "none has numbers left"))?;

    let mut details: CourierDetails = call(door, "accounts.details", &ById { id: courier.id.clone() }).await?;
    for number in 1..=3 {
        details = CourierDetails {
            step: number,
            sender_name: "青禾仓库".into(),
            sender_phone: "13800001750".into(),
            sender_address: 0,
            payer: "青禾生活馆（练习）".into(),
            payer_contact: "周小禾".into(),
            payer_phone: "13800001751".into(),
            done: number == 3,
            ..details
        };
        details = call(door, "accounts.save_details", &details).await?;
    }
    if !details.done {
        return Err(unexpected("the settlement details", "they are not complete after the last step"));
    }
    step(out, "details", "结算信息三步已填", "settlement details filled in three steps", &details.payer);
    let courier: CourierView = call(door, "accounts.set_default", &ById { id: courier.id }).await?;
    if !courier.default {
        return Err(unexpected("the default", "the courier is not the default"));
    }
    let named = format!("{} {}", courier.name, courier.branch_name);
    step(out, "default", "已设为默认快递", "set as the default courier", &named);
    Ok(courier)
}

async fn submit(door: &Door, courier: &CourierView, out: &mut Out) -> Result<ParcelView, Failure> {
    let address = |p: &str, c: &str, d: &str, t: &str, detail: &str| WireAddress {
        province: p.into(),
        city: c.into(),
        district: d.into(),
        town: t.into(),
        detail: detail.into(),
    };
    let order = SubmitOrder {
        submit_key: crate::order::fresh_key(),
        // Empty: the one remembered in the courier's settlement details.
        sender: WireContact { name: String::new(), phone: String::new(), address: address("", "", "", "", "") },
        recipient: WireContact {
            name: "林晓雨".into(),
            phone: "13700138421".into(),
            address: address("江苏省", "苏州市", "姑苏区", "平江街道", "观前街88号3栋502室"),
        },
        goods: vec![WireGoods { name: "棉麻衬衫".into(), count: 1 }, WireGoods { name: "收纳盒".into(), count: 2 }],
        remark: "请放门卫".into(),
        weight_g: Some(850),
        courier: courier.id.clone(),
        printer: String::new(),
        template: String::new(),
    };
    let parcel: ParcelView = call(door, "orders.submit", &order).await?;
    let row = &parcel.row;
    if row.waybill_state != "issued" || !matches!(row.print_state.as_str(), "sent" | "confirmed") {
        let why = parcel.waybills.last().map(|w| format!("{} {}", w.reason, w.hint)).unwrap_or_default();
        let how = format!("number {}, label {} {why}", row.waybill_state, row.print_state);
        return Err(unexpected("the order", how));
    }
    step(out, "issued", "订单已提交，取到单号", "order submitted, number taken", &row.number);
    let evidence = format!("{} ({})", row.print_state, row.evidence);
    step(out, "sent", "面单已送到打印机", "label handed to the printer", &evidence);
    Ok(parcel)
}
