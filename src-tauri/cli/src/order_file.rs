//! Orders as a script writes them: one JSON object, an array of them, or one a line. Reading only: whether a name, a
//! phone or a weight is acceptable is the desk's to say, with all wrong fields at once.

use crate::exit::Failure;
use desk::api::{NewOrder, SubmitOrder, WireAddress, WireContact, WireGoods};
use serde::Deserialize;
use serde_json::Value;

/// One order. A field we do not know is an error: a misspelt one must not change who is charged or what is sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrderLine {
    pub submit_key: Option<String>,
    sender: Contact,
    recipient: Contact,
    goods: Vec<Goods>,
    remark: String,
    weight_g: Option<u64>,
    pub courier: Option<String>,
    pub printer: Option<String>,
    template: Option<String>,
    /// The shop's own order number.
    reference: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Contact {
    name: String,
    phone: String,
    address: Address,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Address {
    province: String,
    city: String,
    district: String,
    town: String,
    detail: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Goods {
    name: String,
    #[serde(default = "one")]
    count: u64,
}

fn one() -> u64 {
    1
}

/// The orders of a text, each by itself: one that cannot be read does not stop the others. Errors: the text holds no
/// orders at all.
pub fn read(text: &str) -> Result<Vec<Result<OrderLine, String>>, Failure> {
    let order = |v: Value| serde_json::from_value::<OrderLine>(v).map_err(|e| e.to_string());
    let orders: Vec<_> = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(all)) => all.into_iter().map(order).collect(),
        Ok(v @ Value::Object(_)) => vec![order(v)],
        Ok(_) => return Err(not_orders("it is neither an object nor an array")),
        Err(whole) => {
            let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
            // One order spread over lines, or an array with a slip in it, is not a file of lines.
            if lines.len() < 2 || !lines.iter().all(|l| l.starts_with('{') && l.ends_with('}')) {
                return Err(not_orders(&whole.to_string()));
            }
            lines.iter().map(|l| serde_json::from_str::<OrderLine>(l).map_err(|e| e.to_string())).collect()
        }
    };
    if orders.is_empty() {
        return Err(not_orders("it is empty"));
    }
    Ok(orders)
}

fn not_orders(why: &str) -> Failure {
    Failure::invalid(
        format!("the orders cannot be read: {why}; nothing was sent"),
        "write one JSON object, an array, or one object a line (`waybill order submit --help`)",
    )
}

fn wire(c: Contact) -> WireContact {
    let Address { province, city, district, town, detail } = c.address;
    WireContact { name: c.name, phone: c.phone, address: WireAddress { province, city, district, town, detail } }
}

fn narrow(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl OrderLine {
    /// To be kept and printed later. Errors: it names what is chosen only then.
    pub fn kept(self, submit_key: String) -> Result<NewOrder, String> {
        let chosen = [
            ("sender", self.sender != Contact::default()),
            ("courier", self.courier.is_some()),
            ("printer", self.printer.is_some()),
            ("template", self.template.is_some()),
        ];
        if let Some((what, _)) = chosen.iter().find(|(_, named)| *named) {
            return Err(format!("the {what} is chosen when it is printed"));
        }
        Ok(NewOrder {
            submit_key,
            reference: self.reference,
            recipient: wire(self.recipient),
            goods: self.goods.into_iter().map(|g| WireGoods { name: g.name, count: narrow(g.count) }).collect(),
            remark: self.remark,
            weight_g: self.weight_g.map(narrow),
        })
    }

    /// As the desk takes it. `courier` and `printer` are ids; numbers too large for the wire are far out of the desk's
    /// range and stay so.
    pub fn request(self, submit_key: String, courier: String, printer: String, template: &str) -> SubmitOrder {
        SubmitOrder {
            submit_key,
            sender: wire(self.sender),
            recipient: wire(self.recipient),
            goods: self.goods.into_iter().map(|g| WireGoods { name: g.name, count: narrow(g.count) }).collect(),
            remark: self.remark,
            weight_g: self.weight_g.map(narrow),
            courier,
            printer,
            template: self.template.unwrap_or_else(|| template.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_an_array_and_lines_are_orders() {
        let one = r#"{"recipient":{"name":"a"},"goods":[{"name":"x"}]}"#;
        assert_eq!(read(one).unwrap().len(), 1);
        assert_eq!(read(&format!("[{one},{one}]")).unwrap().len(), 2);
        assert_eq!(read(&format!("{one}\n\n{one}\n{one}\n")).unwrap().len(), 3);
    }

    #[test]
    fn a_bad_line_stands_alone_and_a_bad_file_is_refused_whole() {
        let orders = read("{\"remark\":\"a\"}\n{\"remrak\":\"b\"}\n{\"remark\":\"c\",}\n").unwrap();
        assert!(orders[0].is_ok());
        assert!(orders[1].as_ref().unwrap_err().contains("remrak"), "a misspelt field is named");
        assert!(orders[2].is_err(), "a slip in one line");
        for bad in ["", "[]", "7", "[{\"remark\":\"a\"},", "{\n \"remark\": \"a\",\n}", "name,phone\na,1\n"] {
            assert!(read(bad).is_err(), "{bad:?} holds no orders");
        }
    }

    #[test]
    fn absurd_numbers_reach_the_desk_as_absurd() {
        let o = read(r#"{"weight_g":99999999999999,"goods":[{"name":"x","count":5000000000}]}"#).unwrap().remove(0);
        let request = o.unwrap().request("k".into(), String::new(), String::new(), "");
        assert_eq!((request.weight_g, request.goods[0].count), (Some(u32::MAX), u32::MAX));
        assert!(read(r#"{"weight_g":-1}"#).unwrap()[0].is_err(), "less than nothing");
    }
}
