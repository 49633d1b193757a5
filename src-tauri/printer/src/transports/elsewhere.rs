//! A link of a kind that this system does not have: its address may be stored here all the same, and says so when used.

use async_trait::async_trait;
use domain::printer::{DeviceState, PrinterLink, SendOutcome};

/// A link that cannot be opened on this system.
#[derive(Clone, Copy, Debug)]
pub struct ElsewhereLink {
    /// Where such links are, and what to write here.
    why: &'static str,
}

impl ElsewhereLink {
    /// `why` is what a person reads.
    pub(crate) fn new(why: &'static str) -> Self {
        Self { why }
    }
}

#[async_trait]
impl PrinterLink for ElsewhereLink {
    async fn send(&self, _: &[u8]) -> SendOutcome {
        SendOutcome::NothingSent(self.why.to_owned())
    }

    async fn state(&self) -> DeviceState {
        DeviceState::Unreachable(self.why.to_owned())
    }
}
