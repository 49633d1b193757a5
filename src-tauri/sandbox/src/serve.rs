//! Market and printer together, as `waybill sandbox serve` wants them. Printing the addresses is the caller's job.

use crate::{
    Answers, Market, MarketError, MarketSettings, PracticePrinter, PracticePrinterSettings, PrinterStartError,
};
use domain::clock::SystemClock;
use domain::units::Dpi;
use std::path::PathBuf;
use std::sync::Arc;

/// A running practice market with one practice printer.
pub struct Serving {
    /// The market.
    pub market: Market,
    /// The printer; its paper and faults can also be set over the market's `/control/printer`.
    pub printer: PracticePrinter,
}

impl Serving {
    /// Stops both.
    pub async fn stop(self) {
        self.market.stop().await;
        self.printer.stop().await;
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
}

/// Starts the market on `port` (0 = any) and a 203-dpi printer on any port. `folder` keeps the market's ledger
/// (`market/`) and the labels that came out (`printer/`); without it everything is forgotten at the end.
pub async fn serve(port: u16, seed: u64, folder: Option<PathBuf>) -> Result<Serving, ServeError> {
    let printer = PracticePrinter::start(PracticePrinterSettings {
        port: 0,
        folder: folder.as_ref().map(|f| f.join("printer")),
        dpi: Dpi::D203,
        answers: Answers::All,
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
    Ok(Serving { market, printer })
}
