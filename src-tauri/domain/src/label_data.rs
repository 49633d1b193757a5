//! What a waybill label says. Built by the desk, drawn by the `label` crate, the JSON Schema of `waybill label schema`.
//! Texts here are already masked: what is in here is on the paper.

use crate::contact::Goods;
use serde::{Deserialize, Serialize};

/// Everything a built-in waybill template draws. Empty texts draw nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelData {
    /// The courier's name in type, for example `中通快递`.
    pub courier: String,
    /// The courier's code, for example `ZTO`: how its labels group numbers, order marks, and what is torn off. Empty or
    /// unknown: the plain form.
    #[serde(default)]
    pub courier_code: String,
    /// The waybill number: Code 128, QR and readable text. ASCII.
    pub waybill_no: String,
    /// 三段码, the largest type on the label.
    #[serde(default)]
    pub route_code: String,
    /// 集包地 / 大头笔
    #[serde(default)]
    pub consolidation: String,
    /// 揽收网点
    #[serde(default)]
    pub origin: String,
    /// 收
    pub recipient: Party,
    /// 寄
    pub sender: Party,
    /// 内件
    #[serde(default)]
    pub goods: Vec<Goods>,
    /// 服务标识 in words: `保价`, `代收货款` …
    #[serde(default)]
    pub service_marks: Vec<String>,
    /// 备注
    #[serde(default)]
    pub remark: String,
    /// 自定义区
    #[serde(default)]
    pub custom: Custom,
    /// Our order or parcel reference, shown small.
    #[serde(default)]
    pub reference: String,
    /// `补打 1`, `补打 2` … : which reprint this is; 0 = the first print.
    #[serde(default)]
    pub reprint: u32,
    /// Draws `样张 SPECIMEN` across the label: everything made in a trial folder.
    #[serde(default)]
    pub specimen: bool,
    /// When it was printed, as text in the shop's time, for example `2026-11-21 17:50`.
    #[serde(default)]
    pub printed_at: String,
}

/// The shop's own area of a label. Empty texts draw nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Custom {
    /// Whatever the shop wants to say.
    pub text: String,
    /// Which parcel of which batch: `B0412-037/100`.
    pub sequence: String,
    /// Letter of the packing station: `A`.
    pub station: String,
    /// 店铺备注, for the people who pack; not the buyer's remark.
    pub remark: String,
}

/// One side of the label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Masked name.
    pub name: String,
    /// Masked phone.
    pub phone: String,
    /// Province, city, district … with the masked detail, in one line.
    pub address: String,
}
