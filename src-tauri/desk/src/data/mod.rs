//! How long people's data stays, and what goes on request: the nightly purge, one consignee's data, an export of everything.
//!
//! Invariants: nothing that is under way loses what it needs; what goes is written over, the write-ahead log is cut after it,
//! and a log row says how much went (never whose: a phone stands there as a keyed hash); an export is masked unless a person
//! with the right asked otherwise, and either way it leaves a row.
//! Absent: an import (an export is for reading elsewhere; what is to come back is a backup), and reaching into backups: a
//! parcel that went stays in older ones until rotation has removed the last of them.

mod export;
mod person;
mod readme;

pub(crate) use export::export;
pub(crate) use person::{erase_person, export_person, find_person};

use crate::api::{ApiError, DataState, Nothing, PurgeDone, SetKeepDays};
use crate::backup;
use crate::door::At;
use crate::house::House;
use crate::order::{content, plan};
use crate::rights::Actor;
use crate::store::{LogEntry, StoreError, ToPurge};
use domain::clock::Millis;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// 个人信息保护法: the shortest time that the purpose needs. Complaints and claims end within three months.
const KEEP_DAYS: u32 = 90;
const KEEP_DAYS_RANGE: std::ops::RangeInclusive<u32> = 7..=1095;
const KEEP: &str = "purge.days";
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Parcels and files of one transaction: labels wait for no more than that.
const AT_ONCE: u32 = 100;

async fn keep_days(house: &House) -> Result<u32, StoreError> {
    let set = house.store.setting(KEEP).await?.and_then(|text| text.parse().ok());
    Ok(set.filter(|days| KEEP_DAYS_RANGE.contains(days)).unwrap_or(KEEP_DAYS))
}

async fn before(house: &House) -> Result<Millis, StoreError> {
    let keep = i64::from(keep_days(house).await?) * i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX);
    Ok(Millis(house.now().0.saturating_sub(keep)))
}

/// How long data stays, and what went last.
pub(crate) async fn state(at: &At<'_>, _: Nothing) -> Result<DataState, ApiError> {
    view(at.house).await
}

async fn view(house: &House) -> Result<DataState, ApiError> {
    let due = house.store.purge_due(before(house).await?, 1000).await?;
    let due = u32::try_from(due.parcels.len() + due.files.len()).unwrap_or(u32::MAX);
    Ok(DataState {
        keep_days: keep_days(house).await?,
        least_days: *KEEP_DAYS_RANGE.start(),
        most_days: *KEEP_DAYS_RANGE.end(),
        due,
        export_folder: usual_folder(&house.folder).display().to_string(),
    })
}

/// The owner says how long.
pub(crate) async fn set_keep(at: &At<'_>, req: SetKeepDays) -> Result<DataState, ApiError> {
    if !KEEP_DAYS_RANGE.contains(&req.days) {
        let range = format!("{}–{}", KEEP_DAYS_RANGE.start(), KEEP_DAYS_RANGE.end());
        return Err(plan::wrong_fields(vec![content::error("days", "out_of_range", range)]));
    }
    let log =
        at.house.entry(at.actor()?, "data.keep", "", format!("days={} was={}", req.days, keep_days(at.house).await?));
    at.house.store.save_setting(KEEP, &req.days.to_string(), &log).await?;
    view(at.house).await
}

/// The nightly purge, now.
pub(crate) async fn purge_now(at: &At<'_>, _: Nothing) -> Result<PurgeDone, ApiError> {
    purge_due(at.house, Some(at.actor()?)).await
}

/// Called often by the worker; does nothing where nothing is due.
pub(crate) async fn nightly(house: &Arc<House>) -> Result<(), ApiError> {
    purge_due(house, None).await.map(|_| ())
}

async fn purge_due(house: &Arc<House>, by: Option<&Actor>) -> Result<PurgeDone, ApiError> {
    let _turn = house.turn("purge").await;
    let before = before(house).await?;
    let mut done = PurgeDone { parcels: 0, files: 0, drafts: 0, gone: true };
    loop {
        let what = house.store.purge_due(before, AT_ONCE).await?;
        if what.is_empty() || house.is_closing() {
            break;
        }
        let told = format!("before={} {}", day(before), counts(&what));
        if !take_out(house, &what, by, "purge", "", told).await? {
            // Something moved; the rest comes in the next round.
            break;
        }
        done.parcels += what.parcels.len() as u32;
        done.files += what.files.len() as u32;
        done.drafts += what.drafts.len() as u32;
        tokio::task::yield_now().await;
    }
    done.gone = cut(house).await?;
    Ok(done)
}

fn counts(what: &ToPurge) -> String {
    format!("parcels={} files={} drafts={}", what.parcels.len(), what.files.len(), what.drafts.len())
}

/// Writes over it, with a row; `false`: something moved.
async fn take_out(
    house: &Arc<House>,
    what: &ToPurge,
    by: Option<&Actor>,
    action: &str,
    object: &str,
    told: String,
) -> Result<bool, ApiError> {
    let log: LogEntry = match by {
        Some(actor) => house.entry(actor, action, object, told),
        None => house.entry_of_desk(action, object, told),
    };
    let done = house.store.purge(what, house.now(), &log).await?;
    if done {
        house.wal_to_cut.store(true, Ordering::Relaxed);
        house.tell("parcel", "");
    }
    Ok(done)
}

/// After a purge the write-ahead log is cut; while somebody reads, it is tried again in the next round.
async fn cut(house: &House) -> Result<bool, ApiError> {
    if !house.wal_to_cut.load(Ordering::Relaxed) {
        return Ok(true);
    }
    let gone = house.store.cut_wal().await?;
    if gone {
        house.wal_to_cut.store(false, Ordering::Relaxed);
    }
    Ok(gone)
}

fn day(t: Millis) -> String {
    backup::stamp(t)[..8].to_owned()
}

/// Beside the data folder.
fn usual_folder(data: &Path) -> PathBuf {
    let mut name = data.file_name().unwrap_or_default().to_owned();
    name.push("-exports");
    data.with_file_name(name)
}

/// A new folder for an export: under the one that was named, else under the usual one.
fn new_folder(house: &House, wanted: &str, stem: &str) -> Result<PathBuf, ApiError> {
    let wrong = |detail: String| plan::wrong_fields(vec![content::error("folder", "bad_folder", detail)]);
    let under = match wanted.trim() {
        "" => usual_folder(&house.folder),
        text => PathBuf::from(text),
    };
    if !under.is_absolute() {
        return Err(wrong(wanted.to_owned()));
    }
    let stem = format!("{stem}-{}", backup::stamp(house.now()));
    let name = |n: u32| if n == 1 { stem.clone() } else { format!("{stem}-{n}") };
    let folder = (1..1000).map(|n| under.join(name(n))).find(|p| !p.exists()).unwrap_or_else(|| under.join(&stem));
    backup::make_folder(&folder).map_err(|e| wrong(e.to_string()))?;
    Ok(folder)
}

/// A private file, whole and on the platter.
fn write_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut how = std::fs::File::options();
    how.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let mut file = how.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn not_written(e: &std::io::Error) -> ApiError {
    if matches!(e.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded) {
        return StoreError::DiskFull.into();
    }
    plan::wrong_fields(vec![content::error("folder", "bad_folder", e.to_string())])
}
