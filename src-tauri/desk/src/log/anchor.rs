//! Heads of the log that are kept elsewhere than in the log.
//!
//! An anchor is a row's number and the first half of its hash, with a MAC of its own, so that a mistyped one, or one of another
//! desk, is told from a log that was changed. As text: `WBD1.ROW.HASH.MAC`, hex in small letters, to be scanned or typed.
//! This folder's own list is a file with one anchor a line, appended to at each closing of a day and at each backup. Whoever can
//! write the folder can take lines off it; paper is what he cannot reach.

use crate::api::{ApiError, Code};
use crate::house::House;
use crate::vault::Vault;
use std::io::Write;

/// Hex digits of the hash.
const HEAD: usize = 32;
/// Hex digits of the MAC.
const MAC: usize = 16;
/// The list's name in the data folder.
const FILE: &str = "log-heads.txt";
/// Lines of the list that are compared; older ones are behind them in the chain.
const MOST: usize = 400;

/// The head of the log at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Anchor {
    /// The row's number.
    pub seq: i64,
    /// The first digits of its hash.
    pub head: String,
}

impl Anchor {
    /// As it is printed.
    pub fn text(&self, vault: &Vault) -> String {
        format!("WBD1.{}.{}.{}", self.seq, self.head, self.mac(vault))
    }

    /// `None`: it is none of this desk's.
    pub fn read(vault: &Vault, text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let mut parts = text.strip_prefix("wbd1.")?.split('.');
        let (seq, head, mac) = (parts.next()?.parse().ok()?, parts.next()?.to_owned(), parts.next()?);
        let anchor = Self { seq, head };
        (parts.next().is_none() && anchor.head.len() == HEAD && anchor.mac(vault) == mac).then_some(anchor)
    }

    fn mac(&self, vault: &Vault) -> String {
        let mac = vault.log_mac(format!("waybill-desk/anchor/1\n{}\n{}", self.seq, self.head).as_bytes());
        mac.iter().take(MAC / 2).map(|b| format!("{b:02x}")).collect()
    }
}

impl Anchor {
    /// Of a row and its whole hash.
    pub fn of(seq: i64, hash: &str) -> Self {
        Self { seq, head: hash.chars().take(HEAD).collect() }
    }
}

/// The head of this moment, written to the list.
pub(super) async fn keep(house: &House) -> Result<Anchor, ApiError> {
    let (seq, hash) = house.store.log_head().await?;
    let anchor = Anchor::of(seq, &hash);
    let failed = |e: std::io::Error| {
        ApiError::new(
            Code::FolderReadOnly,
            format!("the head of the log could not be kept: {e}; the log itself is whole"),
        )
        .hint("make room in the data folder, then close the day again")
    };
    add(house, &anchor).map_err(failed)?;
    Ok(anchor)
}

/// One more line of the list.
pub(super) fn add(house: &House, anchor: &Anchor) -> std::io::Result<()> {
    let path = house.folder.join(FILE);
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "{}", anchor.text(&house.vault))?;
    file.sync_all()
}

/// The list, as far as it is this desk's.
pub(super) fn kept(house: &House) -> Vec<Anchor> {
    let text = std::fs::read_to_string(house.folder.join(FILE)).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().rev().take(MOST).filter_map(|line| Anchor::read(&house.vault, line)).collect()
}
