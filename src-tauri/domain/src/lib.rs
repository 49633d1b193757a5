//! What every other crate speaks: ids, time, units, addresses, the state machines (attempt, waybill, print
//! journal, batch), and the narrow traits through which the outside comes in (clock, chance, platforms, printers).
//!
//! Deliberately absent: I/O but the system's clock and chance, SQL, Tauri, tokio, wire formats, words for people. Uses no other crate of this workspace.

pub mod attempt;
pub mod batch;
pub mod chance;
pub mod clock;
pub mod connector;
pub mod contact;
pub mod evidence;
pub mod ids;
pub mod journal;
pub mod label_data;
pub mod mask;
pub mod printer;
pub mod raster;
pub mod renewal;
pub mod secret;
pub mod sms;
pub mod units;
pub mod waybill;
