//! Queues of this computer's spooler: CUPS, or that of Windows.

use super::{Finds, FoundPrinter, Place};
use crate::transports::cups_queues::{QueueInfo, list_queues};

/// The queues there are now.
#[cfg(not(windows))]
pub(super) async fn look(spooler: Option<&str>) -> Finds {
    cups(spooler).await
}

/// The spooler of Windows; a CUPS server only where one was named.
#[cfg(windows)]
pub(super) async fn look(spooler: Option<&str>) -> Finds {
    let mut finds = if spooler.is_some() { cups(spooler).await } else { Finds::default() };
    match crate::transports::blocking(crate::transports::winspool::list_winspool).await {
        Ok(all) => finds.printers.extend(all.into_iter().map(|printer| FoundPrinter {
            address: Some(crate::LinkAddress::Winspool { name: printer.name }),
            name: format!("{} at {}", printer.driver, printer.port),
            device_id: None,
            place: Place::Spooler,
        })),
        Err(e) => finds.problems.push(format!("the printers of Windows cannot be listed: {e}")),
    }
    finds
}

async fn cups(spooler: Option<&str>) -> Finds {
    match list_queues(spooler).await {
        Ok(queues) => {
            Finds { printers: queues.into_iter().map(|queue| found(queue, spooler)).collect(), problems: Vec::new() }
        }
        Err(e) => Finds { printers: Vec::new(), problems: vec![e.to_string()] },
    }
}

fn found(queue: QueueInfo, spooler: Option<&str>) -> FoundPrinter {
    let address = queue.address(spooler);
    let name = if queue.info.is_empty() { queue.name } else { queue.info };
    FoundPrinter { address: Some(address), name, device_id: queue.device_id, place: Place::Spooler }
}
