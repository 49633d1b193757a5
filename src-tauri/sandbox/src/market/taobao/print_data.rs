//! `print_data`: what a courier prints from. Plain (facts §10.4) or sealed the way the platform's component gets it.
//! The seal is a practice seal: it only has to be unreadable and always the same.

use crate::market::hex;
use crate::market::ledger::Parcel;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The JSON text of a number's print data.
pub(crate) fn print_data(seed: u64, p: &Parcel, encrypted: bool) -> String {
    let data = plain(p, encrypted);
    let text = data.to_string();
    let signature = hex(&Sha256::digest(format!("{seed}{text}").as_bytes()))[..32].to_string();
    let ver = "waybill_print_secret_version_1";
    if encrypted {
        json!({
            "encryptedData": format!("AES:{}", STANDARD.encode(seal(seed, text.as_bytes()))),
            "signature": format!("MD:{signature}"),
            "templateURL": p.wanted.template_url,
            "ver": ver,
        })
    } else {
        json!({"data": data, "signature": signature, "templateURL": p.wanted.template_url, "ver": ver})
    }
    .to_string()
}

fn plain(p: &Parcel, encrypted: bool) -> Value {
    let person = |v: &Value| {
        json!({
            "name": v["name"], "mobile": v["mobile"], "phone": v["phone"],
            "address": v["address"],
        })
    };
    json!({
        "waybillCode": p.line.number,
        "cpCode": p.line.cp_code,
        "realCpCode": p.line.cp_code,
        "parent": false,
        "orderChannelsType": p.wanted.channel,
        "needEncrypt": encrypted,
        "_dataFrom": "waybill",
        "extraInfo": {},
        "packageInfo": {
            "id": p.line.package_id, "items": p.wanted.items, "volume": p.wanted.volume, "weight": p.wanted.weight,
        },
        "shippingOption": {"code": "STANDARD_EXPRESS", "title": "标准快递", "services": p.wanted.services},
        "sender": person(&p.wanted.sender),
        "recipient": person(&p.wanted.recipient),
        "routingInfo": routing(p),
    })
}

/// Three-part code and sorting names, fixed by where the parcel goes.
fn routing(p: &Parcel) -> Value {
    let to = &p.wanted.recipient["address"];
    let part = |f: &str| to[f].as_str().unwrap_or("");
    let (area, centre) = hub(part("province"));
    let spread = Sha256::digest(format!("{}|{}|{}", part("city"), part("district"), part("town")).as_bytes());
    let district = format!("{}{:02}", char::from(b'A' + spread[0] % 26), spread[1] % 100);
    let route = format!("{area}-{district}-{:02} {:02}", spread[2] % 100, spread[3] % 100);
    let city = if part("city").is_empty() { part("province") } else { part("city") };
    let short = |s: &str| s.trim_end_matches(['省', '市', '区', '县']).to_string();
    let from = &p.wanted.sender["address"];
    json!({
        "routeCode": route,
        "sortation": {"name": format!("{}-{}", short(city), short(part("district")))},
        "consolidation": {"name": format!("{centre}转运中心"), "code": area},
        "origin": {
            "code": p.line.branch_code,
            "name": crate::market::shops::by_id(&p.line.shop_id)
                .and_then(|s| s.couriers.iter().find(|c| c.cp_code == p.line.cp_code))
                .map(|c| c.branch_name)
                .filter(|n| !n.is_empty())
                .map_or_else(|| short(from["city"].as_str().unwrap_or("")), str::to_string),
        },
        "receiveBranch": {"code": format!("{area}{district}"), "name": format!("{}{}网点", short(city), short(part("district")))},
        "startCenter": {"code": "571", "name": "杭州转运中心"},
        "terminalCenter": {"code": area, "name": format!("{centre}转运中心")},
    })
}

/// Area code and sorting centre of a province.
fn hub(province: &str) -> (&'static str, &'static str) {
    const HUBS: [(&str, &str, &str); 32] = [
        ("北京", "010", "北京"),
        ("天津", "022", "天津"),
        ("河北", "311", "石家庄"),
        ("山西", "351", "太原"),
        ("内蒙古", "471", "呼和浩特"),
        ("辽宁", "024", "沈阳"),
        ("吉林", "431", "长春"),
        ("黑龙江", "451", "哈尔滨"),
        ("上海", "021", "上海"),
        ("江苏", "025", "南京"),
        ("浙江", "571", "杭州"),
        ("安徽", "551", "合肥"),
        ("福建", "591", "福州"),
        ("江西", "791", "南昌"),
        ("山东", "531", "济南"),
        ("河南", "371", "郑州"),
        ("湖北", "027", "武汉"),
        ("湖南", "731", "长沙"),
        ("广东", "020", "广州"),
        ("广西", "771", "南宁"),
        ("海南", "898", "海口"),
        ("重庆", "023", "重庆"),
        ("四川", "028", "成都"),
        ("贵州", "851", "贵阳"),
        ("云南", "871", "昆明"),
        ("西藏", "891", "拉萨"),
        ("陕西", "029", "西安"),
        ("甘肃", "931", "兰州"),
        ("青海", "971", "西宁"),
        ("宁夏", "951", "银川"),
        ("新疆", "991", "乌鲁木齐"),
        ("香港", "852", "深圳"),
    ];
    HUBS.iter().find(|(p, _, _)| province.starts_with(p)).map_or(("999", "全国"), |(_, area, centre)| (area, centre))
}

/// XOR with a SHA-256 key stream: unreadable, and the same on every run of a seed.
fn seal(seed: u64, text: &[u8]) -> Vec<u8> {
    text.chunks(32)
        .enumerate()
        .flat_map(|(i, part)| {
            let key = Sha256::digest(format!("practice seal {seed} {i}").as_bytes());
            part.iter().zip(key).map(|(a, b)| a ^ b).collect::<Vec<_>>()
        })
        .collect()
}
