//! Printers that could be set up here: looked for, not set up.

use crate::api::{ApiError, FindPrinters, FoundPrinterView, FoundPrinters};
use crate::door::At;
use printer::{FindSettings, Place};
use std::time::Duration;

/// Longest look: the person waits for it.
const LONGEST: u32 = 30;
/// How long where the request does not say.
const USUAL: u32 = 3;

/// Looks at USB, the spooler and the network at once. A place that cannot be looked at is told, and is no error.
pub(crate) async fn find(_: &At<'_>, req: FindPrinters) -> Result<FoundPrinters, ApiError> {
    let seconds = if req.seconds == 0 { USUAL } else { req.seconds.min(LONGEST) };
    let time = Duration::from_secs(seconds.into());
    let finds = printer::find(&FindSettings { time, ..FindSettings::default() }).await;
    let printers = finds.printers.into_iter().map(|p| FoundPrinterView {
        address: p.address.map(|a| a.to_string()).unwrap_or_default(),
        name: p.name,
        device_id: p.device_id.unwrap_or_default(),
        place: match p.place {
            Place::Usb => "usb",
            Place::Spooler => "spooler",
            Place::Network => "network",
            Place::Component => "component",
        }
        .into(),
    });
    Ok(FoundPrinters { printers: printers.collect(), problems: finds.problems })
}
