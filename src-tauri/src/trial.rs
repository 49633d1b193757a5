//! Trial: a desk of its own against the practice market, whose servers run in this process.
//!
//! Invariant: the trial folder is never the live one; nothing moves across.

use crate::host::WindowHost;
use desk::{ApiError, Desk, Door, Place, Setup};
use std::{path::PathBuf, sync::Arc};

/// Fixed, so that two trials look alike.
const SEED: u64 = 1;

/// The practice market and practice printer of an open trial.
pub struct Practice(sandbox::Serving);

impl Practice {
    /// Stops both servers.
    pub async fn stop(self) {
        self.0.stop().await;
    }
}

/// Starts the practice servers, opens the trial desk against them, and signs its owner in.
pub async fn open(host: Arc<WindowHost>, station: &str) -> Result<(Desk, Door, Practice), ApiError> {
    let folder = folder()?;
    let serving = sandbox::serve(0, SEED, Some(folder.join("practice"))).await.map_err(ApiError::internal)?;
    let market = serving.market.base();
    let setup = Setup { host, ..Setup::trial(folder, &market) };
    let desk = Desk::open(setup).await.map_err(|error| error.to_api())?;
    let door = desk.door(Place::Window, station);
    Ok((desk, door, Practice(serving)))
}

/// Beside the live folder, so that one `WAYBILL_DATA` serves both and they never mix.
fn folder() -> Result<PathBuf, ApiError> {
    let live = Setup::usual_folder().map_err(|error| error.to_api())?;
    let mut name = live.file_name().unwrap_or_default().to_owned();
    name.push("-trial");
    Ok(live.with_file_name(name))
}
