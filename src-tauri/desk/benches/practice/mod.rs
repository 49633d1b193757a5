//! What both benches start from: the practice market with a desk that is ready to print.

use desk::api::{
    AttemptLink, AttemptView, ById, ConfirmShop, CourierDetails, CourierView, GrantView, Nothing, StartAttempt,
};
use desk::{Desk, Door, Place, Setup, trial};
use domain::secret::Secret;
use sandbox::Serving;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::time::Duration;
use url::Url;

/// A desk on a real disk with an owner at its door, on a running market, printing to `printer`.
pub async fn desk(folder: &Path, serving: &Serving, printer: String) -> (Desk, Door) {
    let setup = Setup { os_key_store: false, ..Setup::trial(folder.join("desk"), &serving.market.base()) };
    let desk = Desk::open(setup).await.expect("the desk opens");
    let door = desk.door(Place::Terminal, "bench");
    let practice = trial::Practice {
        app_key: sandbox::PRACTICE_APP_KEY.into(),
        app_secret: Secret::new(sandbox::PRACTICE_APP_SECRET),
        printer,
        component: serving.component.address(),
        sms: (serving.market.sms_address(), Secret::new(sandbox::PRACTICE_SMS_KEY)),
    };
    trial::prepare(&door, &practice).await.expect("the trial is made ready");
    ready(&door).await;
    (desk, door)
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

pub async fn call<Q: Serialize, A: DeserializeOwned>(door: &Door, name: &str, request: Q) -> A {
    let request = serde_json::to_value(request).expect("requests serialise");
    let answer = door.call(name, request).await.unwrap_or_else(|e| panic!("{name}: {e:?}"));
    serde_json::from_value(answer).expect("the answer has the table's type")
}
