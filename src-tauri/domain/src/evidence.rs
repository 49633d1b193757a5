//! How strongly we know that a label came out. The screen shows which.

use serde::{Deserialize, Serialize};

/// From weakest to strongest; a stronger one may replace a weaker one, never the other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Our side handed every byte to the operating system or the spooler. Proves little.
    BytesAccepted,
    /// The other side read to the end and closed its side in an orderly way.
    PeerClosed,
    /// The device said, after the job, that it is ready, without an error.
    DeviceStatus,
    /// The device's own label counter went up by the number printed.
    Odometer,
    /// A person saw or scanned the label.
    Person,
}

impl Evidence {
    /// Whether this much makes a job `confirmed` rather than `sent`.
    pub fn confirms(self) -> bool {
        self >= Self::DeviceStatus
    }
}
