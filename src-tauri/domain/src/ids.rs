//! Identifiers. Ours are 128 random bits as 32 lower-case hex digits; a platform's or courier's are kept as it wrote them.

use crate::chance::Chance;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! own_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A fresh id: 128 random bits, 32 lower-case hex digits.
            pub fn fresh(chance: &dyn Chance) -> Self {
                Self(chance.hex(16))
            }
            /// Takes an id as it was stored or typed; anything is accepted, an unknown one is simply not found.
            pub fn from_stored(text: impl Into<String>) -> Self {
                Self(text.into())
            }
            /// The id as stored.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )*};
}

own_id! {
    /// A person who can log in.
    PersonId,
    /// One try to get a grant ([`crate::attempt`]).
    AttemptId,
    /// A grant: one shop of one platform that lets us act for it.
    GrantId,
    /// A courier that came with a grant (one branch of it).
    CourierId,
    /// A parcel: one order line-up that wants one waybill number and one label.
    ParcelId,
    /// One try to get a waybill number for a parcel.
    WaybillId,
    /// One label sent, or to be sent, to a printer.
    PrintJobId,
    /// A printer as set up here.
    PrinterId,
    /// Many parcels printed in one go.
    BatchId,
    /// A label that a carrier made: one page of a file.
    CarrierLabelId,
}

macro_rules! foreign_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

foreign_id! {
    /// The number a courier prints, scans and charges for.
    WaybillNo,
    /// The courier's code on the platform, for example `ZTO` (Cainiao `cp_code`).
    CourierCode,
    /// The shop's id as the platform returned it.
    ShopId,
}
