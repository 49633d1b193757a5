//! A thousand cuts of the mains. A child of this test writes to a store under a recorder (`tests/power/recorder.c`, by
//! `LD_PRELOAD`), which writes down each write and flush of its files; then the disk is made again as it may have stood at
//! a thousand moments: what was flushed is there, what was not is lost, or there in part, down to half a page. The store must
//! open, its chain must fit, and every commit that had returned must be in it.
//!
//! Absent: drives that lie about flushing, and `-shm`, which no cut outlives. A control run drops flushed writes, too, and
//! must be found out.
#![cfg(target_os = "linux")]

use super::{cast, stock, vault};
use crate::store::sqlite::SqliteStore;
use crate::store::{LogQuery, Store};
use domain::chance::SeededChance;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;

const CUTS: u64 = 1000;
const COMMITS: u32 = 260;
/// SQLite's own promise rests on sectors of this size being written whole or not at all.
const SECTOR: usize = 512;
const CHILD: &str = "store::sqlite::tests::cuts::the_child_writes";

#[derive(Debug)]
struct Entry {
    what: u8,
    name: String,
    at: usize,
    data: Vec<u8>,
}

fn read_record(bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while rest.len() >= 21 {
        let number = |from: usize, to: usize| {
            let mut all = [0; 8];
            all[..to - from].copy_from_slice(&rest[from..to]);
            usize::try_from(u64::from_le_bytes(all)).unwrap()
        };
        let (what, name, at, data) = (rest[0], number(1, 5), number(5, 13), number(13, 21));
        let body = &rest[21..];
        entries.push(Entry {
            what,
            name: String::from_utf8(body[..name].to_vec()).unwrap(),
            at,
            data: body[name..name + data].to_vec(),
        });
        rest = &body[name + data..];
    }
    entries
}

/// One file: what is on the platter, and what is on its way there.
#[derive(Clone, Default)]
struct File {
    durable: Option<Vec<u8>>,
    pending: Vec<usize>,
}

fn apply(file: &mut Vec<u8>, entry: &Entry, keep: impl Fn(usize) -> bool) {
    match entry.what {
        b'w' => {
            let end = entry.at + entry.data.len();
            if file.len() < end {
                file.resize(end, 0);
            }
            for (n, sector) in entry.data.chunks(SECTOR).enumerate() {
                if keep(n) {
                    let at = entry.at + n * SECTOR;
                    file[at..at + sector.len()].copy_from_slice(sector);
                }
            }
        }
        b't' => file.resize(entry.at, 0),
        _ => {}
    }
}

/// How a cut treats what was not flushed.
#[derive(Clone, Copy, Debug)]
enum Lost {
    All,
    Some,
    Torn,
}

/// The folder as it may have stood after the first `until` entries.
fn disk_at(
    files: &BTreeMap<String, File>,
    entries: &[Entry],
    lost: Lost,
    dice: &SeededChance,
) -> BTreeMap<String, Vec<u8>> {
    let mut disk = BTreeMap::new();
    for (name, file) in files {
        let mut there = file.durable.clone();
        for at in &file.pending {
            let entry = &entries[*at];
            let dice_now = dice.next_u64();
            let kept = match lost {
                Lost::All => false,
                Lost::Some => dice_now.is_multiple_of(2),
                Lost::Torn => !dice_now.is_multiple_of(4),
            };
            if !kept {
                continue;
            }
            if entry.what == b'u' {
                there = None;
                continue;
            }
            let torn = dice.next_u64();
            let keep = |sector: usize| !matches!(lost, Lost::Torn) || (torn >> (sector % 64)) & 1 == 1;
            apply(there.get_or_insert_with(Vec::new), entry, keep);
        }
        if let Some(bytes) = there {
            disk.insert(name.clone(), bytes);
        }
    }
    disk
}

/// Takes one more entry in: what it flushes is on the platter from now on, unless flushing is a lie.
fn go_on(files: &mut BTreeMap<String, File>, entries: &[Entry], at: usize, flushes_lie: bool) {
    let entry = &entries[at];
    if entry.name == "." || entry.name.ends_with("-shm") {
        return;
    }
    let file = files.entry(entry.name.clone()).or_default();
    if entry.what != b's' {
        file.pending.push(at);
        return;
    }
    let pending = std::mem::take(&mut file.pending);
    if flushes_lie && entry.name.ends_with("-wal") {
        return;
    }
    let mut there = file.durable.take();
    for at in pending {
        match entries[at].what {
            b'u' => there = None,
            _ => apply(there.get_or_insert_with(Vec::new), &entries[at], |_| true),
        }
    }
    file.durable = there;
}

/// What the child had been told was done: the last whole line of its own file, which it writes after each commit.
fn told(entries: &[Entry]) -> (i64, i64) {
    let mut text = Vec::new();
    for entry in entries.iter().filter(|e| e.name == "told") {
        apply(&mut text, entry, |_| true);
    }
    let text = String::from_utf8(text).unwrap();
    let last = text.rsplit_terminator('\n').next().unwrap_or_default();
    let (rows, parcels) = last.split_once(' ').unwrap_or(("0", "0"));
    (rows.parse().unwrap(), parcels.parse().unwrap())
}

/// Opens the folder as it stood; what is wrong with it, if something is.
async fn look(folder: &Path, vault: &std::sync::Arc<crate::vault::Vault>, told: (i64, i64)) -> Result<(), String> {
    let store = match SqliteStore::open(&folder.join("desk.db"), vault.clone()).await {
        Ok(store) => store,
        Err(e) => return Err(format!("it does not open: {e:?}")),
    };
    let (rows, wrong, _) = store.log_verify().await.map_err(|e| format!("{e:?}"))?;
    let parcels: i64 = sqlx::query_scalar("SELECT count(*) FROM parcels WHERE id LIKE 'cut-%'")
        .fetch_one(&store.readers)
        .await
        .map_err(|e| format!("{e:?}"))?;
    store.shut().await;
    if let Some(seq) = wrong {
        return Err(format!("the chain breaks at {seq} of {rows}"));
    }
    if rows < told.0 || parcels < told.1 {
        return Err(format!("lost: {rows} rows and {parcels} parcels of {told:?}"));
    }
    // One commit at most may be there that had not returned yet.
    if rows > told.0 + 1 || parcels > told.1 + 1 {
        return Err(format!("too much: {rows} rows and {parcels} parcels of {told:?}"));
    }
    Ok(())
}

/// Written by the test below, under the recorder; alone it has no folder to write to.
#[tokio::test]
#[ignore = "the child of another test"]
async fn the_child_writes() {
    let folder = std::path::PathBuf::from(std::env::var_os("WAYBILL_CHILD_CUTS").expect("run by its parent"));
    let store = SqliteStore::open(&folder.join("desk.db"), vault(folder.parent().unwrap())).await.unwrap();
    let mut told = std::fs::OpenOptions::new().append(true).create(true).open(folder.join("told")).unwrap();
    let mut parcels = 0;
    for n in 0..COMMITS {
        match n % 4 {
            0 => {
                let name = format!("cut-{n}");
                let order = cast::order(&"收件人".repeat(30), "13955501234");
                let new = cast::parcel(&name, &name, order);
                let number = cast::waybill(&name, &new, 1, &name);
                store.add_parcel(&new, &number, &cast::log("order.submit", &name)).await.unwrap();
                parcels += 1;
            }
            _ => store.note(&cast::log("note", "")).await.unwrap(),
        }
        if n % 60 == 59 {
            store.flush_wal().await;
        }
        let rows = store.log_page(&LogQuery { limit: 1, ..LogQuery::default() }).await.unwrap()[0].seq;
        // In one write: a cut finds whole lines.
        told.write_all(format!("{rows} {parcels}\n").as_bytes()).unwrap();
    }
    // As if the plug were pulled: nothing is closed.
    std::process::exit(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_cuts_lose_no_commit_that_had_returned() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data");
    std::fs::create_dir(&folder).unwrap();
    let recorder = root.path().join("recorder.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/power/recorder.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&recorder).arg(&source).status();
    assert!(built.expect("a C compiler is there: Rust links with it").success(), "the recorder is built");
    // A shop with its schema stands before the first cut: the first run is not what this is about.
    let keys = vault(root.path());
    let store = SqliteStore::open(&folder.join("desk.db"), keys.clone()).await.unwrap();
    stock(&store).await;
    store.close().await;
    let start: BTreeMap<String, File> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|f| f.unwrap())
        .map(|f| {
            let durable = Some(std::fs::read(f.path()).unwrap());
            (f.file_name().to_string_lossy().into_owned(), File { durable, pending: Vec::new() })
        })
        .collect();
    let record = root.path().join("record");
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", CHILD, "--ignored", "--nocapture", "--test-threads=1"])
        .env("WAYBILL_CHILD_CUTS", &folder)
        .env("LD_PRELOAD", &recorder)
        .env("WAYBILL_RECORD_UNDER", &folder)
        .env("WAYBILL_RECORD_TO", &record)
        .status()
        .unwrap();
    assert!(child.success(), "the child came to its end");
    let entries = read_record(&std::fs::read(&record).unwrap());
    let (flushes, writes) = ['s', 'w']
        .map(|what| entries.iter().filter(|e| e.what == what as u8 && e.name.starts_with("desk.db")).count())
        .into();
    assert!(flushes > COMMITS as usize && writes > 3 * COMMITS as usize, "{flushes} flushes, {writes} writes");
    assert!(entries.iter().any(|e| e.what == b'w' && e.name == "desk.db"), "checkpoints are among them");

    let dice = SeededChance::new(20_261_127);
    let opened = root.path().join("opened");
    let mut lost_by_lies = 0;
    for lies in [false, true] {
        let first = entries.iter().position(|e| e.name == "told" && e.what == b'w').unwrap();
        let cuts = if lies { 60 } else { CUTS };
        let mut moments: Vec<usize> =
            (0..cuts).map(|_| first + 1 + dice.next_u64() as usize % (entries.len() - first - 1)).collect();
        moments.sort_unstable();
        let (mut files, mut seen) = (start.clone(), 0);
        for (n, moment) in moments.into_iter().enumerate() {
            while seen < moment {
                go_on(&mut files, &entries, seen, lies);
                seen += 1;
            }
            let lost = [Lost::All, Lost::Some, Lost::Torn][n % 3];
            let _ = std::fs::remove_dir_all(&opened);
            std::fs::create_dir(&opened).unwrap();
            for (name, bytes) in disk_at(&files, &entries, lost, &dice) {
                std::fs::write(opened.join(name), bytes).unwrap();
            }
            match look(&opened, &keys, told(&entries[..moment])).await {
                Ok(()) => {}
                Err(_) if lies => lost_by_lies += 1,
                Err(why) => panic!("cut {n} after entry {moment} of {}, {lost:?}: {why}", entries.len()),
            }
        }
    }
    assert!(lost_by_lies > 30, "a disk that lies about flushing is found out: {lost_by_lies} of 60");
}
