//! Backups: every night and on demand, proven before they count, sealed for a card that only the owner has.
//!
//! ```text
//! copy (one state of the store, nothing in it that must not travel, compared with the tables it came from)
//!  └► sealed beside its place as `.partial`, flushed
//!      └► opened again in scratch: manifest, counts, the log's head, a hash of every table
//!          └► all equal: named, listed as good, older ones rotated away     else: removed, told, tried again
//! ```
//!
//! Invariants: a file with a backup's name was opened and compared; no scratch outlives a run or the next start, no sealed
//! half the next backup; the words of the card are in memory while a card is made or used, and nowhere else.
//! Absent: copies to other computers (the owner may choose a folder there), backups without a card.

pub(crate) mod card;
mod file;
pub(crate) mod restore;
mod rotation;

use crate::api::{
    ApiError, BackupFile, BackupPreview, BackupState, BackupView, CardView, Code, Done, FieldError, Nothing,
    SetBackupFolder,
};
use crate::door::At;
use crate::house::House;
use crate::rights::Actor;
use crate::store::{BackupRow, Inventory, LogEntry, StoreError, sqlite};
use crate::vault::SealedFileError;
use domain::clock::Millis;
use file::Manifest;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use card::Table as CardTable;
pub(crate) use rotation::stamp;

/// The end of a backup's name.
pub(crate) const END: &str = "wbdesk";
/// Rows shown.
const SHOWN: u32 = 40;
/// Rows that rotation looks at.
const ROTATED: u32 = 1_000;
/// After a failure the night's backup is tried again.
const AGAIN: Duration = Duration::from_secs(3600);
/// Older than this, the newest good backup is something to tell.
const OLD: Duration = Duration::from_secs(2 * 24 * 3600 + 12 * 3600);
/// Where people's choice of a folder is kept; it is this computer's.
const FOLDER: &str = "here.backup_folder";

/// Why a backup was not made, or one is not believed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("no recovery card was made yet")]
    NoCard,
    #[error("the folder for backups cannot be used: {0}")]
    Folder(std::io::Error),
    #[error("the disk is full")]
    DiskFull,
    #[error(transparent)]
    Sealed(SealedFileError),
    #[error("what came back differs from what was put in")]
    Differs,
    #[error(transparent)]
    Store(StoreError),
    #[error("{0}")]
    Other(String),
}

impl Trouble {
    /// The word that faces translate.
    fn word(&self) -> &'static str {
        match self {
            Self::NoCard => "no_card",
            Self::Folder(_) => "folder",
            Self::DiskFull => "disk_full",
            Self::Sealed(e) => sealed_word(e),
            Self::Differs => "differs",
            Self::Store(_) | Self::Other(_) => "internal",
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(e: std::io::Error) -> Self {
        match e.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Folder(e),
        }
    }
}
impl From<SealedFileError> for Trouble {
    fn from(e: SealedFileError) -> Self {
        match e {
            SealedFileError::Io(e) => e.into(),
            e => Self::Sealed(e),
        }
    }
}
impl From<StoreError> for Trouble {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::DiskFull => Self::DiskFull,
            e => Self::Store(e),
        }
    }
}

/// The word of what is wrong with a file.
pub(crate) fn sealed_word(e: &SealedFileError) -> &'static str {
    match e {
        SealedFileError::NotABackup => "not_a_backup",
        SealedFileError::LaterForm(_) => "later_program",
        SealedFileError::OtherCard => "other_card",
        SealedFileError::Damaged { .. } => "damaged",
        SealedFileError::Io(_) => "folder",
    }
}

/// A folder for pieces of work, gone with it.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(house: &House) -> std::io::Result<Self> {
        let path = root(&house.folder).join(house.chance.hex(8));
        make_folder(&path)?;
        Ok(Self(path))
    }
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "a scratch folder stays until the next start");
        }
        // Not empty while another piece of work is under way.
        let _ = self.0.parent().map(std::fs::remove_dir);
    }
}

fn root(folder: &Path) -> PathBuf {
    folder.join("scratch")
}

/// What an earlier run was torn away from.
pub(crate) fn clear_scratch(folder: &Path) {
    match std::fs::remove_dir_all(root(folder)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, "an old scratch folder could not be removed");
        }
        _ => {}
    }
}

pub(crate) fn make_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Beside the data folder, unless the owner chose another.
async fn folder(house: &House) -> Result<(PathBuf, bool), StoreError> {
    let chosen = house.store.setting(FOLDER).await?.filter(|f| !f.is_empty());
    Ok(chosen.map_or_else(|| (usual_folder(&house.folder), true), |f| (PathBuf::from(f), false)))
}

/// The folder's sibling.
pub(crate) fn usual_folder(data: &Path) -> PathBuf {
    let mut name = data.file_name().unwrap_or_default().to_owned();
    name.push("-backups");
    data.with_file_name(name)
}

/// Where backups stand.
pub(crate) async fn state(at: &At<'_>, _: Nothing) -> Result<BackupState, ApiError> {
    view(at.house).await
}

async fn view(house: &Arc<House>) -> Result<BackupState, ApiError> {
    let card = house.store.card().await?;
    let rows = house.store.backups(SHOWN).await?;
    let (folder, usual) = folder(house).await?;
    let people = house.store.people().await?;
    Ok(BackupState {
        trouble: trouble_now(house).await?,
        running: house.backing_up.load(std::sync::atomic::Ordering::Relaxed),
        card: card.map(|c| CardView {
            id: hex(&c.id),
            made_at: c.made_at.0,
            by: people.iter().find(|p| p.id.as_str() == c.made_by).map_or(c.made_by, |p| p.name.clone()),
        }),
        folder: folder.display().to_string(),
        usual_folder: usual,
        last_good: rows.iter().find(|r| r.good).map(|r| r.started_at.0),
        rows: rows.iter().map(row_view).collect(),
    })
}

/// What somebody has to do something about, as a word; empty = nothing.
pub(crate) async fn trouble_now(house: &House) -> Result<String, ApiError> {
    if house.store.card().await?.is_none() {
        return Ok("no_card".to_owned());
    }
    let rows = house.store.backups(SHOWN).await?;
    match rows.first() {
        Some(last) if !last.good => Ok(last.trouble.clone()),
        Some(last) if house.now().since(last.started_at) > OLD => Ok("old".to_owned()),
        _ => Ok(String::new()),
    }
}

fn row_view(r: &BackupRow) -> BackupView {
    BackupView {
        id: r.id.to_string(),
        at: r.started_at.0,
        how: r.how.clone(),
        state: if r.good { "good" } else { "failed" }.to_owned(),
        file: r.file.clone(),
        bytes: r.bytes,
        rows: r.rows,
        log_rows: r.log_rows,
        log_head: r.log_head.clone(),
        trouble: r.trouble.clone(),
        detail: r.detail.clone(),
    }
}

/// Makes one now.
pub(crate) async fn create(at: &At<'_>, _: Nothing) -> Result<BackupView, ApiError> {
    let actor = at.actor()?;
    let row = make(at.house, "by_hand", Some(actor)).await?;
    Ok(row_view(&row))
}

/// Opens a backup once more, compares it with what stands in it, and its log's head with the log of today.
pub(crate) async fn verify(at: &At<'_>, req: BackupFile) -> Result<BackupPreview, ApiError> {
    let house = at.house;
    let card = house.store.card().await?.ok_or_else(|| to_api(&Trouble::NoCard))?;
    let path = PathBuf::from(&req.file);
    let scratch = Scratch::new(house).map_err(|e| to_api(&e.into()))?;
    let (manifest, bytes) =
        opened(&path, &card.key, &scratch).await.map(|(m, _, bytes)| (m, bytes)).map_err(|e| refused(&e))?;
    let log = house.entry(at.actor()?, "backup.verify", "", format!("good file={}", name_of(&path)));
    house.store.note(&log).await?;
    let stock = &manifest.inventory;
    let log_here = crate::log::compare_head(house, stock.log_rows, &stock.log_head).await?.to_owned();
    Ok(BackupPreview { log_here, ..preview(&manifest, bytes) })
}

/// Chooses the folder; empty = the usual one. It is tried before it is kept.
pub(crate) async fn set_folder(at: &At<'_>, req: SetBackupFolder) -> Result<BackupState, ApiError> {
    let house = at.house;
    let wanted = req.folder.trim();
    if !wanted.is_empty() {
        let path = PathBuf::from(wanted);
        let wrong = |detail: String| {
            ApiError::new(Code::InvalidInput, format!("folder: {detail} — the old folder stays"))
                .hint("name another folder, with its whole path")
                .fields(vec![FieldError { field: "folder".into(), code: "bad_folder".into(), detail, fault: None }])
        };
        if !path.is_absolute() {
            return Err(wrong(wanted.to_owned()));
        }
        make_folder(&path).map_err(|e| wrong(e.to_string()))?;
        let real = path.canonicalize().map_err(|e| wrong(e.to_string()))?;
        if real.starts_with(house.folder.canonicalize().unwrap_or_else(|_| house.folder.clone())) {
            return Err(wrong(wanted.to_owned()));
        }
        let probe = real.join(format!(".waybill-{}", house.chance.hex(4)));
        std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)).map_err(|e| wrong(e.to_string()))?;
    }
    let log = house.entry(at.actor()?, "backup.folder", "", if wanted.is_empty() { "usual" } else { wanted });
    house.store.save_setting(FOLDER, wanted, &log).await?;
    house.tell("backups", "");
    view(house).await
}

/// The night's backup, if it is due; called often.
pub(crate) async fn nightly(house: &Arc<House>) -> Result<(), ApiError> {
    if house.store.card().await?.is_none() {
        return Ok(());
    }
    let rows = house.store.backups(SHOWN).await?;
    let now = house.now();
    let good = rows.iter().find(|r| r.good).map(|r| r.started_at);
    let failed = rows.first().filter(|r| !r.good).map(|r| r.ended_at);
    if good.is_some_and(|t| t >= rotation::last_night(now)) || failed.is_some_and(|t| now.since(t) < AGAIN) {
        return Ok(());
    }
    make(house, "nightly", None).await.map(|_| ())
}

/// Makes one, and writes down how it went.
pub(crate) async fn make(house: &Arc<House>, how: &str, by: Option<&Actor>) -> Result<BackupRow, ApiError> {
    let _turn = house.turn("backup").await;
    let _running = Running::on(house);
    let started_at = house.now();
    let end = attempt(house, started_at).await;
    let entry = |action: &str, detail: String| -> LogEntry {
        match by {
            Some(actor) => house.entry(actor, action, "", detail),
            None => house.entry_of_desk(action, "", detail),
        }
    };
    let blank = BackupRow {
        id: 0,
        started_at,
        ended_at: house.now(),
        how: how.to_owned(),
        good: false,
        file: String::new(),
        bytes: 0,
        rows: 0,
        log_rows: 0,
        log_head: String::new(),
        trouble: String::new(),
        detail: String::new(),
    };
    match end {
        Ok((path, bytes, inventory)) => {
            let row = BackupRow {
                good: true,
                file: path.display().to_string(),
                bytes,
                rows: inventory.all_rows(),
                log_rows: inventory.log_rows,
                log_head: inventory.log_head.clone(),
                ..blank
            };
            let told = format!(
                "file={} bytes={bytes} rows={} log_rows={} log_head={}",
                name_of(&path),
                row.rows,
                row.log_rows,
                row.log_head
            );
            house.store.add_backup(&row, &entry("backup.good", told)).await?;
            crate::log::keep_head(house, row.log_rows, &row.log_head);
            // The backup is good, whatever becomes of older ones; they are looked at again after the next.
            if let Err(error) = rotate(house).await {
                tracing::warn!(error = %error.message, "older backups were not rotated away");
            }
            house.tell("backups", "");
            let rows = house.store.backups(1).await?;
            Ok(rows.into_iter().next().unwrap_or(row))
        }
        Err(trouble) => {
            tracing::warn!(error = %trouble, "no backup was made");
            let row = BackupRow { trouble: trouble.word().to_owned(), detail: trouble.to_string(), ..blank };
            let told = entry("backup.failed", trouble.word().to_owned());
            // A full disk may refuse this row as well; then the age of the last good one tells it.
            if let Err(e) = house.store.add_backup(&row, &told).await {
                tracing::warn!(error = %e, "that no backup was made could not be written down");
            }
            house.tell("backups", "");
            Err(to_api(&trouble))
        }
    }
}

async fn attempt(house: &Arc<House>, started_at: Millis) -> Result<(PathBuf, u64, Inventory), Trouble> {
    let card = house.store.card().await?.ok_or(Trouble::NoCard)?;
    let (folder, _) = folder(house).await?;
    make_folder(&folder)?;
    let scratch = Scratch::new(house)?;
    let copy = scratch.file("copy.db");
    let inventory = house.store.copy_out(&copy).await?;
    let manifest = Manifest {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        trial: house.trial,
        made_at: started_at.0,
        inventory: inventory.clone(),
    };
    let card_name = hex(&card.id);
    clear_partials(&folder, &card_name);
    let path = free_name(&folder, started_at, &card_name);
    let partial = Partial(path.with_extension(format!("{END}.partial")));
    let (key, carried) = (Arc::new(card.key), house.vault.carried());
    let to = partial.0.clone();
    let (sealing_key, told) = (key.clone(), manifest.clone());
    blocking(move || file::seal(&copy, &to, &sealing_key, &told, &carried)).await?;
    let (back, stock, bytes) = opened(&partial.0, &key, &scratch).await?;
    if back != manifest || stock != inventory {
        return Err(Trouble::Differs);
    }
    std::fs::rename(&partial.0, &path)?;
    sync_folder(&folder)?;
    Ok((path, bytes, inventory))
}

/// Opens a backup in scratch and compares it with its own manifest: what it says, what is there, its length.
async fn opened(
    path: &Path,
    key: &crate::vault::BackupKey,
    scratch: &Scratch,
) -> Result<(Manifest, Inventory, u64), Trouble> {
    let into = scratch.file("check.db");
    let (from, to, key) = (path.to_owned(), into.clone(), key.again());
    let (manifest, carried, bytes) = blocking(move || file::unseal(&from, &to, &key)).await?;
    let stock = match sqlite::look_at(&into, &carried).await {
        Err(StoreError::Unreadable { .. } | StoreError::Sealed { .. } | StoreError::Damaged) => {
            return Err(Trouble::Differs);
        }
        other => other?,
    };
    std::fs::remove_file(&into)?;
    if stock != manifest.inventory {
        return Err(Trouble::Differs);
    }
    Ok((manifest, stock, bytes))
}

async fn rotate(house: &Arc<House>) -> Result<(), ApiError> {
    let rows = house.store.backups(ROTATED).await?;
    let good: Vec<(i64, Millis)> = rows.iter().filter(|r| r.good).map(|r| (r.id, r.started_at)).collect();
    let keep = rotation::keep(&good);
    for row in rows.iter().filter(|r| r.good && !keep.contains(&r.id)) {
        match std::fs::remove_file(&row.file) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::warn!(%error, file = row.file, "an old backup could not be removed; it will be tried again");
                continue;
            }
        }
        let log = house.entry_of_desk("backup.rotated", "", format!("file={}", name_of(Path::new(&row.file))));
        house.store.backup_removed(row.id, house.now(), &log).await?;
    }
    Ok(())
}

/// Sealed halves of this card's that an earlier run was torn away from.
fn clear_partials(folder: &Path, card: &str) {
    let end = format!(".{END}.partial");
    for item in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let name = item.file_name().to_string_lossy().into_owned();
        let ours = name.starts_with("waybill-") && name.contains(&card[..8]) && name.ends_with(&end);
        if ours && let Err(error) = std::fs::remove_file(item.path()) {
            tracing::warn!(%error, name, "half a backup of an earlier run could not be removed");
        }
    }
}

/// A sealed half that nobody has looked at; removed unless it got its name.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // Gone already, if it was renamed.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Screens show that one is being made.
struct Running<'a>(&'a House);

impl<'a> Running<'a> {
    fn on(house: &'a House) -> Self {
        house.backing_up.store(true, std::sync::atomic::Ordering::Relaxed);
        house.tell("backups", "");
        Self(house)
    }
}
impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.backing_up.store(false, std::sync::atomic::Ordering::Relaxed);
    }
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Trouble::Other(e.to_string()))?
}

fn free_name(folder: &Path, at: Millis, card: &str) -> PathBuf {
    let stem = format!("waybill-{}-{}", rotation::stamp(at), &card[..8]);
    let name = |n: u32| if n == 1 { format!("{stem}.{END}") } else { format!("{stem}-{n}.{END}") };
    (1..).map(|n| folder.join(name(n))).find(|p| !p.exists()).unwrap_or_else(|| folder.join(name(1)))
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A rename survives a power cut only when the folder itself was flushed.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { std::fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What a person sees before a backup is taken in, or after it was looked at again.
pub(crate) fn preview(m: &Manifest, bytes: u64) -> BackupPreview {
    let i = &m.inventory;
    BackupPreview {
        made_at: m.made_at,
        program: m.program.clone(),
        trial: m.trial,
        bytes,
        shops: i.shops.clone(),
        people: i.rows("people"),
        parcels: i.rows("parcels"),
        numbers: i.rows("waybills"),
        labels: i.rows("print_jobs"),
        printers: i.rows("printers"),
        templates: i.rows("own_templates"),
        rows: i.all_rows(),
        log_rows: i.log_rows,
        log_head: i.log_head.clone(),
        log_here: String::new(),
    }
}

/// A file that is not taken.
pub(crate) fn refused(t: &Trouble) -> ApiError {
    let word = t.word();
    match t {
        Trouble::Sealed(_) | Trouble::Differs => {
            ApiError::new(Code::BackupRefused, format!("{t}; nothing was changed")).detail(word)
        }
        Trouble::Folder(e) if e.kind() == std::io::ErrorKind::NotFound => {
            ApiError::new(Code::BackupRefused, "there is no such file; nothing was changed").detail("no_file")
        }
        other => to_api(other),
    }
}

pub(crate) fn to_api(t: &Trouble) -> ApiError {
    let word = t.word();
    match t {
        Trouble::NoCard => ApiError::new(Code::CardMissing, "no recovery card was made yet; no backup was made")
            .hint("the owner makes one: settings, or `waybill backup card`"),
        Trouble::DiskFull => ApiError::new(Code::DiskFull, "the disk is full; no backup was made, older ones stay")
            .hint("free some space or choose another folder, then do it again"),
        Trouble::Folder(_) | Trouble::Sealed(_) | Trouble::Differs | Trouble::Store(_) | Trouble::Other(_) => {
            ApiError::new(Code::BackupFailed, format!("{t}; no backup was made, older ones stay"))
                .detail(word)
                .hint("look at the folder for backups, then do it again")
        }
    }
}

/// Nobody needs to be told twice.
#[allow(clippy::unused_async, reason = "the table of commands awaits them all")]
pub(crate) async fn forget(at: &At<'_>, _: Nothing) -> Result<Done, ApiError> {
    card::put_away(at.house);
    Ok(Done {})
}
