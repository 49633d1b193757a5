//! The JSON Schema of `LabelData`, written by hand so that its words are for people; a test holds it to the type.

use serde_json::{Value, json};

/// JSON Schema (2020-12) of the data that `waybill label render` reads.
pub fn schema() -> Value {
    let text = |words: &str| json!({ "type": "string", "description": words });
    let party = json!({ "$ref": "#/$defs/party" });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://app.waybilldesk/schema/label-data.json",
        "title": "LabelData",
        "description": "What a waybill label says. Texts are printed as they are: mask them first. Empty texts draw nothing.",
        "type": "object",
        "additionalProperties": false,
        "required": ["courier", "waybill_no", "recipient", "sender"],
        "properties": {
            "courier": text("快递公司 courier's name in type, e.g. 中通快递"),
            "courier_code": text("the courier's code, e.g. ZTO: how numbers are grouped, the order of marks, the stub"),
            "waybill_no": { "type": "string", "minLength": 1, "maxLength": 80, "pattern": "^[\\x20-\\x7e]+$",
                "description": "运单号 Code 128, QR and readable text; printable ASCII" },
            "route_code": text("三段码, the largest type on the label"),
            "consolidation": text("集包地 / 大头笔"),
            "origin": text("揽收网点 where it was picked up"),
            "recipient": party,
            "sender": party,
            "goods": { "type": "array", "items": { "$ref": "#/$defs/goods" }, "description": "内件" },
            "service_marks": { "type": "array", "items": { "type": "string" }, "description": "服务标识, e.g. 保价" },
            "custom": { "$ref": "#/$defs/custom" },
            "remark": text("备注; may be cut with … where the template allows it"),
            "reference": text("our order or parcel reference"),
            "reprint": { "type": "integer", "minimum": 0, "maximum": u32::MAX, "description": "补打: which reprint this is; 0 = the first print" },
            "specimen": { "type": "boolean", "description": "样张: draws SPECIMEN across the label" },
            "printed_at": text("when it was printed, as text in the shop's time, e.g. 2026-11-21 17:50"),
        },
        "$defs": {
            "party": {
                "type": "object",
                "additionalProperties": false,
                "required": ["name", "phone", "address"],
                "properties": {
                    "name": text("masked name"),
                    "phone": text("masked phone"),
                    "address": text("address in one line, detail masked"),
                },
            },
            "custom": {
                "type": "object",
                "additionalProperties": false,
                "description": "自定义区",
                "properties": {
                    "text": text("whatever the shop wants to say"),
                    "sequence": text("which parcel of which batch, e.g. B0412-037/100"),
                    "station": text("letter of the packing station, e.g. A"),
                    "remark": text("店铺备注"),
                },
            },
            "goods": {
                "type": "object",
                "required": ["name", "count"],
                "properties": {
                    "name": text("品名"),
                    "count": { "type": "integer", "minimum": 0, "maximum": u32::MAX, "description": "how many" },
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::label_data::LabelData;

    #[test]
    fn the_schema_names_exactly_the_fields_of_the_type() {
        let data = LabelData { goods: vec![domain::contact::Goods::default()], ..LabelData::default() };
        let data = serde_json::to_value(data).unwrap();
        let s = schema();
        let keys = |v: &Value| v.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>()).unwrap();
        assert_eq!(keys(&data), keys(&s["properties"]));
        assert_eq!(keys(&data["recipient"]), keys(&s["$defs"]["party"]["properties"]));
        assert_eq!(keys(&data["custom"]), keys(&s["$defs"]["custom"]["properties"]));
        assert_eq!(keys(&data["goods"][0]), keys(&s["$defs"]["goods"]["properties"]));
    }

    #[test]
    fn what_the_schema_requires_the_type_requires() {
        let s = schema();
        let full = serde_json::to_value(LabelData::default()).unwrap();
        for key in full.as_object().unwrap().keys() {
            let mut without = full.clone();
            without.as_object_mut().unwrap().remove(key);
            let required = s["required"].as_array().unwrap().iter().any(|r| r == key);
            assert_eq!(serde_json::from_value::<LabelData>(without).is_err(), required, "{key}");
        }
    }
}
