//! Who and what the story is about. Ids are words, so that a failing assertion can be read.

use crate::store::{
    Answer, App, Attempt, CustomArea, Details, LabelOf, LogEntry, NewCarrierLabel, NewParcel, NewPrint, NewWaybill,
    Order, Person, PersonCard, Printer,
};
use domain::attempt::AttemptState;
use domain::clock::Millis;
use domain::connector::{CourierOffer, IssueRequest, PrintData, Routing, ShopIdentity, Tokens};
use domain::contact::{Address, Contact, Goods};
use domain::ids::{
    AttemptId, CarrierLabelId, CourierCode, CourierId, GrantId, ParcelId, PersonId, PrintJobId, PrinterId, ShopId,
    WaybillId,
};
use domain::printer::{Language, MediaKind, Offset};
use domain::secret::Secret;
use domain::units::Dpi;
use std::time::Duration;

/// The story's noon.
pub(crate) const NOON: Millis = Millis(1_790_000_000_000);

/// Noon and so many seconds.
pub(crate) fn at(seconds: u64) -> Millis {
    NOON.plus(Duration::from_secs(seconds))
}

macro_rules! ids {
    ($($name:ident: $id:ident),* $(,)?) => {$(
        pub(crate) fn $name(word: &str) -> $id {
            $id::from_stored(word)
        }
    )*};
}

ids! {
    attempt_id: AttemptId, courier_id: CourierId, grant_id: GrantId, job_id: PrintJobId, parcel_id: ParcelId,
    person_id: PersonId, printer_id: PrinterId, waybill_id: WaybillId,
}

pub(crate) fn log(action: &str, object: &str) -> LogEntry {
    LogEntry {
        at: NOON,
        mono: Duration::from_millis(1500),
        person: "owner".to_owned(),
        station: "window".to_owned(),
        action: action.to_owned(),
        object: object.to_owned(),
        detail: "柜台".to_owned(),
    }
}

pub(crate) fn person(id: &str, name: &str, post: &str) -> Person {
    Person {
        id: person_id(id),
        name: name.to_owned(),
        post: post.to_owned(),
        extra: Vec::new(),
        card: PersonCard { real_name: "李小明".to_owned(), phone: "13800000000".to_owned() },
        password_phc: format!("$argon2id${id}"),
        password_at: NOON,
        password_strong: false,
        created_at: NOON,
        last_login_at: None,
        departed_at: None,
        certify_from: NOON,
        certified: None,
        has_totp: false,
        hours: Vec::new(),
        login_method: "password".to_owned(),
        has_pin: false,
        badge: None,
        checked_at: None,
    }
}

pub(crate) fn app(secret: &str) -> App {
    App {
        platform: "taobao".to_owned(),
        key: "12345678".to_owned(),
        secret: Secret::new(secret),
        callback: "https://shop.example/callback".to_owned(),
        entered_by: person_id("owner"),
        entered_at: NOON,
    }
}

pub(crate) fn attempt(id: &str, state: &str, verifier: &str) -> Attempt {
    Attempt {
        id: attempt_id(id),
        platform: "taobao".to_owned(),
        way: "browser".to_owned(),
        state: AttemptState::Open,
        reason: String::new(),
        hint: String::new(),
        secret_state: Secret::new(state),
        verifier: Secret::new(verifier),
        redirect: "http://127.0.0.1:40123/callback/taobao".to_owned(),
        asked_by: person_id("owner"),
        renews: None,
        door: String::new(),
        created_at: NOON,
        expires_at: at(600),
        shop: None,
        grant: None,
    }
}

pub(crate) fn shop() -> ShopIdentity {
    ShopIdentity { id: ShopId("2200".to_owned()), name: "小满文具".to_owned() }
}

pub(crate) fn tokens(access: &str, refresh: &str) -> Tokens {
    Tokens {
        access: Secret::new(access),
        access_expires: Some(at(86_400)),
        refresh: Some(Secret::new(refresh)),
        refresh_expires: None,
        identity: Some(shop()),
    }
}

pub(crate) fn address(detail: &str) -> Address {
    Address {
        province: "浙江省".to_owned(),
        city: "杭州市".to_owned(),
        detail: detail.to_owned(),
        ..Address::default()
    }
}

pub(crate) fn offer(branch: &str, balance: i64) -> CourierOffer {
    CourierOffer {
        code: CourierCode("ZTO".to_owned()),
        kind: 2,
        branch_code: branch.to_owned(),
        branch_name: format!("{branch} 网点"),
        balance: Some(balance),
        senders: vec![address("文三路 1 号")],
        customer_codes: vec!["K1".to_owned()],
    }
}

pub(crate) fn details(phone: &str) -> Details {
    Details {
        step: 2,
        done: false,
        sender_name: "钱掌柜".to_owned(),
        sender_phone: phone.to_owned(),
        sender_address: address("文三路 1 号"),
        payer: "小满文具店".to_owned(),
        ..Details::default()
    }
}

pub(crate) fn printer(id: &str, default: bool) -> Printer {
    Printer {
        id: printer_id(id),
        name: format!("{id} 打印机"),
        address: "tcp://127.0.0.1:9100".to_owned(),
        language: Language::Tspl,
        dpi: Dpi::D203,
        width_mm: 76.0,
        height_mm: 130.5,
        gap_mm: 2.5,
        media_kind: MediaKind::Mark,
        offset: Offset { x: -15, y: 7 },
        family: "gprinter".to_owned(),
        measured_mm: None,
        speed: 4,
        darkness: 8,
        default,
        removed: false,
    }
}

pub(crate) fn order(recipient: &str, phone: &str) -> Order {
    let contact = |name: &str, phone: &str, detail: &str| Contact {
        name: name.to_owned(),
        phone: phone.to_owned(),
        address: address(detail),
    };
    Order {
        sender: contact("钱掌柜", "0571-88123456", "文三路 1 号"),
        recipient: contact(recipient, phone, "滨江区江南大道 3 幢 402"),
        goods: vec![Goods { name: "钢笔".to_owned(), count: 2 }],
        remark: "轻放".to_owned(),
        weight_g: Some(350),
    }
}

pub(crate) fn parcel(id: &str, submit_key: &str, order: Order) -> NewParcel {
    NewParcel {
        id: parcel_id(id),
        submit_key: submit_key.to_owned(),
        created_at: NOON,
        created_by: person_id("owner"),
        template: "76x130".to_owned(),
        printer: printer_id("counter"),
        order,
    }
}

pub(crate) fn waybill(id: &str, parcel: &NewParcel, attempt: u32, submit_key: &str) -> NewWaybill {
    NewWaybill {
        id: waybill_id(id),
        parcel: parcel.id.clone(),
        attempt,
        submit_key: submit_key.to_owned(),
        grant: grant_id("grant"),
        courier: courier_id("west"),
        courier_code: CourierCode("ZTO".to_owned()),
        shop_name: shop().name,
        asked_by: person_id("owner"),
        request: IssueRequest {
            object_id: "1".to_owned(),
            courier: CourierCode("ZTO".to_owned()),
            customer_code: None,
            trade_orders: vec![parcel.id.to_string()],
            package_id: format!("{}-{attempt}", parcel.id),
            channel: "OTHERS".to_owned(),
            user_id: "2200".to_owned(),
            sender: parcel.order.sender.clone(),
            recipient: parcel.order.recipient.clone(),
            goods: parcel.order.goods.clone(),
            weight_g: parcel.order.weight_g,
        },
        created_at: NOON,
        batch: None,
    }
}

pub(crate) fn answer(raw: &str) -> Answer {
    let print = PrintData::Plain(Routing { route_code: "571-W16-03 12".to_owned(), ..Routing::default() });
    Answer { print, raw: raw.to_owned() }
}

/// The first page of a file of three.
pub(crate) fn carrier_label() -> NewCarrierLabel {
    NewCarrierLabel {
        id: CarrierLabelId::from_stored("carrier-label"),
        name: "label.pdf".to_owned(),
        kind: "PDF".to_owned(),
        file: b"%PDF-1.7 of Erika Mustermann \xff\0".to_vec(),
        hash: "ab12".to_owned(),
        page: 1,
        pages: 3,
        tracking: "1Z1".to_owned(),
        checked: "matches".to_owned(),
        created_at: NOON,
        created_by: person_id("owner"),
    }
}

pub(crate) fn job(id: &str, parcel: &str, waybill: &str, copy: u32) -> NewPrint {
    NewPrint {
        id: job_id(id),
        of: LabelOf::Number { parcel: parcel_id(parcel), waybill: waybill_id(waybill) },
        submit_key: format!("press-{id}"),
        copy,
        reason: if copy == 0 { String::new() } else { "smudged".to_owned() },
        note: String::new(),
        asked_by: person_id("owner"),
        printer: printer_id("counter"),
        template: "76x130".to_owned(),
        created_at: NOON,
        batch: None,
        stamp: String::new(),
        custom: CustomArea { text: "谢谢惠顾".to_owned(), ..CustomArea::default() },
    }
}
