//! A backup taken in where nobody has set anything up yet. What was under way when it was made is under way no more, and
//! every shop has to be authorised again.

use super::{END, Scratch, Trouble, blocking, file, preview, refused, to_api, usual_folder};
use crate::api::{
    ApiError, BackupFiles, BackupFolder, BackupPreview, Code, FieldError, FoundBackup, OpenBackup, RestoreDone,
};
use crate::door::At;
use crate::house::House;
use crate::store::{Card, StoreError, sqlite};
use crate::vault::{Head, Recovery, WordsWrong};
use domain::secret::Secret;
use std::path::{Path, PathBuf};

/// Backups in one folder that are shown.
const SHOWN: usize = 100;

/// Only while there is nobody: whoever can reach an empty folder may fill it, and nothing else.
async fn nobody_yet(house: &House) -> Result<(), ApiError> {
    if house.store.people().await?.is_empty() {
        return Ok(());
    }
    Err(ApiError::new(Code::WrongState, "this desk is set up already; nothing was changed")
        .hint("a backup is restored into an empty data folder: name another one (WAYBILL_DATA, --data)")
        .detail("set_up"))
}

fn secret(words: &Secret) -> Result<Recovery, ApiError> {
    Recovery::from_words(words.reveal()).map_err(|e| {
        let (code, detail) = match e {
            WordsWrong::Count { found } => ("word_count", found.to_string()),
            WordsWrong::Unknown { nth } => ("unknown_word", nth.to_string()),
            WordsWrong::Checksum => ("words_do_not_fit", String::new()),
        };
        ApiError::new(Code::InvalidInput, format!("words: {e} — nothing was changed"))
            .hint("compare them with the card, one by one")
            .fields(vec![FieldError { field: "words".into(), code: code.into(), detail, fault: None }])
    })
}

fn path(file: &str) -> Result<PathBuf, ApiError> {
    let path = PathBuf::from(file.trim());
    if path.is_absolute() {
        return Ok(path);
    }
    Err(ApiError::new(Code::InvalidInput, "file: not a whole path — nothing was changed")
        .hint("name the file with its whole path")
        .fields(vec![FieldError {
            field: "file".into(),
            code: "bad_folder".into(),
            detail: file.to_owned(),
            fault: None,
        }]))
}

/// Backups that lie in a folder; empty = the usual one. Safe for anyone: only on the first run, and of each file only what
/// stands on its outside.
pub(crate) async fn files(at: &At<'_>, req: BackupFolder) -> Result<BackupFiles, ApiError> {
    nobody_yet(at.house).await?;
    let folder = if req.folder.trim().is_empty() { usual_folder(&at.house.folder) } else { path(&req.folder)? };
    let mut files = found(&folder);
    files.sort_by_key(|f| std::cmp::Reverse(f.made_at));
    files.truncate(SHOWN);
    Ok(BackupFiles { folder: folder.display().to_string(), files })
}

fn found(folder: &Path) -> Vec<FoundBackup> {
    let Ok(items) = std::fs::read_dir(folder) else { return Vec::new() };
    items
        .filter_map(Result::ok)
        .map(|item| item.path())
        .filter(|path| path.extension().is_some_and(|end| end == END))
        .filter_map(|path| {
            let mut open = std::fs::File::open(&path).ok()?;
            let bytes = open.metadata().ok()?.len();
            let head = Head::read(&mut open).ok()?;
            Some(FoundBackup {
                file: path.display().to_string(),
                made_at: head.made_at.0,
                bytes,
                card: super::hex(&head.card),
            })
        })
        .collect()
}

/// What is inside, before anything is done. Safe for anyone: only on the first run, and only with the card's words.
pub(crate) async fn look(at: &At<'_>, req: OpenBackup) -> Result<BackupPreview, ApiError> {
    nobody_yet(at.house).await?;
    let (path, key) = (path(&req.file)?, secret(&Secret::new(req.words))?.backup_key());
    let (manifest, bytes) = blocking(move || file::peek(&path, &key)).await.map_err(|e| refused(&e))?;
    Ok(preview(&manifest, bytes))
}

/// Takes it in. Safe for anyone: as [`look`].
pub(crate) async fn restore(at: &At<'_>, req: OpenBackup) -> Result<RestoreDone, ApiError> {
    let house = at.house;
    let _turn = house.turn("backup").await;
    nobody_yet(house).await?;
    let (path, key) = (path(&req.file)?, secret(&Secret::new(req.words))?.backup_key());
    let scratch = Scratch::new(house).map_err(|e| to_api(&e.into()))?;
    let into = scratch.file("restore.db");
    let (from, to, opening) = (path, into.clone(), key.again());
    let (manifest, carried, bytes) =
        blocking(move || file::unseal(&from, &to, &opening)).await.map_err(|e| refused(&e))?;
    if manifest.trial != house.trial {
        return Err(ApiError::new(
            Code::BackupRefused,
            "this backup is of the other kind of desk; nothing was changed",
        )
        .hint("a backup of the practice market goes into a practice folder only")
        .detail("other_kind"));
    }
    let stock = sqlite::look_at(&into, &carried).await.map_err(|e| refused(&of_copy(e)))?;
    if stock != manifest.inventory {
        return Err(refused(&Trouble::Differs));
    }
    match sqlite::bring_up(&into).await {
        Err(StoreError::Unreadable { .. }) => {
            return Err(ApiError::new(Code::BackupRefused, "a later version of the program made this backup")
                .hint("install that version, then restore; nothing was changed")
                .detail("later_program"));
        }
        other => other?,
    }
    let card = Card { id: key.card(), key, made_at: house.now(), made_by: "desk".to_owned() };
    let told = format!(
        "made_at={} rows={} log_rows={} log_head={}",
        manifest.made_at,
        stock.all_rows(),
        stock.log_rows,
        stock.log_head
    );
    let log = house.entry_of_desk("backup.restored", "", told);
    let Some(there) = house.store.take_in(&into, &carried, &card, &log).await? else {
        nobody_yet(house).await?;
        return Err(ApiError::internal("the store refused a backup though nobody is there"));
    };
    // Never untrue: the store compares every table before it commits.
    let equal = there.log_head == stock.log_head && there.log_rows == stock.log_rows;
    crate::log::keep_head(house, stock.log_rows, &stock.log_head);
    crate::worker::mend_after_restart(house).await?;
    for kind in ["session", "grants", "parcel", "print", "printers", "templates", "batch", "backups"] {
        house.tell(kind, "");
    }
    Ok(RestoreDone { inside: preview(&manifest, bytes), equal, needs_authorising: there.shops })
}

fn of_copy(e: StoreError) -> Trouble {
    match e {
        StoreError::Unreadable { .. } | StoreError::Sealed { .. } | StoreError::Damaged => Trouble::Differs,
        e => e.into(),
    }
}
