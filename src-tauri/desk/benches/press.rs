//! From the press to the first byte at the printer, on the practice market, with the journal on a real disk (FULL):
//! ≤ 300 ms p95 is promised. Prints p50, p95 and the worst of 200 presses.

use desk::api::{
    AttemptLink, AttemptView, ById, ConfirmShop, CourierDetails, CourierView, GrantView, Nothing, ParcelView,
    StartAttempt,
};
use desk::{Desk, Door, Place, Setup, trial};
use domain::chance::{Chance, OsChance};
use domain::secret::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{Read, Write};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use url::Url;

const PRESSES: usize = 200;

fn main() {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(run());
}

async fn run() {
    let dir = tempfile::tempdir().expect("a folder");
    let serving = sandbox::serve(0, 7, None).await.expect("the practice market starts");
    let (first_byte, printer) = clock_printer();
    let setup = Setup { os_key_store: false, ..Setup::trial(dir.path().join("desk"), &serving.market.base()) };
    let desk = Desk::open(setup).await.expect("the desk opens");
    let door = desk.door(Place::Terminal, "bench");
    let practice = trial::Practice {
        app_key: sandbox::PRACTICE_APP_KEY.into(),
        app_secret: Secret::new(sandbox::PRACTICE_APP_SECRET),
        printer,
        component: serving.component.address(),
    };
    trial::prepare(&door, &practice).await.expect("the trial is made ready");
    ready(&door).await;

    let mut took: Vec<Duration> = Vec::with_capacity(PRESSES);
    for n in 0..PRESSES + 5 {
        let order = serde_json::json!({
            "submit_key": OsChance.hex(16),
            "sender": {"name": "", "phone": "", "address": {"province": "", "city": "", "district": "", "town": "", "detail": ""}},
            "recipient": {"name": "林悠然", "phone": "13812345678", "address": {"province": "四川省", "city": "成都市",
                "district": "武侯区", "town": "", "detail": "科华北路65号世外桃源广场3幢2单元1801室"}},
            "goods": [{"name": "青瓷茶具", "count": 1}], "remark": "易碎", "weight_g": 850,
            "courier": "", "printer": "", "template": ""
        });
        let press = Instant::now();
        let parcel: ParcelView = call(&door, "orders.submit", order).await;
        assert_eq!(parcel.row.waybill_state, "issued", "press {n}: {:?}", parcel.row);
        let at = first_byte.recv_timeout(Duration::from_secs(5)).expect("a first byte came");
        if n >= 5 {
            took.push(at.duration_since(press));
        }
    }
    took.sort();
    let at = |p: usize| took[(took.len() * p / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
    println!(
        "press → first byte at the printer: p50 {:.1} ms, p95 {:.1} ms, worst {:.1} ms ({PRESSES} presses; promised ≤ 300 ms p95)",
        at(50),
        at(95),
        at(100)
    );
    desk.close().await;
    serving.stop().await;
}

/// A 9100-style printer that says when the first byte of each job arrived.
fn clock_printer() -> (mpsc::Receiver<Instant>, String) {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("tcp://{}", socket.local_addr().expect("it has an address"));
    let (tell, hear) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in socket.incoming() {
            let Ok(mut stream) = stream else { continue };
            let (mut buf, mut total, mut first) = ([0; 65_536], 0, None);
            while let Ok(n) = stream.read(&mut buf) {
                if n == 0 {
                    break;
                }
                first.get_or_insert_with(Instant::now);
                total += n;
                // A status question, not a job: answered as a ready printer does.
                if total < 64 && buf[..n].windows(3).any(|w| w == b"\x1b!?") {
                    let _ = stream.write_all(&[0]);
                }
            }
            if let Some(at) = first.filter(|_| total > 1_000) {
                let _ = tell.send(at);
            }
        }
    });
    (hear, address)
}

/// Grant, couriers, details, default: the way a person goes, once.
async fn ready(door: &Door) {
    let start = StartAttempt { platform: "taobao".into(), way: "link".into(), renew: String::new() };
    let attempt: AttemptView = call(door, "accounts.start", start).await;
    let link: AttemptLink = call(door, "accounts.link", ById { id: attempt.id.clone() }).await;
    let link: Url = link.link.parse().expect("the link is an address");
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tls_certs_only([])
        .build()
        .expect("a client");
    let page = browser.get(link.clone()).send().await.expect("a page").text().await.expect("a text");
    let visit = page
        .split_once("name=\"visit\" value=\"")
        .and_then(|(_, r)| r.split_once('"'))
        .expect("a login form")
        .0
        .to_owned();
    let base = link.as_str().split_once('?').expect("a query").0.to_owned();
    let login = [("visit", visit.as_str()), ("account", "青禾生活馆"), ("password", sandbox::PRACTICE_PASSWORD)];
    browser.post(format!("{base}/login")).form(&login).send().await.expect("a page");
    let grant = [("visit", visit.as_str()), ("answer", "grant")];
    let home = browser.post(format!("{base}/consent")).form(&grant).send().await.expect("a redirect");
    browser.get(home.headers()["location"].to_str().expect("an address")).send().await.expect("the door answers");
    loop {
        let a: AttemptView = call(door, "accounts.attempt", ById { id: attempt.id.clone() }).await;
        if a.state == "held" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let _: AttemptView = call(door, "accounts.confirm", ConfirmShop { id: attempt.id, right_shop: true }).await;
    let grants: Vec<GrantView> = call(door, "accounts.list", Nothing {}).await;
    let zto = grants[0].couriers.iter().find(|c| c.code == "ZTO").expect("ZTO came with the grant").id.clone();
    for step in 1..=3 {
        let _: CourierDetails = call(
            door,
            "accounts.save_details",
            CourierDetails {
                courier: zto.clone(),
                step,
                sender_name: "青禾仓库".into(),
                sender_phone: "0571-88123456".into(),
                sender_address: 0,
                payer: "青禾生活馆".into(),
                payer_contact: "王会计".into(),
                payer_phone: "13900001111".into(),
                customer_code: String::new(),
                done: step == 3,
            },
        )
        .await;
    }
    let _: CourierView = call(door, "accounts.set_default", ById { id: zto }).await;
}

async fn call<Q: Serialize, A: DeserializeOwned>(door: &Door, name: &str, request: Q) -> A {
    let request = serde_json::to_value(request).expect("requests serialise");
    let answer = door.call(name, request).await.unwrap_or_else(|e| panic!("{name}: {e:?}"));
    serde_json::from_value(answer).expect("the answer has the table's type")
}
