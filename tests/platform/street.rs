//! A practice market, the connectors on it, and a browser that fills in its forms.

use domain::chance::{Chance, OsChance};
use domain::clock::{Clock, Millis, VirtualClock};
use domain::connector::{AppKey, AuthorizeRequest, Connector, ExchangeRequest, IssueRequest, Tokens, WaybillService};
use domain::contact::{Address, Contact, Goods};
use domain::ids::CourierCode;
use domain::secret::Secret;
use platform::{Endpoints, Limits, connectors_within};
use sandbox::{Market, MarketSettings, PRACTICE_APP_KEY, PRACTICE_APP_SECRET, PRACTICE_PASSWORD};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

pub const SHOP: &str = "青禾生活馆";
pub const SHOP_ID: &str = "2206540012345";
pub const TEA_SHOP: &str = "青禾茶器";
pub const TEA_SHOP_ID: &str = "2206540067890";

pub struct Street {
    pub market: Market,
    pub clock: Arc<VirtualClock>,
    pub taobao: Arc<dyn Connector>,
    pub standard: Arc<dyn Connector>,
}

impl Street {
    pub async fn open() -> Self {
        let clock = Arc::new(VirtualClock::at(Millis(1_790_000_000_000)));
        let settings = MarketSettings { port: 0, seed: 7, folder: None, clock: clock.clone() };
        let market = Market::start(settings).await.expect("a free port on loopback");
        let [taobao, standard] = connect(&market, clock.clone(), Limits::default());
        Self { market, clock, taobao, standard }
    }

    /// The same market seen by a desk with less patience.
    pub fn in_a_hurry(&self) -> Arc<dyn Connector> {
        let limits = Limits { total: Duration::from_millis(800), ..Limits::default() };
        let [taobao, _] = connect(&self.market, self.clock.clone(), limits);
        taobao
    }

    /// A Taobao grant of this shop, by way of login and consent.
    pub async fn grant(&self, login: &str) -> Tokens {
        let (code, _) = self.code(&*self.taobao, &app(), login, None).await;
        let req = ExchangeRequest {
            app: &app(),
            redirect: &redirect(&*self.taobao),
            code: &Secret::new(code),
            verifier: None,
        };
        self.taobao.exchange(&req).await.expect("a fresh code is good")
    }

    /// A code, and all parameters it came with.
    pub async fn code(
        &self,
        connector: &dyn Connector,
        app: &AppKey,
        login: &str,
        verifier: Option<&Secret>,
    ) -> (String, HashMap<String, String>) {
        let params = browse(connector, app, login, verifier, "grant").await;
        (params["code"].clone(), params)
    }
}

pub fn connect(market: &Market, clock: Arc<dyn Clock>, limits: Limits) -> [Arc<dyn Connector>; 2] {
    let all = connectors_within(&Endpoints::practice(&market.base()), clock, limits).expect("loopback is allowed");
    all.try_into().unwrap_or_else(|_| panic!("practice has two connectors"))
}

pub fn app() -> AppKey {
    AppKey { key: PRACTICE_APP_KEY.into(), secret: Secret::new(PRACTICE_APP_SECRET) }
}

/// The public client: the connector knows its id.
pub fn no_app() -> AppKey {
    AppKey { key: String::new(), secret: Secret::default() }
}

pub fn redirect(connector: &dyn Connector) -> String {
    format!("http://127.0.0.1:4711/callback/{}", connector.profile().id)
}

/// What a person's browser does: opens the address, signs in, answers, and ends on the callback address.
pub async fn browse(
    connector: &dyn Connector,
    app: &AppKey,
    login: &str,
    verifier: Option<&Secret>,
    answer: &str,
) -> HashMap<String, String> {
    let state = Secret::new(OsChance.hex(32));
    let redirect = redirect(connector);
    let req = AuthorizeRequest { app, redirect: &redirect, state: &state, verifier };
    let url = connector.authorize_url(&req).expect("the request is whole");
    assert_eq!(connector.browser_hosts(), [url.host_str().unwrap()], "the browser may go there");

    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap();
    let page = browser.get(url.clone()).send().await.unwrap().text().await.unwrap();
    let visit = page
        .split_once("name=\"visit\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(word, _)| word.to_owned())
        .unwrap_or_else(|| panic!("no login form on {page}"));
    let form = |path: &str| format!("{}{path}", url.as_str().split_once('?').unwrap().0);
    let login = [("visit", visit.as_str()), ("account", login), ("password", PRACTICE_PASSWORD)];
    let consent = browser.post(form("/login")).form(&login).send().await.unwrap().text().await.unwrap();
    assert!(consent.contains("practice-consent"), "logged in: {consent}");
    let pressed = [("visit", visit.as_str()), ("answer", answer)];
    let sent_home = browser.post(form("/consent")).form(&pressed).send().await.unwrap();
    let home = Url::parse(sent_home.headers()["location"].to_str().unwrap()).unwrap();
    assert!(home.as_str().starts_with(&redirect), "the browser comes home: {home}");
    let params: HashMap<_, _> = home.query_pairs().into_owned().collect();
    assert_eq!(params["state"], state.reveal(), "the state comes back as it went");
    params
}

pub fn waybills(connector: &Arc<dyn Connector>) -> &dyn WaybillService {
    connector.waybills().expect("taobao has e-waybills")
}

/// A typed order from the shop's own address to Chengdu, first attempt.
pub fn parcel(n: u32, courier: &str) -> IssueRequest {
    IssueRequest {
        object_id: format!("obj-{n}"),
        courier: CourierCode(courier.into()),
        customer_code: None,
        trade_orders: vec![format!("parcel-{n}")],
        package_id: format!("parcel-{n}-1"),
        channel: "OTHERS".into(),
        user_id: SHOP_ID.into(),
        sender: Contact {
            name: "青禾仓库".into(),
            phone: "0571-88123456".into(),
            address: Address {
                province: "浙江省".into(),
                city: "杭州市".into(),
                district: "余杭区".into(),
                town: "仓前街道".into(),
                detail: "文一西路1818号3幢1层".into(),
            },
        },
        recipient: Contact {
            name: "张样张".into(),
            phone: "13800000000".into(),
            address: Address {
                province: "四川省".into(),
                city: "成都市".into(),
                district: "武侯区".into(),
                town: String::new(),
                detail: "样张路 2 号".into(),
            },
        },
        goods: vec![Goods { name: "茶".into(), count: 2 }],
        weight_g: Some(500),
    }
}
