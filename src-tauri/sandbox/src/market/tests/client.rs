//! A small client: signs calls, walks through the pages, and builds e-waybill requests.

use crate::market::shops::{PRACTICE_APP_KEY, PRACTICE_APP_SECRET, SHOPS};
use crate::market::taobao::sign;
use crate::market::{Market, MarketSettings};
use domain::clock::{Clock, Millis, VirtualClock};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Once};
use std::time::Duration;

/// 2026-11-21 17:50:00 in Beijing.
pub(super) const START: Millis = Millis(1_795_254_600_000);
pub(super) const CALLBACK: &str = "http://127.0.0.1:5123/callback/taobao";

/// A market, its clock, and a client.
pub(super) struct Bench {
    pub(super) market: Market,
    pub(super) clock: Arc<VirtualClock>,
    pub(super) http: reqwest::Client,
}

impl Bench {
    pub(super) async fn new() -> Self {
        Self::with(7, None).await
    }
    pub(super) async fn with(seed: u64, folder: Option<PathBuf>) -> Self {
        static RING: Once = Once::new();
        RING.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let clock = Arc::new(VirtualClock::at(START));
        let market = Market::start(MarketSettings { port: 0, seed, folder, clock: clock.clone() }).await.unwrap();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        Self { market, clock, http }
    }

    pub(super) fn url(&self, path: &str) -> String {
        self.market.base().join(path).unwrap().to_string()
    }

    /// Login and consent on the pages; gives the address the browser is sent to.
    pub(super) async fn walk(&self, authorize: &str, account: &str, answer: &str) -> String {
        let page = self.http.get(authorize).send().await.unwrap();
        assert_eq!(page.status(), 200, "the login page comes");
        let page = page.text().await.unwrap();
        assert!(page.contains("id=\"practice-login\"") && !page.contains("<script"), "a login page without scripts");
        let visit = hidden_visit(&page);
        let action = form_action(&page);
        let page = self.http.post(self.url(&action)).form(&[
            ("visit", &*visit),
            ("account", account),
            ("password", "practice"),
        ]);
        let page = page.send().await.unwrap().text().await.unwrap();
        assert!(
            page.contains("id=\"practice-consent\"") && !page.contains("<script"),
            "the consent page follows: {page}"
        );
        let gone = self.http.post(self.url(&form_action(&page))).form(&[("visit", &*visit), ("answer", answer)]);
        let gone = gone.send().await.unwrap();
        assert_eq!(gone.status(), 302, "and sends the browser home");
        gone.headers()["location"].to_str().unwrap().to_string()
    }

    pub(super) fn authorize_url(&self, redirect: &str) -> String {
        let q = [
            ("response_type", "code"),
            ("client_id", PRACTICE_APP_KEY),
            ("redirect_uri", redirect),
            ("state", "s t&1"),
            ("view", "web"),
        ];
        url::Url::parse_with_params(&self.url("taobao/authorize"), q).unwrap().to_string()
    }

    pub(super) async fn code(&self, account: &str) -> String {
        let home = self.walk(&self.authorize_url(CALLBACK), account, "grant").await;
        param(&home, "code").expect("a code comes home")
    }

    pub(super) async fn exchange(&self, code: &str) -> (u16, Value) {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", PRACTICE_APP_KEY),
            ("client_secret", PRACTICE_APP_SECRET),
            ("redirect_uri", CALLBACK),
        ];
        self.post("taobao/token", &form).await
    }

    pub(super) async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let r = self.http.post(self.url(path)).form(form).send().await.unwrap();
        let status = r.status().as_u16();
        (status, r.json().await.unwrap_or(Value::Null))
    }

    /// A session key for an account.
    pub(super) async fn session(&self, account: &str) -> String {
        let code = self.code(account).await;
        let (status, body) = self.exchange(&code).await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().unwrap().to_string()
    }

    /// Public parameters of a call at the market's time.
    pub(super) fn params(&self, method: &str, session: Option<&str>, own: &[(&str, &str)]) -> BTreeMap<String, String> {
        let ts = jiff::Timestamp::from_millisecond(self.clock.wall().0).unwrap();
        let ts = jiff::tz::offset(8).to_datetime(ts).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let mut p: BTreeMap<String, String> = [
            ("method", method),
            ("app_key", PRACTICE_APP_KEY),
            ("timestamp", &ts),
            ("v", "2.0"),
            ("sign_method", "md5"),
            ("format", "json"),
        ]
        .into_iter()
        .chain(own.iter().copied())
        .map(|(k, v)| (k.to_string(), v.to_string()))
        .collect();
        if let Some(s) = session {
            p.insert("session".into(), s.into());
        }
        p
    }

    pub(super) fn signed(mut p: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let method = sign::Method::named(&p["sign_method"]).unwrap();
        let sign = sign::expected(method, PRACTICE_APP_SECRET.as_bytes(), &p);
        p.insert("sign".into(), sign);
        p
    }

    pub(super) async fn send(&self, p: &BTreeMap<String, String>) -> Result<reqwest::Response, reqwest::Error> {
        self.http.post(self.url("taobao/router/rest")).form(p).send().await
    }

    /// A signed call; the inner answer, or the error code with `sub_code` and `sub_msg`.
    pub(super) async fn call(
        &self,
        method: &str,
        session: &str,
        own: &[(&str, &str)],
    ) -> Result<Value, (u64, String, String)> {
        let r = self.send(&Self::signed(self.params(method, Some(session), own))).await.unwrap();
        assert_eq!(r.status(), 200, "the gateway answers 200, errors too");
        let v: Value = r.json().await.unwrap();
        unwrapped(method, &v)
    }

    pub(super) async fn get(&self, session: &str, request: &Value) -> Result<Value, (u64, String, String)> {
        let text = request.to_string();
        let own = [("param_waybill_cloud_print_apply_new_request", text.as_str())];
        self.call("cainiao.waybill.ii.get", session, &own).await
    }

    /// The number of a request with one line.
    pub(super) async fn number(&self, session: &str, request: &Value) -> String {
        let v = self.get(session, request).await.unwrap();
        v["modules"]["waybill_cloud_print_response"][0]["waybill_code"].as_str().unwrap().to_string()
    }

    pub(super) async fn cancel(
        &self,
        session: &str,
        cp_code: &str,
        number: &str,
    ) -> Result<Value, (u64, String, String)> {
        self.call("cainiao.waybill.ii.cancel", session, &[("cp_code", cp_code), ("waybill_code", number)]).await
    }

    pub(super) async fn by_order(&self, session: &str, order: &str) -> Value {
        let list = json!([{"biz_sub_code": order, "object_id": "q"}]).to_string();
        let v = self.call("cainiao.waybill.ii.query.by.tradecode", session, &[("param_list", &list)]).await.unwrap();
        v["modules"]["waybill_cloud_print_with_result_desc_response"].clone()
    }

    pub(super) async fn by_number(&self, session: &str, cp_code: &str, number: &str) -> Value {
        let list = json!([{"cp_code": cp_code, "waybill_code": number, "object_id": "q"}]).to_string();
        let v = self.call("cainiao.waybill.ii.query.by.waybillcode", session, &[("param_list", &list)]).await.unwrap();
        v["modules"]["waybill_cloud_print_with_result_desc_response"][0].clone()
    }

    pub(super) async fn control(&self, path: &str, body: &Value) -> (u16, Value) {
        let r = self.http.post(self.url(&format!("control/{path}"))).header("X-Practice-Control", "1").json(body);
        let r = r.send().await.unwrap();
        (r.status().as_u16(), r.json().await.unwrap_or(Value::Null))
    }
}

pub(super) fn unwrapped(method: &str, v: &Value) -> Result<Value, (u64, String, String)> {
    if let Some(e) = v.get("error_response") {
        assert!(e["request_id"].is_string(), "errors carry a request id");
        let text = |k: &str| e[k].as_str().unwrap_or("").to_string();
        return Err((e["code"].as_u64().unwrap(), text("sub_code"), text("sub_msg")));
    }
    let name = method.strip_prefix("taobao.").unwrap_or(method).replace('.', "_") + "_response";
    Ok(v.get(&name).unwrap_or_else(|| panic!("{name} in {v}")).clone())
}

/// One ZTO number for 青禾生活馆.
pub(super) fn zto(order: &str, package: &str) -> Value {
    apply("ZTO", "http://cloudprint.cainiao.com/template/standard/306/1", &[(order, package)])
}

pub(super) fn apply(cp_code: &str, template: &str, parcels: &[(&str, &str)]) -> Value {
    let lines: Vec<Value> = parcels
        .iter()
        .enumerate()
        .map(|(i, (order, package))| {
            json!({
                "object_id": format!("{}", i + 1),
                "template_url": template,
                "user_id": SHOPS[0].id.parse::<u64>().unwrap(),
                "order_info": {"order_channels_type": "OTHERS", "trade_order_list": [order]},
                "package_info": {"id": package, "items": [{"name": "龙井茶", "count": 2}], "weight": 500},
                "recipient": {
                    "name": "李四", "mobile": "13900001111",
                    "address": {"province": "四川省", "city": "成都市", "district": "武侯区", "town": "", "detail": "人民南路四段1号"},
                },
            })
        })
        .collect();
    json!({
        "cp_code": cp_code,
        "need_encrypt": false,
        "sender": {
            "name": "青禾", "mobile": "13800002222",
            "address": {"province": "浙江省", "city": "杭州市", "district": "余杭区", "town": "仓前街道", "detail": "文一西路1818号3幢1层"},
        },
        "trade_order_info_dtos": lines,
    })
}

pub(super) fn param(url: &str, name: &str) -> Option<String> {
    url::Url::parse(url).unwrap().query_pairs().find(|(k, _)| k == name).map(|(_, v)| v.to_string())
}

fn hidden_visit(page: &str) -> String {
    let at = page.find("name=\"visit\" value=\"").expect("the visit field") + 20;
    page[at..].split('"').next().unwrap().to_string()
}

fn form_action(page: &str) -> String {
    let at = page.find("action=\"/").expect("the form") + 9;
    page[at..].split('"').next().unwrap().to_string()
}
