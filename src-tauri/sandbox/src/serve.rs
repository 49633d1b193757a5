//! Market, printer and print component together, as `waybill sandbox serve` wants them. Printing the addresses is the caller's job.

use crate::{
    Answers, ComponentStartError, Market, MarketError, MarketSettings, PracticeComponent, PracticeComponentSettings,
    PracticePrinter, PracticePrinterSettings, PrinterStartError,
};
use domain::clock::SystemClock;
use domain::units::Dpi;
use std::path::PathBuf;
use std::sync::Arc;

/// A running practice market with one practice printer and one practice print component.
pub struct Serving {
    /// The market.
    pub market: Market,
    /// The printer; its paper and faults can also be set over the market's `/control/printer`.
    pub printer: PracticePrinter,
    /// The component that prints sealed labels; its faults can also be set over the market's `/control/component`.
    pub component: PracticeComponent,
}

impl Serving {
    /// Stops all.
    pub async fn stop(self) {
        self.market.stop().await;
        self.printer.stop().await;
        self.component.stop().await;
    }
}

/// Why the practice servers did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The market did not.
    #[error(transparent)]
    Market(#[from] MarketError),
    /// The printer did not.
    #[error(transparent)]
    Printer(#[from] PrinterStartError),
    /// The print component did not.
    #[error(transparent)]
    Component(#[from] ComponentStartError),
}

/// Starts the market on `port` (0 = any), a 203-dpi printer and a print component on any ports. `folder` keeps the
/// market's ledger (`market/`), the labels that came out (`printer/`) and the documents that the component was given
/// (`component/`); without it everything is forgotten at the end.
pub async fn serve(port: u16, seed: u64, folder: Option<PathBuf>) -> Result<Serving, ServeError> {
    let printer = PracticePrinter::start(PracticePrinterSettings {
        port: 0,
        folder: folder.as_ref().map(|f| f.join("printer")),
        dpi: Dpi::D203,
        answers: Answers::All,
    })
    .await?;
    let component = PracticeComponent::start(PracticeComponentSettings {
        port: 0,
        folder: folder.as_ref().map(|f| f.join("component")),
    })
    .await?;
    let market = Market::start(MarketSettings {
        port,
        seed,
        folder: folder.map(|f| f.join("market")),
        clock: Arc::new(SystemClock::default()),
    })
    .await?;
    market.attach_printer(printer.handle());
    market.attach_component(component.handle());
    Ok(Serving { market, printer, component })
}
