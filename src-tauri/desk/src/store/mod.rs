//! What the desk remembers, in the words of the trade. All SQL lives in this folder.
//!
//! Invariants: one business step is one transaction, and its log row commits with it ([`LogEntry`] is an argument of
//! every write that is a person's or the desk's act); a state changes only from the state the caller saw (`from`), and a `false` answer means somebody was
//! faster: nothing was written. Sealed fields are sealed here, on the way to the disk, and nowhere else.
//! Absent: rules of who may do what, network, printers, SQL outside this folder.

mod rows;
pub mod sqlite;
#[cfg(test)]
pub(crate) mod story;

pub use rows::*;

use crate::rights::Permission;
use crate::vault::Carried;
use async_trait::async_trait;
use domain::attempt::AttemptState;
use domain::batch::BatchState;
use domain::clock::Millis;
use domain::connector::{CourierOffer, ShopIdentity, Tokens};
use domain::ids::{
    AttemptId, BatchId, CarrierLabelId, CourierId, GrantId, ParcelId, PersonId, PrintJobId, PrinterId, WaybillId,
};
use domain::journal::PrintState;
use domain::waybill::WaybillState;
use std::path::Path;

/// Why the store could not do it. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The folder or file cannot be written.
    #[error("the data folder cannot be written")]
    ReadOnly,
    /// A unique rule of the trade said no: `people.name`, `parcels.submit_key`, `one_live_number` …
    #[error("there is already one: {rule}")]
    Taken {
        /// The table and column, or the index.
        rule: String,
    },
    /// A stored value cannot be understood: another program wrote here, or a bug.
    #[error("stored {what} cannot be read")]
    Unreadable {
        /// What it was.
        what: String,
    },
    /// SQLite finds the database file damaged: a disk that fails, or another program wrote there.
    #[error("the database file is damaged")]
    Damaged,
    /// A sealed field does not open: wrong key, or the file was changed.
    #[error("a sealed field ({what}) does not open")]
    Sealed {
        /// Table and column.
        what: String,
    },
    /// Anything else of the database.
    #[error("the database failed")]
    Database {
        /// Why.
        #[source]
        source: sqlx::Error,
    },
}

type R<T> = Result<T, StoreError>;

/// The memory of the desk.
#[async_trait]
pub trait Store: Send + Sync {
    /// Writes everything out and lets go of the files.
    async fn close(&self);

    // ---- log
    /// A row of its own, for acts that write nothing else (refusals, unmasked reads).
    async fn note(&self, log: &LogEntry) -> R<()>;
    /// Newest first.
    async fn log_page(&self, query: &LogQuery) -> R<Vec<LogLine>>;
    /// The latest time that a row names since the owner came in last; zero without rows.
    async fn latest_log_time(&self) -> R<Millis>;
    /// Rows about one object, oldest first.
    async fn log_of(&self, object: &str) -> R<Vec<LogLine>>;
    /// Recomputes the chain from the entries. `wanted`: rows whose hashes are to be compared with kept ones.
    async fn log_check(&self, wanted: &[i64]) -> R<LogCheck>;
    /// Number and hash (64 hex digits) of the last row; 0 and nothing without rows.
    async fn log_head(&self) -> R<(i64, String)>;
    /// The same in short: rows seen, first row that does not fit, head.
    async fn log_verify(&self) -> R<(i64, Option<i64>, String)> {
        let check = self.log_check(&[]).await?;
        Ok((check.rows, check.fault.map(|f| f.0), check.head))
    }

    // ---- settings, backups
    /// What a person set, if anybody did.
    async fn setting(&self, name: &str) -> R<Option<String>>;
    /// Sets it. Names that begin with `here.` stay out of backups.
    async fn save_setting(&self, name: &str, value: &str, log: &LogEntry) -> R<()>;
    /// The recovery card, if one was made.
    async fn card(&self) -> R<Option<Card>>;
    /// Makes it the card; an older one seals no further backup.
    async fn set_card(&self, card: &Card, log: &LogEntry) -> R<()>;
    /// Writes a copy of everything that may travel into a file that is not there yet, and compares it with what is here.
    async fn copy_out(&self, file: &Path) -> R<Inventory>;
    /// Takes such a copy in, in the place of everything here, sealed anew; `None` if this desk has people already. Nothing
    /// is changed unless every table came through whole.
    async fn take_in(&self, file: &Path, carried: &Carried, card: &Card, log: &LogEntry) -> R<Option<Inventory>>;
    /// A backup was made, or was not.
    async fn add_backup(&self, backup: &BackupRow, log: &LogEntry) -> R<()>;
    /// Those that were not rotated away, newest first.
    async fn backups(&self, limit: u32) -> R<Vec<BackupRow>>;
    /// Its file is gone; `false`: it was before.
    async fn backup_removed(&self, id: i64, at: Millis, log: &LogEntry) -> R<bool>;

    // ---- what goes when its time is over
    /// People's data from before then that nothing under way needs any more: at most so many parcels and files.
    async fn purge_due(&self, before: Millis, limit: u32) -> R<ToPurge>;
    /// Writes over it; `false`: something of it moved meanwhile, nothing was done.
    async fn purge(&self, what: &ToPurge, at: Millis, log: &LogEntry) -> R<bool>;
    /// Cuts the write-ahead log, so that nothing written over lies on in it; `false`: somebody reads, try again.
    async fn cut_wal(&self) -> R<bool>;

    // ---- people
    /// By creation.
    async fn people(&self) -> R<Vec<Person>>;
    /// By name, case- and width-insensitively as folded by [`fold_name`].
    async fn person_named(&self, name: &str) -> R<Option<Person>>;
    /// By id.
    async fn person(&self, id: &PersonId) -> R<Option<Person>>;
    /// `Taken` if the name, or the one owner's place, is taken.
    async fn add_person(&self, person: &Person, log: &LogEntry) -> R<()>;
    /// A login succeeded: time noted, failures forgotten, the hash renewed if given.
    async fn logged_in(&self, id: &PersonId, at: Millis, new_phc: Option<&str>, log: &LogEntry) -> R<()>;
    /// Failures so far under this name, and until when to wait.
    async fn login_tries(&self, name: &str) -> R<(u32, Millis)>;
    /// One more failure.
    async fn login_failed(&self, name: &str, failures: u32, wait_until: Millis, log: &LogEntry) -> R<()>;
    /// Whose badge this is; nobody's once it was replaced, taken away, or its person left.
    async fn person_of_badge(&self, code: &str) -> R<Option<Person>>;
    /// `false`: there is no such person. `Taken{one_badge}`: the badge is somebody else's. `Taken{one_id_card}`: the ID number certified somebody else here. Who departs, and
    /// whose password changes, has no terminal session any more.
    async fn change_person(&self, id: &PersonId, change: &PersonChange, log: &LogEntry) -> R<bool>;
    /// What one-time codes and the PIN are checked against; nothing for an unknown person.
    async fn person_keys(&self, id: &PersonId) -> R<PersonKeys>;
    /// A one-time code was taken; `false`: its step, or a later one, was used before.
    async fn totp_used(&self, id: &PersonId, step: i64) -> R<bool>;
    /// One more wrong PIN; a new PIN, or a login by password, forgets them.
    async fn pin_failed(&self, id: &PersonId, log: &LogEntry) -> R<()>;
    /// What the shop changed about posts, and its own, the oldest first.
    async fn posts(&self) -> R<Vec<Post>>;
    /// New or changed.
    async fn save_post(&self, post: &Post, log: &LogEntry) -> R<()>;
    /// Notes that a right was used.
    async fn right_used(&self, id: &PersonId, right: Permission, at: Millis) -> R<()>;
    /// When this person used which right last.
    async fn right_uses(&self, id: &PersonId) -> R<Vec<(Permission, Millis)>>;
    /// Keeps a terminal session.
    async fn add_session(&self, token: &str, person: &PersonId, expires: Millis) -> R<()>;
    /// Whose session this is, if it has not ended.
    async fn session(&self, token: &str, now: Millis) -> R<Option<Person>>;
    /// Ends all terminal sessions of a person.
    async fn end_sessions(&self, person: &PersonId, log: &LogEntry) -> R<()>;

    // ---- grants
    /// The owner's app for a platform.
    async fn app(&self, platform: &str) -> R<Option<App>>;
    /// Enters or replaces it.
    async fn set_app(&self, app: &App, log: &LogEntry) -> R<()>;
    /// A new attempt in `open`.
    async fn add_attempt(&self, attempt: &Attempt, log: &LogEntry) -> R<()>;
    /// By id.
    async fn attempt(&self, id: &AttemptId) -> R<Option<Attempt>>;
    /// By the `state` value in an answer; looked up by keyed hash.
    async fn attempt_by_state(&self, state: &str) -> R<Option<Attempt>>;
    /// All that are not over.
    async fn attempts_not_over(&self) -> R<Vec<Attempt>>;
    /// Moves an attempt from `from`; `tokens`/`identity` are written with it when given, tokens sealed.
    async fn move_attempt(
        &self,
        id: &AttemptId,
        from: AttemptState,
        to: AttemptState,
        change: &AttemptChange,
        log: &LogEntry,
    ) -> R<bool>;
    /// Tokens of a held attempt.
    async fn attempt_tokens(&self, id: &AttemptId) -> R<Option<Tokens>>;
    /// `held → active`: makes the grant, or renews the one this shop already has, and empties the attempt of secrets.
    /// Answers the grant's id; `None` if the attempt was not `held` any more.
    async fn activate(
        &self,
        id: &AttemptId,
        new_grant: &GrantId,
        by: &PersonId,
        at: Millis,
        log: &LogEntry,
    ) -> R<Option<GrantId>>;
    /// All, newest first; revoked ones too.
    async fn grants(&self) -> R<Vec<Grant>>;
    /// By id.
    async fn grant(&self, id: &GrantId) -> R<Option<Grant>>;
    /// The live grant of a shop, if there is one.
    async fn grant_of_shop(&self, platform: &str, shop: &ShopIdentity) -> R<Option<Grant>>;
    /// The grant's tokens; `None` once erased.
    async fn tokens(&self, id: &GrantId) -> R<Option<Tokens>>;
    /// Changes the state from `from`.
    async fn move_grant(&self, id: &GrantId, from: GrantState, to: GrantState, reason: &str, log: &LogEntry)
    -> R<bool>;
    /// A call with it succeeded just now. No log row: it is not an act of a person.
    async fn grant_used(&self, id: &GrantId, at: Millis) -> R<()>;
    /// The refresh token of an active grant is about to be shown: counts the showing. `false`: the grant is not active.
    async fn refresh_asked(&self, id: &GrantId, at: Millis, log: &LogEntry) -> R<bool>;
    /// New tokens came by a showing that was counted. The pair before stays sealed until [`Self::grant_used`]. `false`: the
    /// grant was erased or made anew meanwhile; nothing was kept.
    async fn refreshed(&self, id: &GrantId, tokens: &Tokens, at: Millis, log: &LogEntry) -> R<bool>;
    /// A counted showing ended without new tokens. `false`: no showing is open.
    async fn refresh_ended(&self, id: &GrantId, end: RefreshEnd, log: &LogEntry) -> R<bool>;
    /// Tokens that never worked give way to the pair before them. `false`: there is none.
    async fn put_old_tokens_back(&self, id: &GrantId, log: &LogEntry) -> R<bool>;
    /// People were reminded that the grant ends within so many days. `false`: they were before.
    async fn reminded(&self, id: &GrantId, days: u8, log: &LogEntry) -> R<bool>;
    /// Ends a grant here: data key destroyed, tokens gone, default courier cleared if it was one of its own.
    /// `pending` keeps the tokens sealed under the master key until the platform has acknowledged.
    async fn erase_grant(&self, id: &GrantId, pending: bool, log: &LogEntry) -> R<bool>;
    /// Grants erased here whose platform call is still owed, with the tokens it needs.
    async fn revokes_owed(&self) -> R<Vec<(Grant, Tokens)>>;
    /// The platform acknowledged (or a person was told to do it by hand): nothing is owed any more, tokens gone.
    async fn revoke_settled(&self, id: &GrantId, log: &LogEntry) -> R<()>;

    // ---- couriers
    /// All couriers of grants that are not revoked.
    async fn couriers(&self) -> R<Vec<Courier>>;
    /// By id.
    async fn courier(&self, id: &CourierId) -> R<Option<Courier>>;
    /// The platform's list replaces ours: new ones get `fresh` ids in order, known ones keep id and details, missing ones
    /// are kept but not `present`.
    async fn load_couriers(
        &self,
        grant: &GrantId,
        offers: &[CourierOffer],
        fresh: &[CourierId],
        at: Millis,
        log: &LogEntry,
    ) -> R<()>;
    /// Settlement details, sealed.
    async fn save_details(&self, courier: &CourierId, details: &Details, log: &LogEntry) -> R<()>;
    /// The default courier.
    async fn default_courier(&self) -> R<Option<CourierId>>;
    /// Makes it the default.
    async fn set_default_courier(&self, courier: &CourierId, log: &LogEntry) -> R<()>;

    // ---- own label templates
    /// Those that are not removed, in their newest versions, oldest template first.
    async fn own_templates(&self) -> R<Vec<OwnTemplate>>;
    /// Any version, removed or not.
    async fn own_template(&self, id: &str, version: u32) -> R<Option<OwnTemplate>>;
    /// Adds a version: 1 makes the template, another must follow the newest. `false`: it does not, or it is removed.
    async fn save_own_template(&self, new: &OwnTemplate, log: &LogEntry) -> R<bool>;
    /// Takes it out of lists. `false`: there is none.
    async fn remove_own_template(&self, id: &str, log: &LogEntry) -> R<bool>;

    // ---- the shop's own area of its labels
    /// All, the oldest first.
    async fn custom_areas(&self) -> R<Vec<(AreaOf, CustomArea)>>;
    /// Keeps it, or takes it away.
    async fn save_custom_area(&self, of: &AreaOf, area: Option<&CustomArea>, log: &LogEntry) -> R<()>;

    // ---- printers
    /// Not removed ones, by name.
    async fn printers(&self) -> R<Vec<Printer>>;
    /// By id, removed ones too.
    async fn printer(&self, id: &PrinterId) -> R<Option<Printer>>;
    /// New or changed; being the default takes the mark from the others.
    async fn save_printer(&self, printer: &Printer, log: &LogEntry) -> R<()>;
    /// Hidden from lists; jobs keep pointing at it.
    async fn remove_printer(&self, id: &PrinterId, log: &LogEntry) -> R<()>;
    /// Notes the length of a label as the printer measured it; `None` = it was calibrated and did not say.
    async fn printer_measured(&self, id: &PrinterId, mm: Option<f64>, log: &LogEntry) -> R<()>;
    /// Rules for orders that name no printer, in their order.
    async fn printer_rules(&self) -> R<Vec<PrinterRule>>;
    /// The whole list anew.
    async fn save_printer_rules(&self, rules: &[PrinterRule], log: &LogEntry) -> R<()>;

    // ---- orders
    /// What a person typed and did not submit. Not logged: it is nobody's act yet.
    async fn draft(&self, person: &PersonId) -> R<Option<String>>;
    /// Keeps it, sealed; empty = forget it.
    async fn save_draft(&self, person: &PersonId, draft: &str, at: Millis) -> R<()>;
    /// A new parcel with its first waybill attempt in `intent`, in one transaction. `Taken{parcels.submit_key}` if this
    /// very submit was seen before.
    async fn add_parcel(&self, parcel: &NewParcel, waybill: &NewWaybill, log: &LogEntry) -> R<()>;
    /// By the submit key of the press that made it.
    async fn parcel_by_submit(&self, submit_key: &str) -> R<Option<ParcelId>>;
    /// By id.
    async fn parcel(&self, id: &ParcelId) -> R<Option<Parcel>>;
    /// Newest first, `seq` below `before`.
    async fn parcels(&self, want: &WantParcels) -> R<Vec<Parcel>>;
    /// The order's text was mended before another attempt.
    async fn mend_order(&self, id: &ParcelId, order: &Order, log: &LogEntry) -> R<()>;
    /// One more attempt; `Taken{one_live_number}` while an earlier one is live.
    async fn add_waybill(&self, waybill: &NewWaybill, log: &LogEntry) -> R<()>;

    // ---- orders that wait, and batches
    /// An order to be kept without an attempt. `Taken{parcels.submit_key}` if this very line was seen before.
    async fn add_ready(&self, new: &NewReady, log: &LogEntry) -> R<()>;
    /// Those that wait and are in no open batch, oldest first.
    async fn ready(&self, limit: u32) -> R<Vec<Parcel>>;
    /// The newest parcel with this order number of the shop's own.
    async fn parcel_by_reference(&self, reference: &str) -> R<Option<ParcelId>>;
    /// Throws a waiting order away; `false`: it does not wait (any more).
    async fn discard_ready(&self, id: &ParcelId, log: &LogEntry) -> R<bool>;
    /// Why it must not be sent (`refund`), or empty; `false`: it stood so already.
    async fn set_stop(&self, id: &ParcelId, stop: &str, log: &LogEntry) -> R<bool>;
    /// Running numbers of other parcels since then with the same recipient and the same goods.
    async fn twins(&self, id: &ParcelId, order: &Order, since: Millis) -> R<Vec<i64>>;
    /// A new batch, `running`. `Taken{one_open_batch …}` when a parcel waits no longer or is in another batch;
    /// `Taken{batches.submit_key}` when this press was seen before. Nothing was written then.
    async fn add_batch(&self, batch: &NewBatch, log: &LogEntry) -> R<()>;
    /// By the submit key of the press that made it.
    async fn batch_by_submit(&self, submit_key: &str) -> R<Option<BatchId>>;
    /// By id.
    async fn batch(&self, id: &BatchId) -> R<Option<Batch>>;
    /// Open ones first, newest first.
    async fn recent_batches(&self, limit: u32) -> R<Vec<Batch>>;
    /// Its parcels as on screen, with where their numbers and labels stand.
    async fn batch_items(&self, id: &BatchId) -> R<Vec<BatchItem>>;
    /// The open batch that holds a parcel, and the parcel's place in it.
    async fn batch_of(&self, parcel: &ParcelId) -> R<Option<(BatchId, u32)>>;
    /// The parcels of a batch.
    async fn batch_parcels(&self, id: &BatchId) -> R<Vec<Parcel>>;
    /// Labels of first prints and reprints created since then, by courier.
    async fn day_counts(&self, since: Millis) -> R<Vec<CourierCount>>;
    /// Moves a batch; `trouble` is a code and more on it. Into `done` it lets go of what has no label.
    async fn move_batch(
        &self,
        id: &BatchId,
        from: BatchState,
        to: BatchState,
        trouble: (&str, &str),
        log: &LogEntry,
    ) -> R<bool>;
    /// Puts a parcel of a batch aside for a reason, or (empty) takes it back in.
    async fn set_aside(&self, id: &BatchId, seq: u32, aside: (&str, &str), log: &LogEntry) -> R<bool>;
    /// It is this parcel's turn: queues its label and gives it the next place on the paper. `false`: the batch does not
    /// run, or the parcel was put aside.
    async fn start_label(&self, id: &BatchId, seq: u32, job: &NewPrint, log: &LogEntry) -> R<bool>;
    /// Goes on; labels that came out after the `last_good`th (0 = none is good) are to be made again.
    async fn resume_batch(&self, id: &BatchId, from: BatchState, last_good: u32, log: &LogEntry) -> R<bool>;

    // ---- waybills
    /// Attempts of a parcel, first to last.
    async fn waybills_of(&self, parcel: &ParcelId) -> R<Vec<Waybill>>;
    /// By id.
    async fn waybill(&self, id: &WaybillId) -> R<Option<Waybill>>;
    /// By states, oldest first, at most `limit`.
    async fn waybills_in(&self, states: &[WaybillState], limit: u32) -> R<Vec<Waybill>>;
    /// Moves an attempt.
    async fn move_waybill(
        &self,
        id: &WaybillId,
        from: WaybillState,
        to: WaybillState,
        change: &WaybillChange,
        log: &LogEntry,
    ) -> R<bool>;
    /// Notes a look-up that changed nothing: how often asked, how often not found, when next.
    async fn asked_about(
        &self,
        id: &WaybillId,
        asked: u32,
        not_found: u32,
        next: Option<Millis>,
        trouble: &str,
    ) -> R<()>;
    /// What the platform answered, for drawing and evidence; `None` if nothing was kept.
    async fn answer(&self, id: &WaybillId) -> R<Option<Answer>>;

    // ---- labels that carriers made
    /// A page with its first job. `Taken` if the page was printed before, or the job's submit key was seen.
    async fn add_carrier_label(&self, new: &NewCarrierLabel, job: &NewPrint, log: &LogEntry) -> R<()>;
    /// Newest first.
    async fn carrier_labels(&self, limit: u32) -> R<Vec<CarrierLabel>>;
    /// By id.
    async fn carrier_label(&self, id: &CarrierLabelId) -> R<Option<CarrierLabel>>;
    /// The page of a file, by its hash as in [`NewCarrierLabel`], else the same page of another file with this number, if
    /// that is not empty: what was fetched again.
    async fn carrier_label_of(&self, hash: &str, page: u32, number: &str) -> R<Option<CarrierLabel>>;
    /// The file that it is a page of.
    async fn carrier_file(&self, id: &CarrierLabelId) -> R<Option<Vec<u8>>>;
    /// Its jobs, first to last.
    async fn prints_of_label(&self, id: &CarrierLabelId) -> R<Vec<Print>>;

    // ---- print journal
    /// A new job in `queued`. `Taken` if the waybill already has a job with that copy number or submit key.
    async fn add_print(&self, job: &NewPrint, log: &LogEntry) -> R<()>;
    /// Jobs of a parcel, first to last.
    async fn prints_of(&self, parcel: &ParcelId) -> R<Vec<Print>>;
    /// By id.
    async fn print(&self, id: &PrintJobId) -> R<Option<Print>>;
    /// By the submit key of the press that made it.
    async fn print_by_submit(&self, submit_key: &str) -> R<Option<PrintJobId>>;
    /// By states, oldest first.
    async fn prints_in(&self, states: &[PrintState], limit: u32) -> R<Vec<Print>>;
    /// Newest first.
    async fn recent_prints(&self, limit: u32) -> R<Vec<Print>>;
    /// The newest labels of a printer that are, or may be, on paper, newest first.
    async fn last_labels(&self, printer: &PrinterId, limit: u32) -> R<Vec<Print>>;
    /// Moves a job. Into `sending` it also demands that the waybill is `issued` at that very moment.
    async fn move_print(
        &self,
        id: &PrintJobId,
        from: PrintState,
        to: PrintState,
        change: &PrintChange,
        log: &LogEntry,
    ) -> R<bool>;
}

/// Names are compared after this: surrounding space off, full-width forms to ASCII, lower case.
pub fn fold_name(name: &str) -> String {
    name.trim()
        .chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect()
}
