//! Invented orders that a template is tried with.

use domain::contact::Goods;
use domain::label_data::{Custom, LabelData, Party};

/// The words for them, as they are asked for. The first is the one that every template must be able to draw.
pub(crate) const NAMES: [&str; 5] = ["plain", "long", "goods", "rare", "reprint"];

/// The one of this name.
pub(crate) fn sample(name: &str) -> Option<LabelData> {
    let plain = plain();
    Some(match name {
        "plain" => plain,
        "long" => LabelData {
            recipient: party(
                "杭州某某跨境电子商务有限责任公司仓储部",
                "0571-******56-8088",
                "新疆维吾尔自治区克孜勒苏柯尔克孜自治州阿克陶县奥依塔克镇中巴友谊路国际物流园北侧第三大道***",
            ),
            remark: "易碎品请轻拿轻放，送货前务必电话联系，家中无人请勿放快递柜；周末不收件，谢谢！".into(),
            custom: Custom {
                remark: "装箱后称重复核并拍照留存，缺货先发其余".into(), ..plain.custom.clone()
            },
            ..plain
        },
        "goods" => LabelData {
            goods: ["青瓷茶具", "棉麻衬衫", "手冲咖啡壶", "羊毛毯", "收纳盒", "儿童绘本", "帆布袋", "海苔"]
                .into_iter()
                .zip(1..)
                .map(|(name, count)| Goods { name: name.into(), count })
                .collect(),
            ..plain
        },
        "rare" => LabelData {
            recipient: party("䶮堃喆·阿卜杜拉", "138******78", "四川省成都市武侯区桂溪街道㙍塘路***"),
            ..plain
        },
        "reprint" => LabelData { reprint: 2, specimen: true, ..plain },
        _ => return None,
    })
}

fn plain() -> LabelData {
    LabelData {
        courier: "中通快递".into(),
        courier_code: "ZTO".into(),
        waybill_no: "75312345678901".into(),
        route_code: "021-A07-003".into(),
        consolidation: "上海转运中心".into(),
        origin: "杭州余杭未来科技城".into(),
        recipient: party("王*明", "138******78", "上海市浦东新区张江镇科苑路***"),
        sender: party("李*", "0571-******56", "浙江省杭州市余杭区仓前街道文一西路***"),
        goods: vec![Goods { name: "纯棉毛巾".into(), count: 2 }],
        service_marks: vec!["保价".into()],
        remark: "轻拿轻放".into(),
        custom: Custom {
            text: "感谢惠顾，有事请联系客服".into(),
            sequence: "B0412-037/100".into(),
            station: "A".into(),
            remark: "放感谢卡".into(),
        },
        reference: "P20261121-0007".into(),
        printed_at: "2026-11-21 17:50".into(),
        ..LabelData::default()
    }
}

fn party(name: &str, phone: &str, address: &str) -> Party {
    Party { name: name.into(), phone: phone.into(), address: address.into() }
}
