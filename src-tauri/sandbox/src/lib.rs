//! The practice market, the practice printer and the practice print component: real servers on loopback, for trial, training and tests.
//!
//! Invariants: listens on 127.0.0.1 only; knows the platforms' wire protocols by its own reading and shares no code
//! with the connectors or the printer encoders (only the `domain` types), so that the two readings check each other;
//! with a folder, every number charged is on disk (fsync) before an answer leaves. Deliberately absent: scripts in pages, TLS, any
//! way out of this computer.

pub mod component;
pub mod market;
pub mod printer;
mod serve;

pub use component::{
    COMPONENT_PRINTER, COMPONENT_PRINTER_OFF, ComponentFault, ComponentHandle, ComponentStartError, PracticeComponent,
    PracticeComponentSettings, PrintedDocument,
};
pub use market::faults::{Fault, FaultPlan, FaultState, Faults, Times};
pub use market::ledger::{Balance, LedgerLine, LedgerView};
pub use market::shops::{
    PRACTICE_APP_KEY, PRACTICE_APP_SECRET, PRACTICE_PASSWORD, PRACTICE_SMS_KEY, STANDARD_CLIENT_ID,
};
pub use market::{Market, MarketError, MarketSettings, PracticeMessage};
pub use printer::{
    Answers, PracticePrinter, PracticePrinterSettings, PrintedLabel, PrinterFault, PrinterFaultKind, PrinterHandle,
    PrinterStartError,
};
pub use serve::{Serving, serve};
