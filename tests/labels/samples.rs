//! Data for the label tests: an everyday parcel, one that is long and odd everywhere, and the marks.

use domain::contact::Goods;
use domain::label_data::{Custom, LabelData, Party};

fn party(name: &str, phone: &str, address: &str) -> Party {
    Party { name: name.into(), phone: phone.into(), address: address.into() }
}

fn goods(name: &str, count: u32) -> Goods {
    Goods { name: name.into(), count }
}

fn custom(text: &str, sequence: &str, station: &str, remark: &str) -> Custom {
    Custom { text: text.into(), sequence: sequence.into(), station: station.into(), remark: remark.into() }
}

/// An everyday parcel.
pub fn short() -> LabelData {
    LabelData {
        courier: "中通快递".into(),
        courier_code: "ZTO".into(),
        waybill_no: "75312345678901".into(),
        route_code: "021-A07-003".into(),
        consolidation: "上海转运中心".into(),
        origin: "杭州余杭未来科技城".into(),
        recipient: party("王*明", "138******78", "上海市浦东新区张江镇科苑路***"),
        sender: party("李*", "0571-******56", "浙江省杭州市余杭区仓前街道文一西路***"),
        goods: vec![goods("纯棉毛巾", 2)],
        service_marks: vec!["保价".into()],
        custom: custom("满两件送洗护小样一份", "B0412-037/100", "A", "放感谢卡"),
        reference: "P20261121-0007".into(),
        printed_at: "2026-11-21 17:50".into(),
        ..LabelData::default()
    }
}

/// Long everywhere, rare name characters, Chinese and Latin mixed, more goods than rows.
pub fn long() -> LabelData {
    LabelData {
        courier: "中国邮政速递物流 EMS 国际快件".into(),
        courier_code: "EMS".into(),
        waybill_no: "SF1234567890123".into(),
        route_code: "755W-BX-0219-A03".into(),
        consolidation: "深圳宝安国际机场航空集散中心".into(),
        origin: "浙江杭州余杭未来科技城二部营业网点".into(),
        recipient: party(
            "䶮㼆镕·喆堃玥 Muhammad Al-Rashid",
            "+86 138 ****** 78-1234",
            "新疆维吾尔自治区克孜勒苏柯尔克孜自治州阿克陶县奥依塔克镇中巴友谊路Block-7 International Logistics Park \
             帕米尔高原边境经济合作区第三大道北侧喆堃大厦***",
        ),
        sender: party(
            "杭州某某跨境电子商务有限责任公司仓储部 Li",
            "0571-******56-8088",
            "浙江省杭州市余杭区仓前街道文一西路与高教路交叉口东北角某某跨境电子商务产业园三期B座***",
        ),
        goods: vec![
            goods("Cotton T-Shirt 纯棉圆领短袖（黑色 XL）", 12),
            goods("玻璃花瓶 Ø12cm 易碎", 1),
            goods("充电宝 20000mAh", 3),
            goods("毛巾", 40),
            goods("手机壳 for iPhone 17 Pro Max 磁吸款透明防摔全包边", 2),
        ],
        service_marks: ["国际标准快递", "保价", "代收货款", "到付", "特快", "易碎"].map(String::from).to_vec(),
        custom: custom(
            "双十一预售第二批，随箱附赠品与售后卡，破损请拍照联系客服处理",
            "B20261111-0037/1200",
            "AB",
            "充电宝须单独装袋并贴航空禁运标；花瓶双层气泡膜加木架，装箱后称重复核并拍照留存，缺货先发其余",
        ),
        remark: "易碎品请轻拿轻放，送货前务必电话联系，家中无人请勿放快递柜；周末不收件，谢谢！".into(),
        reference: "TB-4031-2026-1121-00000071".into(),
        printed_at: "2026-11-21 17:50".into(),
        ..LabelData::default()
    }
}

/// The first parcel printed a third time, in a trial folder.
pub fn specimen() -> LabelData {
    LabelData { specimen: true, reprint: 2, remark: "轻拿轻放".into(), ..short() }
}

/// Only what cannot be left out.
pub fn bare() -> LabelData {
    LabelData { waybill_no: "YT8812345678901".into(), ..LabelData::default() }
}

/// One parcel a courier of the table, for what differs between them.
#[allow(dead_code, reason = "the bench and the crate's own tests share this file and want no couriers")]
pub fn couriers() -> Vec<(&'static str, LabelData)> {
    [
        ("SF", "顺丰速运", "SF1234567890123"),
        ("ZTO", "中通快递", "75312345678901"),
        ("YTO", "圆通速递", "YT8812345678901"),
        ("STO", "申通快递", "773012345678901"),
        ("YUNDA", "韵达快递", "463012345678901"),
        ("JT", "极兔速递", "JT3012345678901"),
        ("EMS", "EMS", "EA123456789CN"),
        ("JD", "京东快递", "JDVA01234567890"),
        ("DBL", "德邦快递", "DPK301234567890"),
    ]
    .map(|(code, name, number)| {
        let marks = ["保价", "到付"].map(String::from).to_vec();
        let label = LabelData {
            courier: name.into(),
            courier_code: code.into(),
            waybill_no: number.into(),
            service_marks: marks,
            ..short()
        };
        (code, label)
    })
    .to_vec()
}

/// All of them, by name.
pub fn all() -> Vec<(&'static str, LabelData)> {
    vec![("short", short()), ("long", long()), ("specimen", specimen()), ("bare", bare())]
}
