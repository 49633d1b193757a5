//! The couriers' names in type, as they stand on labels and screens. Codes are Cainiao's `cp_code`.

/// `ZTO` → `中通快递`; an unknown code stays as it is.
pub(crate) fn courier_name(code: &str) -> &str {
    match code {
        "SF" => "顺丰速运",
        "ZTO" => "中通快递",
        "YTO" => "圆通速递",
        "STO" => "申通快递",
        "YUNDA" => "韵达快递",
        "JT" | "JTSD" => "极兔速递",
        "EMS" => "EMS",
        "POSTB" => "邮政快递包裹",
        "JD" | "JDL" => "京东快递",
        "DBKD" | "DBL" => "德邦快递",
        other => other,
    }
}
