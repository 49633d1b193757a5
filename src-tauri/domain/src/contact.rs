//! Who sends and who receives.

use serde::{Deserialize, Serialize};

/// A postal address as couriers split it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// 省
    pub province: String,
    /// 市; may be empty.
    #[serde(default)]
    pub city: String,
    /// 区县; may be empty.
    #[serde(default)]
    pub district: String,
    /// 乡镇街道; may be empty.
    #[serde(default)]
    pub town: String,
    /// 详细地址
    pub detail: String,
}

impl Address {
    /// The parts in order, without separators, empty and repeated ones left out (`北京` `北京市` stay, they differ).
    pub fn one_line(&self) -> String {
        let mut last = "";
        let mut s = String::new();
        for p in [&self.province, &self.city, &self.district, &self.town, &self.detail] {
            if !p.is_empty() && p != last {
                s.push_str(p);
            }
            last = p;
        }
        s
    }
}

/// A person or firm at an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Contact {
    /// 姓名
    pub name: String,
    /// Mobile or landline, with extension if any: `13812345678`, `0571-8812345`, `18877771111-123`.
    pub phone: String,
    /// 地址
    pub address: Address,
}

/// One kind of goods in a parcel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Goods {
    /// 品名
    pub name: String,
    /// How many, ≥ 1.
    pub count: u32,
}
