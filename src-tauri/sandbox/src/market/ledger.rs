//! What the market knows for good: numbers charged and given back, balances, sessions, apps.
//!
//! With a folder, every change is one JSON line in `ledger.jsonl`, fsync'd before it takes effect; a torn last line
//! (the market was killed while writing) is cut off at the next start. Tokens stand there as SHA-256 only.
//! Balances are not stored but follow from the lines. The file holds what a platform would hold, consignees
//! included: keep it out of the desk's data folder.

use super::shops::{self, SHOPS};
use domain::clock::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// One number, as a test or a person wants to see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// The waybill number.
    pub number: String,
    /// The courier.
    pub cp_code: String,
    /// The branch it was charged to; empty for couriers without branches.
    pub branch_code: String,
    /// The shop's platform id.
    pub shop_id: String,
    /// `package_info.id` of the request.
    pub package_id: String,
    /// `trade_order_list` of the request.
    pub trade_orders: Vec<String>,
    /// When it was charged.
    pub charged_at: Millis,
    /// When it was given back, if it was.
    pub cancelled_at: Option<Millis>,
    /// The courier has the parcel: it can no longer be given back.
    pub picked_up: bool,
}

/// What is left on one account with one courier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The shop's platform id.
    pub shop_id: String,
    /// The courier.
    pub cp_code: String,
    /// The branch; empty for couriers without branches.
    pub branch_code: String,
    /// Numbers left; `None` = billed monthly.
    pub quantity: Option<i64>,
}

/// The ledger at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerView {
    /// Every number ever charged, oldest first; those given back are among them.
    pub charged: Vec<LedgerLine>,
    /// What is left where.
    pub balances: Vec<Balance>,
    /// Calls that have begun and may yet act (their client may be long gone). A test that killed a client waits
    /// until this is 0 before it counts.
    pub in_flight: usize,
}

impl LedgerView {
    /// Numbers given back.
    pub fn cancelled(&self) -> impl Iterator<Item = &LedgerLine> {
        self.charged.iter().filter(|l| l.cancelled_at.is_some())
    }
    /// Numbers that live.
    pub fn live(&self) -> impl Iterator<Item = &LedgerLine> {
        self.charged.iter().filter(|l| l.cancelled_at.is_none())
    }
    /// Numbers left for a shop with a courier; `None` if there is no such account or it is billed monthly.
    pub fn balance(&self, shop_id: &str, cp_code: &str) -> Option<i64> {
        self.balances.iter().find(|b| b.shop_id == shop_id && b.cp_code == cp_code).and_then(|b| b.quantity)
    }
}

/// What was asked for with a number: all that print data is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    pub(crate) channel: String,
    pub(crate) template_url: String,
    pub(crate) sender: Value,
    pub(crate) recipient: Value,
    pub(crate) items: Value,
    pub(crate) weight: u64,
    pub(crate) volume: u64,
    pub(crate) need_encrypt: bool,
    pub(crate) services: String,
}

/// A number with all its details.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) line: LedgerLine,
    pub(crate) wanted: Wanted,
}

/// Which server a session belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Server {
    Taobao,
    Standard,
}

/// A session: one access token with its refresh token, both as SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) server: Server,
    pub(crate) app: String,
    pub(crate) shop_id: String,
    pub(crate) sub_account: bool,
    pub(crate) scope: String,
    pub(crate) access_sha: String,
    pub(crate) refresh_sha: String,
    pub(crate) access_expires: Millis,
    pub(crate) refresh_expires: Millis,
    pub(crate) ended: bool,
    /// The first of the sessions that came out of one another by renewal; empty = this one.
    #[serde(default)]
    pub(crate) family: String,
    /// When a renewal took its place.
    #[serde(default)]
    pub(crate) replaced_at: Option<Millis>,
}

/// An app registered with the practice Taobao.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct App {
    pub(crate) key: String,
    pub(crate) secret: String,
    /// Exact addresses; `:*` stands for any port.
    pub(crate) callbacks: Vec<String>,
    /// Listed in the service market: its tokens can be refreshed.
    #[serde(default)]
    pub(crate) may_refresh: bool,
}

/// One line of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Entry {
    Charged { line: LedgerLine, wanted: Wanted },
    Cancelled { number: String, at: Millis },
    PickedUp { number: String },
    Updated { number: String, wanted: Wanted },
    BalanceSet { shop_id: String, cp_code: String, quantity: Option<i64> },
    EncryptedOnly { shop_id: String, cp_code: String, on: bool },
    SessionOpened { session: Session },
    SessionEnded { access_sha: String },
    SessionReplaced { access_sha: String, at: Millis },
    SessionExpired { access_sha: String, at: Millis },
    AppAdded { app: App },
    Reset,
}

type Account = (String, String);
type Key = (String, String, Vec<String>, String);

/// The books: what the lines add up to, and the file they go to.
pub(crate) struct Books {
    file: Option<File>,
    parcels: BTreeMap<String, Parcel>,
    in_order: Vec<String>,
    by_key: HashMap<Key, String>,
    quantities: BTreeMap<Account, Option<i64>>,
    encrypted_only: BTreeMap<Account, bool>,
    sessions: Vec<Session>,
    apps: Vec<App>,
}

impl Books {
    /// Opens the ledger in `folder` (made if missing), or books in memory.
    pub(crate) fn open(folder: Option<&Path>) -> io::Result<Self> {
        let mut books = Self {
            file: None,
            parcels: BTreeMap::new(),
            in_order: Vec::new(),
            by_key: HashMap::new(),
            quantities: BTreeMap::new(),
            encrypted_only: BTreeMap::new(),
            sessions: Vec::new(),
            apps: Vec::new(),
        };
        books.apply(Entry::Reset);
        let Some(folder) = folder else { return Ok(books) };
        std::fs::create_dir_all(folder)?;
        let path = folder.join("ledger.jsonl");
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        if whole < text.len() {
            file.set_len(whole as u64)?;
            file.sync_all()?;
        }
        for (i, line) in text[..whole].split(|b| *b == b'\n').enumerate().filter(|(_, l)| !l.is_empty()) {
            let entry = serde_json::from_slice(line)
                .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, format!("ledger line {}: {e}", i + 1)))?;
            books.apply(entry);
        }
        file.seek(SeekFrom::End(0))?;
        books.file = Some(file);
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
        Ok(books)
    }

    /// Writes the entry down for good, then lets it take effect. On an error nothing has happened.
    pub(crate) fn record(&mut self, entry: Entry) -> io::Result<()> {
        if let Some(file) = self.file.as_mut() {
            let before = file.metadata()?.len();
            let mut line = serde_json::to_vec(&entry).map_err(io::Error::other)?;
            line.push(b'\n');
            if let Err(e) = file.write_all(&line).and_then(|()| file.sync_data()) {
                // A half-written line would spoil the next one; if even this fails, the next start cuts it off.
                let _ = file.set_len(before);
                return Err(e);
            }
        }
        self.apply(entry);
        Ok(())
    }

    fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Charged { line, wanted } => {
                if let Some(Some(q)) = self.quantities.get_mut(&(line.shop_id.clone(), line.cp_code.clone())) {
                    *q -= 1;
                }
                self.by_key.insert(
                    key(&line.shop_id, &line.cp_code, &line.trade_orders, &line.package_id),
                    line.number.clone(),
                );
                self.in_order.push(line.number.clone());
                self.parcels.insert(line.number.clone(), Parcel { line, wanted });
            }
            Entry::Cancelled { number, at } => {
                if let Some(p) = self.parcels.get_mut(&number) {
                    p.line.cancelled_at = Some(at);
                    if let Some(Some(q)) = self.quantities.get_mut(&(p.line.shop_id.clone(), p.line.cp_code.clone())) {
                        *q += 1;
                    }
                }
            }
            Entry::PickedUp { number } => {
                if let Some(p) = self.parcels.get_mut(&number) {
                    p.line.picked_up = true;
                }
            }
            Entry::Updated { number, wanted } => {
                if let Some(p) = self.parcels.get_mut(&number) {
                    p.wanted = wanted;
                }
            }
            Entry::BalanceSet { shop_id, cp_code, quantity } => {
                self.quantities.insert((shop_id, cp_code), quantity);
            }
            Entry::EncryptedOnly { shop_id, cp_code, on } => {
                self.encrypted_only.insert((shop_id, cp_code), on);
            }
            Entry::SessionOpened { session } => self.sessions.push(session),
            Entry::SessionReplaced { access_sha, at } => {
                for s in self.sessions.iter_mut().filter(|s| s.access_sha == access_sha && !s.ended) {
                    s.ended = true;
                    s.replaced_at = Some(at);
                }
            }
            Entry::SessionEnded { access_sha } => {
                for s in self.sessions.iter_mut().filter(|s| s.access_sha == access_sha) {
                    s.ended = true;
                }
            }
            Entry::SessionExpired { access_sha, at } => {
                for s in self.sessions.iter_mut().filter(|s| s.access_sha == access_sha) {
                    s.access_expires = at;
                }
            }
            Entry::AppAdded { app } => {
                self.apps.retain(|a| a.key != app.key);
                self.apps.push(app);
            }
            Entry::Reset => {
                self.parcels.clear();
                self.in_order.clear();
                self.by_key.clear();
                self.sessions.clear();
                self.apps = vec![super::apps::practice_app()];
                let accounts = SHOPS.iter().flat_map(|s| s.couriers.iter().map(move |c| (s, c)));
                let account = |s: &shops::Shop, c: &shops::Courier| (s.id.to_string(), c.cp_code.to_string());
                self.quantities = accounts.clone().map(|(s, c)| (account(s, c), c.quantity)).collect();
                self.encrypted_only = accounts.map(|(s, c)| (account(s, c), c.encrypted_only)).collect();
            }
        }
    }

    /// How many numbers were ever charged since the last reset: the counter of the next one.
    pub(crate) fn counter(&self) -> u64 {
        self.in_order.len() as u64
    }
    pub(crate) fn parcel(&self, number: &str) -> Option<&Parcel> {
        self.parcels.get(number)
    }
    /// The number that stands under this order list and package, dead or alive.
    pub(crate) fn by_key(&self, shop_id: &str, cp_code: &str, orders: &[String], package_id: &str) -> Option<&Parcel> {
        self.by_key.get(&key(shop_id, cp_code, orders, package_id)).and_then(|n| self.parcels.get(n))
    }
    /// All numbers of a shop that were asked for with this order, oldest first, dead or alive.
    pub(crate) fn by_order(&self, shop_id: &str, order: &str) -> Vec<&Parcel> {
        self.in_order
            .iter()
            .filter_map(|n| self.parcels.get(n))
            .filter(|p| p.line.shop_id == shop_id && p.line.trade_orders.iter().any(|o| o == order))
            .collect()
    }
    /// Numbers left; outer `None` = no such account, inner `None` = billed monthly.
    pub(crate) fn quantity(&self, shop_id: &str, cp_code: &str) -> Option<Option<i64>> {
        self.quantities.get(&(shop_id.to_string(), cp_code.to_string())).copied()
    }
    pub(crate) fn is_encrypted_only(&self, shop_id: &str, cp_code: &str) -> bool {
        self.encrypted_only.get(&(shop_id.to_string(), cp_code.to_string())).copied().unwrap_or(false)
    }
    /// How many numbers of an account were given back, and how many live.
    pub(crate) fn turnover(&self, shop_id: &str, cp_code: &str) -> (u64, u64) {
        let mine = self.parcels.values().filter(|p| p.line.shop_id == shop_id && p.line.cp_code == cp_code);
        mine.fold(
            (0, 0),
            |(dead, live), p| {
                if p.line.cancelled_at.is_some() { (dead + 1, live) } else { (dead, live + 1) }
            },
        )
    }
    pub(crate) fn app(&self, key: &str) -> Option<&App> {
        self.apps.iter().find(|a| a.key == key)
    }
    pub(crate) fn session_by_access(&self, sha: &str) -> Option<&Session> {
        self.sessions.iter().find(|s| s.access_sha == sha)
    }
    pub(crate) fn session_by_refresh(&self, sha: &str) -> Option<&Session> {
        self.sessions.iter().find(|s| s.refresh_sha == sha)
    }
    pub(crate) fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    pub(crate) fn view(&self, in_flight: usize) -> LedgerView {
        let branch = |shop: &str, cp: &str| {
            shops::by_id(shop)
                .and_then(|s| s.couriers.iter().find(|c| c.cp_code == cp))
                .map_or(String::new(), |c| c.branch_code.to_string())
        };
        LedgerView {
            charged: self.in_order.iter().filter_map(|n| self.parcels.get(n)).map(|p| p.line.clone()).collect(),
            balances: self
                .quantities
                .iter()
                .map(|((shop, cp), q)| Balance {
                    branch_code: branch(shop, cp),
                    shop_id: shop.clone(),
                    cp_code: cp.clone(),
                    quantity: *q,
                })
                .collect(),
            in_flight,
        }
    }
}

/// The order of the order list does not matter.
fn key(shop_id: &str, cp_code: &str, orders: &[String], package_id: &str) -> Key {
    let mut orders = orders.to_vec();
    orders.sort();
    (shop_id.into(), cp_code.into(), orders, package_id.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charged(number: &str, package: &str) -> Entry {
        Entry::Charged {
            line: LedgerLine {
                number: number.into(),
                cp_code: "ZTO".into(),
                branch_code: "57103".into(),
                shop_id: SHOPS[0].id.into(),
                package_id: package.into(),
                trade_orders: vec!["o1".into()],
                charged_at: Millis(5),
                cancelled_at: None,
                picked_up: false,
            },
            wanted: Wanted {
                channel: "OTHERS".into(),
                template_url: String::new(),
                sender: Value::Null,
                recipient: Value::Null,
                items: Value::Null,
                weight: 0,
                volume: 0,
                need_encrypt: false,
                services: String::new(),
            },
        }
    }

    #[test]
    fn the_books_are_the_same_after_a_restart_and_a_torn_line_is_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let mut b = Books::open(Some(dir.path())).unwrap();
        b.record(charged("731", "p1")).unwrap();
        b.record(charged("732", "p2")).unwrap();
        b.record(Entry::Cancelled { number: "731".into(), at: Millis(9) }).unwrap();
        let before = b.view(0);
        assert_eq!(before.balance(SHOPS[0].id, "ZTO"), Some(411), "two charged, one given back");
        drop(b);
        let path = dir.path().join("ledger.jsonl");
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"event\":\"char").unwrap();
        let mut b = Books::open(Some(dir.path())).unwrap();
        assert_eq!(b.view(0), before, "the torn line never happened");
        b.record(charged("733", "p3")).unwrap();
        drop(b);
        let b = Books::open(Some(dir.path())).unwrap();
        assert_eq!(b.view(0).charged.len(), 3, "the line after the torn one is whole");
    }

    #[test]
    fn a_reset_forgets_all_even_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let mut b = Books::open(Some(dir.path())).unwrap();
        b.record(charged("731", "p1")).unwrap();
        b.record(Entry::Reset).unwrap();
        drop(b);
        let b = Books::open(Some(dir.path())).unwrap();
        assert!(b.view(0).charged.is_empty());
        assert_eq!(b.view(0).balance(SHOPS[0].id, "ZTO"), Some(412));
    }
}
