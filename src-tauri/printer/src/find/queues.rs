//! Queues of this computer's spooler.

use super::{Finds, FoundPrinter, Place};
use crate::transports::cups_queues::list_queues;

/// The queues there are now; `spooler` as in [`list_queues`].
pub(super) async fn look(spooler: Option<&str>) -> Finds {
    match list_queues(spooler).await {
        Ok(queues) => {
            let printers = queues.into_iter().map(|queue| FoundPrinter {
                address: Some(queue.address(spooler)),
                name: [queue.info, queue.make_and_model, queue.name]
                    .into_iter()
                    .find(|n| !n.is_empty())
                    .unwrap_or_default(),
                device_id: queue.device_id,
                place: Place::Spooler,
            });
            Finds { printers: printers.collect(), problems: Vec::new() }
        }
        Err(e) => Finds { printers: Vec::new(), problems: vec![e.to_string()] },
    }
}
