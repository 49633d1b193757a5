//! Who and what the practice market is seeded with: shops, their couriers with branches, balances and sender
//! addresses, templates, number shapes. All invented; the shapes follow the platform's facts.

use domain::contact::Address;

/// App key registered from the start.
pub const PRACTICE_APP_KEY: &str = "practice-app";
/// Its secret.
pub const PRACTICE_APP_SECRET: &str = "practice-secret";
/// The key of the practice service for text messages.
pub const PRACTICE_SMS_KEY: &str = "practice-sms";
/// The password of every practice account.
pub const PRACTICE_PASSWORD: &str = "practice";
/// The public client of the standard server.
pub const STANDARD_CLIENT_ID: &str = "waybill-desk";

/// A shop that can log in.
pub(crate) struct Shop {
    /// Numeric id on the platform.
    pub(crate) id: &'static str,
    /// Login name and nick.
    pub(crate) nick: &'static str,
    /// Its sub-account: login name (`nick:name`) and id.
    pub(crate) sub: (&'static str, &'static str),
    /// `taobao.shop.seller.get` sid.
    pub(crate) sid: u64,
    pub(crate) couriers: &'static [Courier],
}

/// A courier a shop has a contract with (one branch each).
pub(crate) struct Courier {
    pub(crate) cp_code: &'static str,
    /// 1 直营, 2 加盟, 3 落地配, 4 直营带网点
    pub(crate) cp_type: u8,
    pub(crate) branch_code: &'static str,
    pub(crate) branch_name: &'static str,
    /// `None`: billed monthly, no stock of numbers.
    pub(crate) quantity: Option<i64>,
    pub(crate) customer_codes: &'static [&'static str],
    pub(crate) senders: &'static [Place],
    /// Print data comes encrypted whatever is asked.
    pub(crate) encrypted_only: bool,
}

/// A sender address.
pub(crate) struct Place {
    pub(crate) id: u64,
    pub(crate) province: &'static str,
    pub(crate) city: &'static str,
    pub(crate) district: &'static str,
    pub(crate) town: &'static str,
    pub(crate) detail: &'static str,
}

impl Place {
    /// As the domain writes it.
    pub(crate) fn address(&self) -> Address {
        Address {
            province: self.province.into(),
            city: self.city.into(),
            district: self.district.into(),
            town: self.town.into(),
            detail: self.detail.into(),
        }
    }
}

const YUHANG: Place = Place {
    id: 880_101,
    province: "浙江省",
    city: "杭州市",
    district: "余杭区",
    town: "仓前街道",
    detail: "文一西路1818号3幢1层",
};
const XIHU: Place = Place {
    id: 880_102,
    province: "浙江省",
    city: "杭州市",
    district: "西湖区",
    town: "北山街道",
    detail: "曙光路12号",
};
const ANXI: Place =
    Place {
        id: 880_103, province: "福建省", city: "泉州市", district: "安溪县", town: "凤城镇", detail: "茶都路66号"
    };

/// The seeded shops.
pub(crate) static SHOPS: &[Shop] = &[
    Shop {
        id: "2206540012345",
        nick: "青禾生活馆",
        sub: ("青禾生活馆:打单", "2206540012399"),
        sid: 330_012_345,
        couriers: &[
            Courier {
                cp_code: "ZTO",
                cp_type: 2,
                branch_code: "57103",
                branch_name: "余杭三部",
                quantity: Some(412),
                customer_codes: &[],
                senders: &[YUHANG, XIHU],
                encrypted_only: false,
            },
            Courier {
                cp_code: "YTO",
                cp_type: 2,
                branch_code: "571077",
                branch_name: "杭州市余杭区仓前",
                quantity: Some(18),
                customer_codes: &[],
                senders: &[YUHANG],
                encrypted_only: false,
            },
            Courier {
                cp_code: "SF",
                cp_type: 1,
                branch_code: "",
                branch_name: "",
                quantity: None,
                customer_codes: &["5710088123", "5710088456"],
                senders: &[YUHANG],
                encrypted_only: false,
            },
            Courier {
                cp_code: "STO",
                cp_type: 2,
                branch_code: "311107",
                branch_name: "浙江杭州余杭公司",
                quantity: Some(0),
                customer_codes: &[],
                senders: &[YUHANG],
                encrypted_only: false,
            },
        ],
    },
    Shop {
        id: "2206540067890",
        nick: "青禾茶器",
        sub: ("青禾茶器:仓库", "2206540067899"),
        sid: 330_067_890,
        couriers: &[
            Courier {
                cp_code: "ZTO",
                cp_type: 2,
                branch_code: "59514",
                branch_name: "安溪一部",
                quantity: Some(96),
                customer_codes: &[],
                senders: &[ANXI],
                encrypted_only: false,
            },
            Courier {
                cp_code: "JT",
                cp_type: 2,
                branch_code: "3595021",
                branch_name: "泉州安溪网点",
                quantity: Some(60),
                customer_codes: &[],
                senders: &[ANXI],
                encrypted_only: true,
            },
        ],
    },
];

/// The shop with this login name, and the sub-account if it was one.
pub(crate) fn by_login(name: &str) -> Option<(&'static Shop, bool)> {
    SHOPS.iter().find_map(|s| {
        if s.nick == name {
            Some((s, false))
        } else if s.sub.0 == name {
            Some((s, true))
        } else {
            None
        }
    })
}

/// The shop with this platform id.
pub(crate) fn by_id(id: &str) -> Option<&'static Shop> {
    SHOPS.iter().find(|s| s.id == id)
}

/// The shape of a courier's numbers: what they begin with and how many digits follow.
pub(crate) fn number_shape(cp_code: &str) -> (&'static str, u32) {
    match cp_code {
        "ZTO" => ("73", 12),
        "YTO" => ("YT", 13),
        "SF" => ("SF", 13),
        "STO" => ("77", 13),
        "JT" => ("JT", 13),
        _ => ("99", 13),
    }
}

/// The `counter`-th number of a courier: fixed by the seed, never twice (the stride has no factor in common with 10).
pub(crate) fn number(seed: u64, cp_code: &str, counter: u64) -> String {
    let (head, digits) = number_shape(cp_code);
    let mut start = seed ^ 0x0077_6179_6269_6c6c;
    for b in cp_code.bytes() {
        start = (start ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let room = 10u64.pow(digits);
    let n = (u128::from(start) + u128::from(counter) * 7_919_317) % u128::from(room);
    format!("{head}{n:0width$}", width = digits as usize)
}

/// A standard template of a courier.
pub(crate) struct Template {
    pub(crate) id: u32,
    pub(crate) name: &'static str,
    /// 1 快递标准, 6 一联单
    pub(crate) kind: u8,
}

/// The templates of a courier: the two-part 100×180 and the one-part 76×130.
pub(crate) fn templates(cp_code: &str) -> [Template; 2] {
    let base = match cp_code {
        "ZTO" => 301,
        "YTO" => 401,
        "SF" => 501,
        "STO" => 601,
        "JT" => 701,
        _ => 901,
    };
    [
        Template { id: base, name: "标准面单 100×180", kind: 1 },
        Template { id: base + 5, name: "一联单 76×130", kind: 6 },
    ]
}

/// Couriers that have templates.
pub(crate) const CP_CODES: [&str; 5] = ["ZTO", "YTO", "SF", "STO", "JT"];

/// The address of a template.
pub(crate) fn template_url(id: u32) -> String {
    format!("http://cloudprint.cainiao.com/template/standard/{id}/1")
}

/// Whether the address names a template of the courier; a version behind it is optional.
pub(crate) fn template_fits(cp_code: &str, url: &str) -> bool {
    let Some(rest) = url
        .strip_prefix("http://cloudprint.cainiao.com/template/standard/")
        .or_else(|| url.strip_prefix("https://cloudprint.cainiao.com/template/standard/"))
    else {
        return false;
    };
    let (id, version) = rest.split_once('/').unwrap_or((rest, "1"));
    let numeric = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    numeric(version) && templates(cp_code).iter().any(|t| t.id.to_string() == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_have_their_couriers_shape_and_never_repeat() {
        for cp in CP_CODES {
            let (head, digits) = number_shape(cp);
            let all: HashSet<_> = (0..5000).map(|i| number(42, cp, i)).collect();
            assert_eq!(all.len(), 5000, "{cp}: no number twice");
            for n in all {
                assert!(n.starts_with(head) && n.len() == head.len() + digits as usize, "{cp}: {n}");
            }
            assert_eq!(number(42, cp, 9), number(42, cp, 9), "fixed by the seed");
            assert_ne!(number(42, cp, 9), number(43, cp, 9), "another seed, other numbers");
        }
    }

    #[test]
    fn a_template_fits_only_its_courier() {
        assert!(template_fits("ZTO", "http://cloudprint.cainiao.com/template/standard/301/1"));
        assert!(template_fits("ZTO", "http://cloudprint.cainiao.com/template/standard/306"));
        assert!(!template_fits("ZTO", "http://cloudprint.cainiao.com/template/standard/401/1"), "that is YTO's");
        assert!(!template_fits("ZTO", "http://evil.example/template/standard/301/1"));
        assert!(!template_fits("ZTO", "http://cloudprint.cainiao.com/template/standard/301/x"));
    }
}
