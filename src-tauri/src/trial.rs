//! Trial: a desk of its own against the practice market, whose servers run in this process.
//!
//! Invariant: the trial folder is never the live one; nothing moves across.

use crate::host::WindowHost;
use desk::{ApiError, Desk, Door, Place, Setup, trial};
use domain::secret::Secret;
use std::{path::PathBuf, sync::Arc};

/// Fixed, so that two trials look alike.
const SEED: u64 = 1;

/// Starts the practice servers, opens the trial desk against them, makes it ready and signs its owner in. `running` holds
/// the servers, also when something after their start fails.
pub async fn open(
    host: Arc<WindowHost>,
    station: &str,
    running: &mut Option<sandbox::Serving>,
) -> Result<(Desk, Door), ApiError> {
    let folder = folder()?;
    let serving = sandbox::serve(0, SEED, Some(folder.join("practice"))).await.map_err(ApiError::internal)?;
    let serving = running.insert(serving);
    let practice = trial::Practice {
        app_key: sandbox::PRACTICE_APP_KEY.to_owned(),
        app_secret: Secret::new(sandbox::PRACTICE_APP_SECRET),
        printer: serving.printer.handle().address(),
    };
    let setup = Setup { host, ..Setup::trial(folder, &serving.market.base()) };
    let desk = Desk::open(setup).await.map_err(|error| error.to_api())?;
    let door = desk.door(Place::Window, station);
    match trial::prepare(&door, &practice).await {
        Ok(()) => Ok((desk, door)),
        Err(error) => {
            desk.close().await;
            Err(error)
        }
    }
}

/// Beside the live folder, so that one `WAYBILL_DATA` serves both and they never mix.
fn folder() -> Result<PathBuf, ApiError> {
    let live = Setup::usual_folder().map_err(|error| error.to_api())?;
    let mut name = live.file_name().unwrap_or_default().to_owned();
    name.push("-trial");
    Ok(live.with_file_name(name))
}
