//! Printers of the print component on this computer.

use super::{Finds, FoundPrinter, Place};
use crate::address::LinkAddress;
use crate::component::{ComponentError, ComponentSettings, component_printers};
use std::time::Duration;

/// The printers it lists. That no component runs is no problem: most computers have none.
pub(super) async fn look(port: u16, time: Duration) -> Finds {
    let settings = ComponentSettings { connect: time, answer: time, ..ComponentSettings::default() };
    match component_printers(port, &settings).await {
        Ok(listed) => {
            let printers = listed.into_iter().map(|p| FoundPrinter {
                // By way of its text, so that nothing is offered that could not be typed.
                address: LinkAddress::Cainiao { port, printer: p.name.clone() }.to_string().parse().ok(),
                name: p.name,
                device_id: None,
                place: Place::Component,
            });
            Finds { printers: printers.filter(|p| p.address.is_some()).collect(), problems: Vec::new() }
        }
        Err(ComponentError::NotRunning { .. }) => Finds::default(),
        Err(e @ ComponentError::NoAnswer { .. }) => Finds { printers: Vec::new(), problems: vec![e.to_string()] },
    }
}
