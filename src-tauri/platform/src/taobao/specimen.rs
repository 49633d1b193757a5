//! One parcel for this folder's tests; invented people.

use domain::connector::IssueRequest;
use domain::contact::{Address, Contact, Goods};
use domain::ids::CourierCode;

/// A typed order of two kinds of goods.
pub(crate) fn request() -> IssueRequest {
    IssueRequest {
        object_id: "obj-1".into(),
        courier: CourierCode("ZTO".into()),
        customer_code: None,
        trade_orders: vec!["parcel-1".into()],
        package_id: "parcel-1-1".into(),
        channel: "OTHERS".into(),
        user_id: "3000000001".into(),
        sender: Contact {
            name: "样张仓库".into(),
            phone: "0571-88123456".into(),
            address: Address {
                province: "浙江省".into(),
                city: "杭州市".into(),
                district: "余杭区".into(),
                town: String::new(),
                detail: "文一西路 1 号".into(),
            },
        },
        recipient: Contact {
            name: "张样张".into(),
            phone: "13800000000".into(),
            address: Address {
                province: "四川省".into(),
                city: "成都市".into(),
                district: "武侯区".into(),
                town: "某街道".into(),
                detail: "样张路 2 号 3 单元".into(),
            },
        },
        goods: vec![Goods { name: "茶".into(), count: 2 }, Goods { name: "杯".into(), count: 1 }],
        weight_g: Some(500),
    }
}
