//! The trait, method by method, handed to the file of its subject.

use super::{
    SqliteStore, attempts, backup, batches, carrier_labels, couriers, custom_areas, grants, log, orders, people,
    printers, prints, purge, renewals, settings, templates, waybills,
};
use crate::rights::Permission;
use crate::store::{
    Answer, App, AreaOf, Attempt, AttemptChange, BackupRow, Batch, BatchItem, Card, CarrierLabel, Courier,
    CourierCount, CustomArea, Details, Grant, GrantState, Inventory, LogCheck, LogEntry, LogLine, LogQuery, NewBatch,
    NewCarrierLabel, NewParcel, NewPrint, NewReady, NewWaybill, Order, OwnTemplate, Parcel, Person, PersonChange,
    PersonKeys, Post, Print, PrintChange, Printer, PrinterRule, R, RefreshEnd, Store, StoreError, ToPurge, WantParcels,
    Waybill, WaybillChange,
};
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

#[async_trait]
impl Store for SqliteStore {
    async fn close(&self) {
        self.shut().await;
    }

    // ---- log
    async fn note(&self, log: &LogEntry) -> R<()> {
        log::note(self, log).await
    }
    async fn log_page(&self, query: &LogQuery) -> R<Vec<LogLine>> {
        log::page(self, query).await
    }
    async fn latest_log_time(&self) -> R<Millis> {
        log::latest(self).await
    }
    async fn log_of(&self, object: &str) -> R<Vec<LogLine>> {
        log::of(self, object).await
    }
    async fn log_check(&self, wanted: &[i64]) -> R<LogCheck> {
        log::check(self, wanted).await
    }
    async fn log_head(&self) -> R<(i64, String)> {
        log::head(self).await
    }

    // ---- settings, backups
    async fn setting(&self, name: &str) -> R<Option<String>> {
        settings::get(self, name).await
    }
    async fn save_setting(&self, name: &str, value: &str, log: &LogEntry) -> R<()> {
        settings::save(self, name, value, log).await
    }
    async fn card(&self) -> R<Option<Card>> {
        settings::card(self).await
    }
    async fn set_card(&self, card: &Card, log: &LogEntry) -> R<()> {
        settings::set_card(self, card, log).await
    }
    async fn copy_out(&self, file: &Path) -> R<Inventory> {
        backup::copy_out(self, file).await
    }
    async fn take_in(&self, file: &Path, carried: &Carried, card: &Card, log: &LogEntry) -> R<Option<Inventory>> {
        backup::take_in(self, file, carried, card, log).await
    }
    async fn add_backup(&self, backup: &BackupRow, log: &LogEntry) -> R<()> {
        settings::add_backup(self, backup, log).await
    }
    async fn backups(&self, limit: u32) -> R<Vec<BackupRow>> {
        settings::backups(self, limit).await
    }
    async fn backup_removed(&self, id: i64, at: Millis, log: &LogEntry) -> R<bool> {
        settings::backup_removed(self, id, at, log).await
    }

    // ---- what goes when its time is over
    async fn purge_due(&self, before: Millis, limit: u32) -> R<ToPurge> {
        purge::due(self, before, limit).await
    }
    async fn purge(&self, what: &ToPurge, at: Millis, log: &LogEntry) -> R<bool> {
        purge::purge(self, what, at, log).await
    }
    async fn cut_wal(&self) -> R<bool> {
        purge::cut_wal(self).await
    }

    // ---- people
    async fn people(&self) -> R<Vec<Person>> {
        people::all(self).await
    }
    async fn person_named(&self, name: &str) -> R<Option<Person>> {
        people::named(self, name).await
    }
    async fn person(&self, id: &PersonId) -> R<Option<Person>> {
        people::by_id(self, id).await
    }
    async fn person_of_badge(&self, code: &str) -> R<Option<Person>> {
        people::of_badge(self, code).await
    }
    async fn add_person(&self, person: &Person, log: &LogEntry) -> R<()> {
        people::add(self, person, log).await
    }
    async fn logged_in(&self, id: &PersonId, at: Millis, new_phc: Option<&str>, log: &LogEntry) -> R<()> {
        people::logged_in(self, id, at, new_phc, log).await
    }
    async fn login_tries(&self, name: &str) -> R<(u32, Millis)> {
        people::tries(self, name).await
    }
    async fn login_failed(&self, name: &str, failures: u32, wait_until: Millis, log: &LogEntry) -> R<()> {
        people::failed(self, name, failures, wait_until, log).await
    }
    async fn change_person(&self, id: &PersonId, change: &PersonChange, log: &LogEntry) -> R<bool> {
        people::change(self, id, change, log).await
    }
    async fn person_keys(&self, id: &PersonId) -> R<PersonKeys> {
        people::keys(self, id).await
    }
    async fn totp_used(&self, id: &PersonId, step: i64) -> R<bool> {
        people::totp_used(self, id, step).await
    }
    async fn pin_failed(&self, id: &PersonId, log: &LogEntry) -> R<()> {
        people::pin_failed(self, id, log).await
    }
    async fn posts(&self) -> R<Vec<Post>> {
        people::posts(self).await
    }
    async fn save_post(&self, post: &Post, log: &LogEntry) -> R<()> {
        people::save_post(self, post, log).await
    }
    async fn right_used(&self, id: &PersonId, right: Permission, at: Millis) -> R<()> {
        people::right_used(self, id, right, at).await
    }
    async fn right_uses(&self, id: &PersonId) -> R<Vec<(Permission, Millis)>> {
        people::right_uses(self, id).await
    }
    async fn add_session(&self, token: &str, person: &PersonId, expires: Millis) -> R<()> {
        people::add_session(self, token, person, expires).await
    }
    async fn session(&self, token: &str, now: Millis) -> R<Option<Person>> {
        people::session(self, token, now).await
    }
    async fn end_sessions(&self, person: &PersonId, log: &LogEntry) -> R<()> {
        people::end_sessions(self, person, log).await
    }

    // ---- grants
    async fn app(&self, platform: &str) -> R<Option<App>> {
        attempts::app(self, platform).await
    }
    async fn set_app(&self, app: &App, log: &LogEntry) -> R<()> {
        attempts::set_app(self, app, log).await
    }
    async fn add_attempt(&self, attempt: &Attempt, log: &LogEntry) -> R<()> {
        attempts::add(self, attempt, log).await
    }
    async fn attempt(&self, id: &AttemptId) -> R<Option<Attempt>> {
        attempts::by_id(self, id).await
    }
    async fn attempt_by_state(&self, state: &str) -> R<Option<Attempt>> {
        attempts::by_state(self, state).await
    }
    async fn attempts_not_over(&self) -> R<Vec<Attempt>> {
        attempts::not_over(self).await
    }
    async fn move_attempt(
        &self,
        id: &AttemptId,
        from: AttemptState,
        to: AttemptState,
        change: &AttemptChange,
        log: &LogEntry,
    ) -> R<bool> {
        attempts::shift(self, id, from, to, change, log).await
    }
    async fn attempt_tokens(&self, id: &AttemptId) -> R<Option<Tokens>> {
        attempts::tokens(self, id).await
    }
    async fn activate(
        &self,
        id: &AttemptId,
        new_grant: &GrantId,
        by: &PersonId,
        at: Millis,
        log: &LogEntry,
    ) -> R<Option<GrantId>> {
        grants::activate(self, id, new_grant, by, at, log).await
    }
    async fn grants(&self) -> R<Vec<Grant>> {
        grants::all(self).await
    }
    async fn grant(&self, id: &GrantId) -> R<Option<Grant>> {
        grants::by_id(self, id).await
    }
    async fn grant_of_shop(&self, platform: &str, shop: &ShopIdentity) -> R<Option<Grant>> {
        grants::of_shop(self, platform, shop).await
    }
    async fn tokens(&self, id: &GrantId) -> R<Option<Tokens>> {
        grants::tokens(self, id).await
    }
    async fn move_grant(
        &self,
        id: &GrantId,
        from: GrantState,
        to: GrantState,
        reason: &str,
        log: &LogEntry,
    ) -> R<bool> {
        grants::shift(self, id, from, to, reason, log).await
    }
    async fn grant_used(&self, id: &GrantId, at: Millis) -> R<()> {
        grants::used(self, id, at).await
    }
    async fn refresh_asked(&self, id: &GrantId, at: Millis, log: &LogEntry) -> R<bool> {
        renewals::asked(self, id, at, log).await
    }
    async fn refreshed(&self, id: &GrantId, tokens: &Tokens, at: Millis, log: &LogEntry) -> R<bool> {
        renewals::done(self, id, tokens, at, log).await
    }
    async fn refresh_ended(&self, id: &GrantId, end: RefreshEnd, log: &LogEntry) -> R<bool> {
        renewals::ended(self, id, end, log).await
    }
    async fn put_old_tokens_back(&self, id: &GrantId, log: &LogEntry) -> R<bool> {
        renewals::put_back(self, id, log).await
    }
    async fn reminded(&self, id: &GrantId, days: u8, log: &LogEntry) -> R<bool> {
        renewals::reminded(self, id, days, log).await
    }
    async fn erase_grant(&self, id: &GrantId, pending: bool, log: &LogEntry) -> R<bool> {
        grants::erase(self, id, pending, log).await
    }
    async fn revokes_owed(&self) -> R<Vec<(Grant, Tokens)>> {
        grants::revokes_owed(self).await
    }
    async fn revoke_settled(&self, id: &GrantId, log: &LogEntry) -> R<()> {
        grants::settled(self, id, log).await
    }

    // ---- couriers
    async fn couriers(&self) -> R<Vec<Courier>> {
        couriers::all(self).await
    }
    async fn courier(&self, id: &CourierId) -> R<Option<Courier>> {
        couriers::by_id(self, id).await
    }
    async fn load_couriers(
        &self,
        grant: &GrantId,
        offers: &[CourierOffer],
        fresh: &[CourierId],
        at: Millis,
        log: &LogEntry,
    ) -> R<()> {
        couriers::load(self, grant, offers, fresh, at, log).await
    }
    async fn save_details(&self, courier: &CourierId, details: &Details, log: &LogEntry) -> R<()> {
        couriers::save_details(self, courier, details, log).await
    }
    async fn default_courier(&self) -> R<Option<CourierId>> {
        couriers::default(self).await
    }
    async fn set_default_courier(&self, courier: &CourierId, log: &LogEntry) -> R<()> {
        couriers::set_default(self, courier, log).await
    }

    // ---- own label templates
    async fn own_templates(&self) -> R<Vec<OwnTemplate>> {
        templates::all(self).await
    }
    async fn own_template(&self, id: &str, version: u32) -> R<Option<OwnTemplate>> {
        templates::version(self, id, version).await
    }
    async fn save_own_template(&self, new: &OwnTemplate, log: &LogEntry) -> R<bool> {
        templates::save(self, new, log).await
    }
    async fn remove_own_template(&self, id: &str, log: &LogEntry) -> R<bool> {
        templates::remove(self, id, log).await
    }

    // ---- the shop's own area of its labels
    async fn custom_areas(&self) -> R<Vec<(AreaOf, CustomArea)>> {
        custom_areas::all(self).await
    }
    async fn save_custom_area(&self, of: &AreaOf, area: Option<&CustomArea>, log: &LogEntry) -> R<()> {
        custom_areas::save(self, of, area, log).await
    }

    // ---- printers
    async fn printers(&self) -> R<Vec<Printer>> {
        printers::all(self).await
    }
    async fn printer(&self, id: &PrinterId) -> R<Option<Printer>> {
        printers::by_id(self, id).await
    }
    async fn save_printer(&self, printer: &Printer, log: &LogEntry) -> R<()> {
        printers::save(self, printer, log).await
    }
    async fn remove_printer(&self, id: &PrinterId, log: &LogEntry) -> R<()> {
        printers::remove(self, id, log).await
    }
    async fn printer_measured(&self, id: &PrinterId, mm: Option<f64>, log: &LogEntry) -> R<()> {
        printers::measured(self, id, mm, log).await
    }
    async fn printer_rules(&self) -> R<Vec<PrinterRule>> {
        printers::rules(self).await
    }
    async fn save_printer_rules(&self, rules: &[PrinterRule], log: &LogEntry) -> R<()> {
        printers::save_rules(self, rules, log).await
    }

    // ---- orders
    async fn draft(&self, person: &PersonId) -> R<Option<String>> {
        orders::draft(self, person).await
    }
    async fn save_draft(&self, person: &PersonId, draft: &str, at: Millis) -> R<()> {
        orders::save_draft(self, person, draft, at).await
    }
    async fn add_parcel(&self, parcel: &NewParcel, waybill: &NewWaybill, log: &LogEntry) -> R<()> {
        orders::add(self, parcel, waybill, log).await
    }
    async fn parcel_by_submit(&self, submit_key: &str) -> R<Option<ParcelId>> {
        orders::by_submit(self, submit_key).await
    }
    async fn parcel(&self, id: &ParcelId) -> R<Option<Parcel>> {
        orders::by_id(self, id).await
    }
    async fn parcels(&self, want: &WantParcels) -> R<Vec<Parcel>> {
        orders::page(self, want).await
    }
    async fn mend_order(&self, id: &ParcelId, order: &Order, log: &LogEntry) -> R<()> {
        orders::mend(self, id, order, log).await
    }
    async fn add_waybill(&self, waybill: &NewWaybill, log: &LogEntry) -> R<()> {
        waybills::add(self, waybill, log).await
    }

    // ---- orders that wait, and batches
    async fn add_ready(&self, new: &NewReady, log: &LogEntry) -> R<()> {
        batches::add_ready(self, new, log).await
    }
    async fn ready(&self, limit: u32) -> R<Vec<Parcel>> {
        batches::ready(self, limit).await
    }
    async fn parcel_by_reference(&self, reference: &str) -> R<Option<ParcelId>> {
        batches::by_reference(self, reference).await
    }
    async fn discard_ready(&self, id: &ParcelId, log: &LogEntry) -> R<bool> {
        batches::discard(self, id, log).await
    }
    async fn set_stop(&self, id: &ParcelId, stop: &str, log: &LogEntry) -> R<bool> {
        batches::set_stop(self, id, stop, log).await
    }
    async fn twins(&self, id: &ParcelId, order: &Order, since: Millis) -> R<Vec<i64>> {
        batches::twins(self, id, order, since).await
    }
    async fn add_batch(&self, batch: &NewBatch, log: &LogEntry) -> R<()> {
        batches::add(self, batch, log).await
    }
    async fn batch_by_submit(&self, submit_key: &str) -> R<Option<BatchId>> {
        batches::by_submit(self, submit_key).await
    }
    async fn batch(&self, id: &BatchId) -> R<Option<Batch>> {
        batches::by_id(self, id).await
    }
    async fn recent_batches(&self, limit: u32) -> R<Vec<Batch>> {
        batches::recent(self, limit).await
    }
    async fn batch_items(&self, id: &BatchId) -> R<Vec<BatchItem>> {
        batches::items(self, id).await
    }
    async fn batch_of(&self, parcel: &ParcelId) -> R<Option<(BatchId, u32)>> {
        batches::of_parcel(self, parcel).await
    }
    async fn batch_parcels(&self, id: &BatchId) -> R<Vec<Parcel>> {
        batches::parcels(self, id).await
    }
    async fn day_counts(&self, since: Millis) -> R<Vec<CourierCount>> {
        batches::day_counts(self, since).await
    }
    async fn move_batch(
        &self,
        id: &BatchId,
        from: BatchState,
        to: BatchState,
        trouble: (&str, &str),
        log: &LogEntry,
    ) -> R<bool> {
        batches::shift(self, id, from, to, trouble, log).await
    }
    async fn set_aside(&self, id: &BatchId, seq: u32, aside: (&str, &str), log: &LogEntry) -> R<bool> {
        batches::set_aside(self, id, seq, aside, log).await
    }
    async fn start_label(&self, id: &BatchId, seq: u32, job: &NewPrint, log: &LogEntry) -> R<bool> {
        batches::start_label(self, id, seq, job, log).await
    }
    async fn resume_batch(&self, id: &BatchId, from: BatchState, last_good: u32, log: &LogEntry) -> R<bool> {
        batches::resume(self, id, from, last_good, log).await
    }

    // ---- waybills
    async fn waybills_of(&self, parcel: &ParcelId) -> R<Vec<Waybill>> {
        waybills::of_parcel(self, parcel).await
    }
    async fn waybill(&self, id: &WaybillId) -> R<Option<Waybill>> {
        waybills::by_id(self, id).await
    }
    async fn waybills_in(&self, states: &[WaybillState], limit: u32) -> R<Vec<Waybill>> {
        waybills::in_states(self, states, limit).await
    }
    async fn move_waybill(
        &self,
        id: &WaybillId,
        from: WaybillState,
        to: WaybillState,
        change: &WaybillChange,
        log: &LogEntry,
    ) -> R<bool> {
        match waybills::shift(self, id, from, to, change, log).await {
            // What a call brought is written down, whatever it takes; the next call is not made room for.
            Err(StoreError::DiskFull) if to != WaybillState::InFlight && self.let_go_of_reserve() => {
                waybills::shift(self, id, from, to, change, log).await
            }
            other => other,
        }
    }
    async fn asked_about(
        &self,
        id: &WaybillId,
        asked: u32,
        not_found: u32,
        next: Option<Millis>,
        trouble: &str,
    ) -> R<()> {
        waybills::asked(self, id, asked, not_found, next, trouble).await
    }
    async fn answer(&self, id: &WaybillId) -> R<Option<Answer>> {
        waybills::answer(self, id).await
    }

    // ---- labels that carriers made
    async fn add_carrier_label(&self, new: &NewCarrierLabel, job: &NewPrint, log: &LogEntry) -> R<()> {
        carrier_labels::add(self, new, job, log).await
    }
    async fn carrier_labels(&self, limit: u32) -> R<Vec<CarrierLabel>> {
        carrier_labels::recent(self, limit).await
    }
    async fn carrier_label(&self, id: &CarrierLabelId) -> R<Option<CarrierLabel>> {
        carrier_labels::by_id(self, id).await
    }
    async fn carrier_label_of(&self, hash: &str, page: u32, number: &str) -> R<Option<CarrierLabel>> {
        carrier_labels::known(self, hash, page, number).await
    }
    async fn carrier_file(&self, id: &CarrierLabelId) -> R<Option<Vec<u8>>> {
        carrier_labels::file(self, id).await
    }
    async fn prints_of_label(&self, id: &CarrierLabelId) -> R<Vec<Print>> {
        prints::of_label(self, id).await
    }

    // ---- print journal
    async fn add_print(&self, job: &NewPrint, log: &LogEntry) -> R<()> {
        prints::add(self, job, log).await
    }
    async fn prints_of(&self, parcel: &ParcelId) -> R<Vec<Print>> {
        prints::of_parcel(self, parcel).await
    }
    async fn print(&self, id: &PrintJobId) -> R<Option<Print>> {
        prints::by_id(self, id).await
    }
    async fn print_by_submit(&self, submit_key: &str) -> R<Option<PrintJobId>> {
        prints::by_submit(self, submit_key).await
    }
    async fn prints_in(&self, states: &[PrintState], limit: u32) -> R<Vec<Print>> {
        prints::in_states(self, states, limit).await
    }
    async fn recent_prints(&self, limit: u32) -> R<Vec<Print>> {
        prints::recent(self, limit).await
    }
    async fn last_labels(&self, printer: &PrinterId, limit: u32) -> R<Vec<Print>> {
        prints::last_of(self, printer, limit).await
    }
    async fn move_print(
        &self,
        id: &PrintJobId,
        from: PrintState,
        to: PrintState,
        change: &PrintChange,
        log: &LogEntry,
    ) -> R<bool> {
        match prints::shift(self, id, from, to, change, log).await {
            Err(StoreError::DiskFull)
                if !matches!(to, PrintState::Rendered | PrintState::Sending) && self.let_go_of_reserve() =>
            {
                prints::shift(self, id, from, to, change, log).await
            }
            other => other,
        }
    }
}
