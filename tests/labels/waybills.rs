//! Random waybills: what people type, and what they should not.

use domain::contact::Goods;
use domain::label_data::{Custom, LabelData, Party};
use proptest::prelude::{Strategy, any, prop, prop_oneof};

/// Names, addresses and rubbish: Chinese, rare characters, Latin, digits, punctuation; now and then anything at all.
fn words(longest: usize) -> impl Strategy<Value = String> {
    let usual = prop_oneof![
        8 => prop::char::range('一', '龥'),
        1 => prop::sample::select("䶮㼆镕喆堃玥𬍛·（）、，-#×".chars().collect::<Vec<_>>()),
        4 => prop::char::range(' ', '~'),
    ];
    let text = |c: proptest::strategy::BoxedStrategy<char>| {
        prop::collection::vec(c, 0..longest).prop_map(|v| v.into_iter().collect::<String>())
    };
    prop_oneof![30 => text(usual.boxed()), 1 => text(any::<char>().boxed())]
}

fn party() -> impl Strategy<Value = Party> {
    (words(40), "[0-9*+ -]{0,24}", words(120)).prop_map(|(name, phone, address)| Party { name, phone, address })
}

/// Chinese, rare characters, Latin, long and short, emoji now and then.
pub fn data() -> impl Strategy<Value = LabelData> {
    let goods = prop::collection::vec((words(30), any::<u32>()), 0..9)
        .prop_map(|g| g.into_iter().map(|(name, count)| Goods { name, count }).collect::<Vec<_>>());
    let code = prop::sample::select(&["", "SF", "ZTO", "YTO", "STO", "YUNDA", "JT", "EMS", "JD", "DBL", "XX"][..]);
    let head = (words(12), "[0-9A-Z-]{1,24}", "[0-9A-Z -]{0,20}", words(14), words(20), code);
    let marks = prop::collection::vec(prop_oneof![4 => words(4), 4 => "保价|到付|代收货款", 1 => words(20)], 0..5);
    let custom = (words(60), "[A-Z0-9/-]{0,16}", "[A-Z]{0,2}", words(60))
        .prop_map(|(text, sequence, station, remark)| Custom { text, sequence, station, remark });
    let tail = (goods, words(80), words(24), any::<bool>(), 0..120_u32, marks, custom);
    (head, party(), party(), tail).prop_map(|(head, recipient, sender, tail)| LabelData {
        courier: head.0,
        courier_code: head.5.into(),
        service_marks: tail.5,
        custom: tail.6,
        waybill_no: head.1,
        route_code: head.2,
        consolidation: head.3,
        origin: head.4,
        recipient,
        sender,
        goods: tail.0,
        remark: tail.1,
        reference: tail.2,
        specimen: tail.3,
        reprint: tail.4,
        printed_at: "2026-11-21 17:50".into(),
    })
}
