//! A desk in a folder of its own, a practice market and printer, and a browser that fills in the market's forms.

use desk::api::*;
use desk::{ApiError, Desk, Door, Host, Place, Setup};
use domain::chance::{Chance, OsChance};
use domain::clock::{Clock, Millis, VirtualClock};
use domain::secret::Secret;
use domain::units::Dpi;
use sandbox::{
    Answers, Market, MarketSettings, PRACTICE_APP_KEY, PRACTICE_APP_SECRET, PRACTICE_PASSWORD, PracticePrinter,
    PracticePrinterSettings,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use url::Url;

pub const OWNER: &str = "王店主";
pub const OWNER_PASSWORD: &str = "ginkgo-river-lamp-7";
pub const SHOP: &str = "青禾生活馆";
pub const ANY_LOOPBACK: &str = "http://127.0.0.1/callback/taobao";

/// What the desk asked its face for.
#[derive(Default)]
pub struct Face {
    pub opened: Mutex<Vec<Url>>,
    pub copied: Mutex<Vec<String>>,
}

impl Host for Face {
    fn open_browser(&self, url: &Url) -> Result<(), String> {
        self.opened.lock().unwrap().push(url.clone());
        Ok(())
    }
    fn copy_text(&self, text: &str) -> Result<(), String> {
        self.copied.lock().unwrap().push(text.to_owned());
        Ok(())
    }
    fn has_link_scheme(&self) -> bool {
        true
    }
}

pub struct World {
    pub desk: Desk,
    pub owner: Door,
    pub market: Market,
    pub printer: PracticePrinter,
    pub clock: Arc<VirtualClock>,
    pub face: Arc<Face>,
    pub dir: tempfile::TempDir,
}

/// A folder in memory where there is one: these tests commit some ten thousand times.
pub fn temp() -> tempfile::TempDir {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() { tempfile::tempdir_in(shm).unwrap() } else { tempfile::tempdir().unwrap() }
}

pub fn setup(folder: &Path, market: &Url, clock: Arc<dyn Clock>, face: Arc<dyn Host>) -> Setup {
    Setup {
        os_key_store: false,
        passphrase: Some(Secret::new("a passphrase for tests")),
        passphrase_cost: Some(desk::vault::PassphraseCost { memory_kib: 8, passes: 1 }),
        clock,
        host: face,
        worker: false,
        ..Setup::trial(folder.to_owned(), market)
    }
}

impl World {
    /// An empty desk with an owner at its door.
    pub async fn empty() -> Self {
        let dir = temp();
        let clock = Arc::new(VirtualClock::at(Millis(1_795_000_000_000)));
        let market =
            Market::start(MarketSettings { port: 0, seed: 7, folder: None, clock: clock.clone() }).await.unwrap();
        let printer = PracticePrinter::start(PracticePrinterSettings {
            port: 0,
            folder: None,
            dpi: Dpi::D203,
            answers: Answers::All,
        })
        .await
        .unwrap();
        let face = Arc::new(Face::default());
        let desk =
            Desk::open(setup(&dir.path().join("desk"), &market.base(), clock.clone(), face.clone())).await.unwrap();
        let owner = desk.door(Place::Terminal, "test");
        let _: Me = call(&owner, "setup.owner", SetupOwner { name: OWNER.into(), password: OWNER_PASSWORD.into() })
            .await
            .unwrap();
        let proof = ProveFirstUse { way: "owner".into(), proof: OWNER_PASSWORD.into() };
        let _: FirstUse = call(&owner, "people.prove", proof).await.unwrap();
        Self { desk, owner, market, printer, clock, face, dir }
    }

    /// With the practice app entered.
    pub async fn with_app(callback: &str) -> Self {
        let w = Self::empty().await;
        w.set_app(callback).await;
        w
    }

    /// Ready to print: grant, default courier with details, printer.
    pub async fn ready() -> Self {
        let w = Self::with_app(ANY_LOOPBACK).await;
        let grant = w.grant(SHOP).await;
        w.make_default(&grant, "ZTO").await;
        w.add_printer(&w.printer.address()).await;
        w
    }

    pub async fn set_app(&self, callback: &str) {
        let app = SetApp {
            platform: "taobao".into(),
            key: PRACTICE_APP_KEY.into(),
            secret: PRACTICE_APP_SECRET.into(),
            callback: callback.into(),
        };
        let _: PlatformView = call(&self.owner, "accounts.set_app", app).await.unwrap();
    }

    pub async fn start(&self, platform: &str) -> AttemptView {
        let start = StartAttempt { platform: platform.into(), way: "link".into(), renew: String::new() };
        call(&self.owner, "accounts.start", start).await.unwrap()
    }

    pub async fn link(&self, attempt: &AttemptView) -> Url {
        let link: AttemptLink = call(&self.owner, "accounts.link", ById { id: attempt.id.clone() }).await.unwrap();
        link.link.parse().unwrap()
    }

    pub async fn attempt(&self, id: &str) -> AttemptView {
        call(&self.owner, "accounts.attempt", ById { id: id.into() }).await.unwrap()
    }

    /// Waits until the attempt is in one of these states.
    pub async fn attempt_in(&self, id: &str, states: &[&str]) -> AttemptView {
        for _ in 0..2_000 {
            let a = self.attempt(id).await;
            if states.contains(&a.state.as_str()) {
                return a;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("attempt {id} is {:?}, not one of {states:?}", self.attempt(id).await);
    }

    /// The whole way by loopback, up to an active grant.
    pub async fn grant(&self, login: &str) -> GrantView {
        let attempt = self.start("taobao").await;
        let home = browse(&self.link(&attempt).await, login, "grant").await;
        let page = http().get(home).send().await.unwrap();
        assert_eq!(page.status(), 200, "the loopback door takes its own answer");
        self.attempt_in(&attempt.id, &["held"]).await;
        let confirm = ConfirmShop { id: attempt.id.clone(), right_shop: true };
        let active: AttemptView = call(&self.owner, "accounts.confirm", confirm).await.unwrap();
        assert_eq!(active.state, "active", "confirmed");
        let grants: Vec<GrantView> = call(&self.owner, "accounts.list", Nothing {}).await.unwrap();
        grants.into_iter().find(|g| g.id == active.grant).unwrap()
    }

    pub async fn make_default(&self, grant: &GrantView, code: &str) -> CourierView {
        let courier = grant.couriers.iter().find(|c| c.code == code).unwrap();
        self.fill_details(courier).await;
        call(&self.owner, "accounts.set_default", ById { id: courier.id.clone() }).await.unwrap()
    }

    pub async fn fill_details(&self, courier: &CourierView) {
        for step in 1..=3 {
            let _: CourierDetails = call(
                &self.owner,
                "accounts.save_details",
                CourierDetails {
                    courier: courier.id.clone(),
                    step,
                    sender_name: "青禾仓库".into(),
                    sender_phone: "0571-88123456".into(),
                    sender_address: 0,
                    payer: "青禾生活馆".into(),
                    payer_contact: "王会计".into(),
                    payer_phone: "13900001111".into(),
                    customer_code: courier.customer_codes.first().cloned().unwrap_or_default(),
                    done: step == 3,
                },
            )
            .await
            .unwrap();
        }
    }

    pub async fn add_printer(&self, address: &str) -> PrinterView {
        call(&self.owner, "printers.save", printer(address)).await.unwrap()
    }

    /// Numbers enough for long batches; a shop starts with a few hundred.
    pub async fn recharge(&self) {
        for b in self.market.ledger().balances.iter().filter(|b| b.cp_code == "ZTO") {
            let body = serde_json::json!({ "shop_id": b.shop_id, "cp_code": b.cp_code, "quantity": 100_000 });
            let url = self.market.base().join("control/balance").unwrap();
            let sent = http().post(url).header("X-Practice-Control", "1").json(&body).send().await.unwrap();
            assert!(sent.status().is_success());
        }
    }

    pub async fn submit(&self, order: SubmitOrder) -> Result<ParcelView, ApiError> {
        call(&self.owner, "orders.submit", order).await
    }

    pub async fn show(&self, id: &str) -> ParcelView {
        call(&self.owner, "orders.show", ById { id: id.into() }).await.unwrap()
    }

    /// The whole action log, newest first.
    pub async fn log(&self) -> Vec<LogRow> {
        let (mut rows, mut before) = (Vec::new(), None);
        loop {
            let page: LogPage = call(&self.owner, "log.list", list_log(before, 200)).await.unwrap();
            rows.extend(page.rows);
            before = page.next;
            if before.is_none() {
                return rows;
            }
        }
    }
}

pub fn printer(address: &str) -> SavePrinter {
    SavePrinter {
        id: String::new(),
        name: "练习打印机".into(),
        address: address.into(),
        language: "tspl".into(),
        dpi: 203,
        width_mm: 100.0,
        height_mm: 180.0,
        gap_mm: 2.0,
        media_kind: "gap".into(),
        offset_x: 0,
        offset_y: 0,
        family: String::new(),
        speed: 4,
        darkness: 8,
        default: true,
    }
}

pub fn no_address() -> WireAddress {
    WireAddress {
        province: String::new(),
        city: String::new(),
        district: String::new(),
        town: String::new(),
        detail: String::new(),
    }
}

pub const RECIPIENT: &str = "林悠然";
pub const RECIPIENT_PHONE: &str = "13812345678";

pub fn order() -> SubmitOrder {
    SubmitOrder {
        submit_key: OsChance.hex(16),
        sender: WireContact { name: String::new(), phone: String::new(), address: no_address() },
        recipient: WireContact {
            name: RECIPIENT.into(),
            phone: RECIPIENT_PHONE.into(),
            address: WireAddress {
                province: "四川省".into(),
                city: "成都市".into(),
                district: "武侯区".into(),
                town: "".into(),
                detail: "科华北路65号世外桃源广场3幢2单元1801室".into(),
            },
        },
        goods: vec![WireGoods { name: "青瓷茶具".into(), count: 1 }],
        remark: "易碎".into(),
        weight_g: Some(850),
        courier: String::new(),
        printer: String::new(),
        template: String::new(),
    }
}

/// One command of the table, with typed request and answer.
pub async fn call<Q: Serialize, A: DeserializeOwned>(door: &Door, name: &str, request: Q) -> Result<A, ApiError> {
    let answer = door.call(name, serde_json::to_value(request).unwrap()).await?;
    Ok(serde_json::from_value(answer).expect("the answer has the type of the table"))
}

/// One command, raw.
pub async fn raw(door: &Door, name: &str, request: Value) -> Result<Value, ApiError> {
    door.call(name, request).await
}

pub fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tls_certs_only([])
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

/// What a person does at the market's pages: sign in, answer (`grant` or `refuse`), and be sent home.
pub async fn browse(link: &Url, login: &str, answer: &str) -> String {
    let browser = http();
    let page = browser.get(link.clone()).send().await.unwrap().text().await.unwrap();
    let visit = page
        .split_once("name=\"visit\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(word, _)| word.to_owned())
        .unwrap_or_else(|| panic!("no login form on {page}"));
    let base = link.as_str().split_once('?').unwrap().0.to_owned();
    let login = [("visit", visit.as_str()), ("account", login), ("password", PRACTICE_PASSWORD)];
    browser.post(format!("{base}/login")).form(&login).send().await.unwrap();
    let pressed = [("visit", visit.as_str()), ("answer", answer)];
    let home = browser.post(format!("{base}/consent")).form(&pressed).send().await.unwrap();
    home.headers()["location"].to_str().unwrap().to_owned()
}

/// Somebody new with a post.
pub fn add_person(name: &str, post: &str, password: &str) -> AddPerson {
    AddPerson {
        name: name.into(),
        real_name: "李小明".into(),
        phone: "13800000000".into(),
        post: post.into(),
        extra: Vec::new(),
        password: password.into(),
        again: password.into(),
    }
}

/// A page of the whole log.
pub fn list_log(before: Option<i64>, limit: u32) -> ListLog {
    ListLog { before, limit, person: String::new(), object: String::new(), action: String::new(), from: None, to: None }
}

/// The owner stands beside somebody new and says who it is.
pub fn vouch(id: &str) -> Vouch {
    Vouch { id: id.into(), id_number: String::new() }
}
