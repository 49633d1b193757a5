//! Template texts and label data: drawn whole, or refused in words.

use domain::contact::Goods;
use domain::label_data::{Custom, LabelData, Party};
use domain::units::Dpi;
use label::{LabelError, Scene, Template};

/// A template's text.
pub fn template(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Template::read(text) {
        Ok(template) => check(template.layout(&sample(), Dpi::D203)),
        Err(LabelError::BadTemplate { .. }) => {}
        Err(other) => panic!("reading a template says {other:?}"),
    }
}

/// The program's own templates, and pieces that they do not use.
pub fn template_seeds() -> Vec<Vec<u8>> {
    let own = label::templates().into_iter().filter_map(|t| label::template_text(t.id));
    let others = [
        "id='x'\nname='x'\nwidth=60\nheight=40\n[[item]]\nkind='ean13'\ntext='4006381333931'\nbox=[5,5,40,12]\nmodules=2\n",
        "id='x'\nname='x'\nwidth=60\nheight=40\nrotate=90\n[[item]]\nkind='repeat'\nover='goods'\nitems=3\nstep=5\nbox=[2,2,50,5]\n[[item.items]]\nkind='text'\ntext='{goods}'\nsize=3\nbox=[0,0,50,4]\n",
        "id='x'\nname='x'\nwidth=60\nheight=40\n[[item]]\nkind='pdf417'\ntext='{waybill_no}'\nbox=[2,2,50,20]\n[[item]]\nkind='line'\nfrom=[0,30]\nto=[60,30]\ndash=[1,1]\n",
    ];
    own.chain(others).map(|t| t.as_bytes().to_vec()).collect()
}

/// Data for a built-in template: a byte for which, then texts parted by line ends.
pub fn data(bytes: &[u8]) {
    let Some((which, texts)) = bytes.split_first() else { return };
    let all = label::templates();
    let template = all[usize::from(*which) % all.len()].id;
    let dpi = [Dpi::D203, Dpi::D300][usize::from(which >> 6) % 2];
    check(label::layout(template, &read(&String::from_utf8_lossy(texts)), dpi));
}

/// The plain sample in every template.
pub fn data_seeds() -> Vec<Vec<u8>> {
    let text = "中通快递\nZTO\n78302214650012\n028-W16-03 12\n成都中转集\n杭州余杭三部\n李小玥\n138****5678\n四川省 成都市 武侯区 科华北路 12 号\n\
                仓库\n0571-88123456\n浙江省 杭州市 余杭区\n青瓷茶具\n2\n保价\n轻放\n谢谢惠顾\nB0412-037/100\nA\n2026-11-21 17:50\nP-000037";
    (0..8_u8).map(|n| [&[n.wrapping_mul(37)], text.as_bytes()].concat()).collect()
}

fn sample() -> LabelData {
    read(&String::from_utf8_lossy(&data_seeds()[0][1..]))
}

fn read(text: &str) -> LabelData {
    let mut lines = text.split('\n').map(str::to_owned);
    let mut next = || lines.next().unwrap_or_default();
    let (courier, courier_code, waybill_no, route_code) = (next(), next(), next(), next());
    let (consolidation, origin) = (next(), next());
    let mut party = || Party { name: next(), phone: next(), address: next() };
    let (recipient, sender) = (party(), party());
    let goods = vec![Goods { name: next(), count: next().trim().parse().unwrap_or(1) }];
    let service_marks = vec![next()];
    let remark = next();
    let custom = Custom { text: next(), sequence: next(), station: next(), ..Custom::default() };
    LabelData {
        courier,
        courier_code,
        waybill_no,
        route_code,
        consolidation,
        origin,
        recipient,
        sender,
        goods,
        service_marks,
        remark,
        custom,
        printed_at: next(),
        reference: next(),
        reprint: u32::from(text.len().is_multiple_of(7)),
        specimen: text.len().is_multiple_of(5),
    }
}

fn check(drawn: Result<Scene, LabelError>) {
    match drawn {
        Ok(scene) => {
            assert_eq!(scene.clipped_dots(), 0, "nothing falls off the label");
            assert!(scene.raster().width() > 0);
        }
        Err(e) => assert!(!e.to_string().is_empty()),
    }
}
