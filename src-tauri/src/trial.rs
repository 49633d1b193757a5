//! Trial: a desk of its own against the practice market, whose servers run in this process.
//!
//! Invariant: the trial folder is never the live one; nothing moves across.

use crate::host::WindowHost;
use desk::{ApiError, Code, Desk, Door, Place, Setup, trial};
use domain::secret::Secret;
use std::{path::PathBuf, sync::Arc};
use url::Url;

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
        component: serving.component.address(),
        sms: (serving.market.sms_address(), Secret::new(sandbox::PRACTICE_SMS_KEY)),
    };
    let market = elsewhere()?.unwrap_or_else(|| serving.market.base());
    let mut setup = Setup { host, ..Setup::trial(folder, &market) };
    if let Some(issuer) = std::env::var_os("WAYBILL_STANDARD_ISSUER").filter(|text| !text.is_empty()) {
        setup = trial::with_standard(setup, &issuer.to_string_lossy()).await?;
    }
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

/// `WAYBILL_PRACTICE`: a practice market that runs on this computer already (`waybill sandbox serve`), as for the command
/// line. The printer stays this window's own.
fn elsewhere() -> Result<Option<Url>, ApiError> {
    let Some(text) = std::env::var_os("WAYBILL_PRACTICE").filter(|text| !text.is_empty()) else { return Ok(None) };
    let here = |url: &Url| url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "[::1]"));
    let url = text.to_str().and_then(|text| Url::parse(text).ok()).filter(here);
    url.map(Some).ok_or_else(|| {
        ApiError::new(Code::InvalidInput, "WAYBILL_PRACTICE is not the address of a practice market")
            .hint("write it as `waybill sandbox serve` prints it, http://127.0.0.1:PORT/")
    })
}

/// Beside the live folder, so that one `WAYBILL_DATA` serves both and they never mix.
fn folder() -> Result<PathBuf, ApiError> {
    let live = Setup::usual_folder().map_err(|error| error.to_api())?;
    let mut name = live.file_name().unwrap_or_default().to_owned();
    name.push("-trial");
    Ok(live.with_file_name(name))
}
