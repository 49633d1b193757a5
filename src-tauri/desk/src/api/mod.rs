//! The one table of commands, read by the window, the command line and the tests.
//!
//! Invariants: a command is reached only through [`call`], which asks the right once, before the request is even parsed;
//! a line without an [`Access`] does not compile; nothing else makes an [`At`] with a person in it.
//! Absent: Tauri, clap, SQL, and work: a line names the use case that does it.

mod error;
mod types;

pub use error::{ApiError, Code, Done, FieldError, Nothing};
pub use types::*;

use crate::door::{At, Door};
use crate::rights::{Access, Permission};
use serde_json::Value;

/// The table. `name => use_case(Request) -> Answer, who;`
macro_rules! with_commands {
    ($read:ident) => {
        $read! {
            "app.state" => crate::staff::session::state(Nothing) -> AppState, Access::Anyone;
            "setup.owner" => crate::staff::session::setup_owner(SetupOwner) -> Me, Access::Anyone;
            "session.login" => crate::staff::session::login(Login) -> LoginDone, Access::Anyone;
            "session.lock" => crate::staff::session::lock(Nothing) -> Done, Access::Anyone;
            "session.logout" => crate::staff::session::logout(Nothing) -> Done, Access::Anyone;
            "session.login_with_code" => crate::staff::session::login_with_code(LoginWithCode) -> LoginDone, Access::Anyone;
            "session.switch" => crate::staff::session::switch(SwitchPerson) -> LoginDone, Access::Anyone;
            "session.set_password" => crate::staff::session::set_password(OwnPassword) -> Me, Access::LoggedIn;
            "session.set_pin" => crate::staff::session::set_pin(SetPin) -> Me, Access::LoggedIn;
            "session.certify" => crate::staff::certify::certify(Certify) -> Me, Access::LoggedIn;
            "session.badge" => crate::staff::badge::enter(UseBadge) -> LoginDone, Access::Anyone;
            "people.first_use" => crate::staff::first_use::show(Nothing) -> FirstUse, Access::AtFirst(Permission::ManagePeople);
            "people.send_code" => crate::staff::first_use::send(SendCode) -> CodeSent, Access::AtFirst(Permission::ManagePeople);
            "people.prove" => crate::staff::first_use::prove(ProveFirstUse) -> FirstUse, Access::AtFirst(Permission::ManagePeople);
            "people.print_badge" => crate::staff::badge::print(PrintBadge) -> BadgePrinted, Access::May(Permission::ManagePeople);
            "people.set_badge" => crate::staff::badge::set(SetBadge) -> PersonView, Access::May(Permission::ManagePeople);
            "people.remove_badge" => crate::staff::badge::remove(ById) -> PersonView, Access::May(Permission::ManagePeople);
            "sms.state" => crate::staff::sms::state(Nothing) -> SmsState, Access::May(Permission::ManageApps);
            "sms.save" => crate::staff::sms::save(SaveSms) -> SmsState, Access::May(Permission::ManageApps);
            "people.list" => crate::staff::people::list(Nothing) -> Vec<PersonView>, Access::May(Permission::ManagePeople);
            "people.add" => crate::staff::people::add(AddPerson) -> PersonView, Access::May(Permission::ManagePeople);
            "people.find_name" => crate::staff::people::find_name(ByName) -> NameFound, Access::May(Permission::ManagePeople);
            "people.configure" => crate::staff::people::configure(ConfigurePerson) -> PersonView, Access::May(Permission::ManagePeople);
            "people.set_password" => crate::staff::people::set_password(SetPassword) -> Done, Access::May(Permission::ManagePeople);
            "people.holdings" => crate::staff::people::holdings(ById) -> Holdings, Access::May(Permission::ManagePeople);
            "people.depart" => crate::staff::people::depart(DepartPerson) -> PersonView, Access::May(Permission::ManagePeople);
            "people.restore" => crate::staff::people::restore(SetPassword) -> PersonView, Access::May(Permission::ManagePeople);
            "people.lift" => crate::staff::people::lift(ById) -> PersonView, Access::May(Permission::ManagePeople);
            "people.vouch" => crate::staff::certify::vouch(Vouch) -> PersonView, Access::May(Permission::ManagePeople);
            "people.enrol" => crate::staff::certify::enrol(ById) -> Enrolment, Access::NotInWebview(Permission::ManagePeople);
            "people.rules" => crate::staff::rules::show(Nothing) -> DeskRules, Access::May(Permission::ManagePeople);
            "people.save_rules" => crate::staff::rules::save(DeskRules) -> DeskRules, Access::May(Permission::ManagePeople);
            "posts.list" => crate::staff::posts::list(Nothing) -> PostsPage, Access::May(Permission::ManagePeople);
            "posts.save" => crate::staff::posts::save(SavePost) -> PostView, Access::May(Permission::ManagePeople);
            "posts.remove" => crate::staff::posts::remove(ById) -> Done, Access::May(Permission::ManagePeople);
            "accounts.platforms" => crate::grant::platforms::list(Nothing) -> Vec<PlatformView>, Access::May(Permission::ViewGrants);
            "accounts.set_app" => crate::grant::platforms::set_app(SetApp) -> PlatformView, Access::May(Permission::ManageApps);
            "accounts.start" => crate::grant::attempts::start(StartAttempt) -> AttemptView, Access::May(Permission::StartGrant);
            "accounts.attempts" => crate::grant::attempts::list(Nothing) -> Vec<AttemptView>, Access::May(Permission::StartGrant);
            "accounts.attempt" => crate::grant::attempts::show(ById) -> AttemptView, Access::May(Permission::StartGrant);
            "accounts.open" => crate::grant::attempts::open_browser(ById) -> AttemptView, Access::May(Permission::StartGrant);
            "accounts.copy_link" => crate::grant::attempts::copy_link(ById) -> Done, Access::May(Permission::StartGrant);
            "accounts.qr" => crate::grant::attempts::qr(ById) -> AttemptQr, Access::NotInWebview(Permission::StartGrant);
            "accounts.link" => crate::grant::attempts::link(ById) -> AttemptLink, Access::NotInWebview(Permission::StartGrant);
            "accounts.paste" => crate::grant::attempts::paste(PasteAnswer) -> AttemptView, Access::May(Permission::StartGrant);
            "accounts.cancel" => crate::grant::attempts::cancel(ById) -> AttemptView, Access::May(Permission::StartGrant);
            "accounts.confirm" => crate::grant::attempts::confirm(ConfirmShop) -> AttemptView, Access::May(Permission::ConfirmGrant);
            "accounts.list" => crate::grant::grants::list(Nothing) -> Vec<GrantView>, Access::May(Permission::ViewGrants);
            "accounts.reload" => crate::grant::grants::reload(ById) -> GrantView, Access::May(Permission::ViewGrants);
            "accounts.renew" => crate::grant::grants::renew(ById) -> GrantView, Access::May(Permission::StartGrant);
            "accounts.suspend" => crate::grant::grants::suspend(ById) -> GrantView, Access::May(Permission::RevokeGrant);
            "accounts.resume" => crate::grant::grants::resume(ById) -> GrantView, Access::May(Permission::RevokeGrant);
            "accounts.revoke" => crate::grant::grants::revoke(RevokeGrant) -> RevokeDone, Access::May(Permission::RevokeGrant);
            "accounts.details" => crate::grant::couriers::details(ById) -> CourierDetails, Access::May(Permission::SetDefaultCourier);
            "accounts.save_details" => crate::grant::couriers::save_details(CourierDetails) -> CourierDetails, Access::May(Permission::SetDefaultCourier);
            "accounts.set_default" => crate::grant::couriers::set_default(ById) -> CourierView, Access::May(Permission::SetDefaultCourier);
            "orders.form" => crate::order::form::form(Nothing) -> OrderForm, Access::May(Permission::SubmitOrder);
            "orders.save_draft" => crate::order::form::save_draft(SaveDraft) -> Done, Access::May(Permission::SubmitOrder);
            "orders.preview" => crate::order::form::preview(SubmitOrder) -> Picture, Access::May(Permission::SubmitOrder);
            "orders.submit" => crate::order::submit::submit(SubmitOrder) -> ParcelView, Access::May(Permission::SubmitOrder);
            "orders.retry" => crate::order::submit::retry(RetryParcel) -> ParcelView, Access::May(Permission::SubmitOrder);
            "orders.list" => crate::order::history::list(ListParcels) -> ParcelPage, Access::May(Permission::ViewHistory);
            "orders.show" => crate::order::history::show(ById) -> ParcelView, Access::May(Permission::ViewHistory);
            "orders.reveal" => crate::order::history::reveal(ById) -> RevealedParcel, Access::May(Permission::RevealPersonal);
            "orders.picture" => crate::order::history::picture(ById) -> Picture, Access::May(Permission::ViewHistory);
            "orders.add" => crate::order::ready::add(AddOrders) -> AddedOrders, Access::May(Permission::SubmitOrder);
            "orders.ready" => crate::order::ready::list(Nothing) -> ReadyOrders, Access::May(Permission::ViewHistory);
            "orders.typed" => crate::order::ready::look(ById) -> TypedOrder, Access::May(Permission::RevealPersonal);
            "orders.mend" => crate::order::ready::mend(MendOrder) -> Done, Access::May(Permission::SubmitOrder);
            "orders.discard" => crate::order::ready::discard(ById) -> Done, Access::May(Permission::SubmitOrder);
            "orders.stop" => crate::order::ready::stop(StopParcel) -> Done, Access::May(Permission::SubmitOrder);
            "batches.check" => crate::batch::check(AskBatch) -> BatchCheck, Access::May(Permission::SubmitOrder);
            "batches.start" => crate::batch::start(StartBatch) -> BatchView, Access::May(Permission::SubmitOrder);
            "batches.list" => crate::batch::list(Nothing) -> BatchList, Access::May(Permission::ViewHistory);
            "batches.show" => crate::batch::show(ById) -> BatchView, Access::May(Permission::ViewHistory);
            "batches.pause" => crate::batch::pause(ById) -> BatchView, Access::May(Permission::SubmitOrder);
            "batches.resume" => crate::batch::resume(ResumeBatch) -> BatchView, Access::May(Permission::Reprint);
            "batches.confirm" => crate::batch::confirm(ById) -> BatchView, Access::May(Permission::SubmitOrder);
            "batches.close" => crate::batch::close(ById) -> BatchView, Access::May(Permission::SubmitOrder);
            "prints.today" => crate::batch::today(Nothing) -> Vec<DayCount>, Access::May(Permission::ViewHistory);
            "orders.cancel_number" => crate::waybill::cancel::cancel_number(CancelNumber) -> ParcelView, Access::May(Permission::CancelWaybill);
            "orders.ask_now" => crate::waybill::reconcile::ask_now(ById) -> ParcelView, Access::May(Permission::ViewHistory);
            "orders.decide" => crate::waybill::reconcile::decide(DecideUnknown) -> ParcelView, Access::May(Permission::DecideUnknown);
            "prints.list" => crate::printing::jobs::list(ById) -> PrintPage, Access::May(Permission::ViewHistory);
            "prints.show" => crate::printing::jobs::show(ById) -> PrintView, Access::May(Permission::ViewHistory);
            "prints.reprint" => crate::printing::jobs::reprint(Reprint) -> PrintView, Access::May(Permission::Reprint);
            "prints.picture" => crate::printing::jobs::picture(ById) -> Picture, Access::May(Permission::ViewHistory);
            "prints.confirm" => crate::printing::jobs::confirm(ById) -> PrintView, Access::May(Permission::SubmitOrder);
            "carrier_labels.read" => crate::carrier::look(ReadCarrierLabel) -> CarrierLabelReading, Access::May(Permission::SubmitOrder);
            "carrier_labels.print" => crate::carrier::print(PrintCarrierLabel) -> CarrierLabelView, Access::May(Permission::SubmitOrder);
            "carrier_labels.list" => crate::carrier::list(Nothing) -> CarrierLabelList, Access::May(Permission::ViewHistory);
            "carrier_labels.reprint" => crate::carrier::reprint(ReprintCarrierLabel) -> CarrierLabelView, Access::May(Permission::Reprint);
            "custom_areas.list" => crate::printing::custom_area::list(Nothing) -> Vec<CustomAreaView>, Access::May(Permission::ManageTemplates);
            "custom_areas.save" => crate::printing::custom_area::save(SaveCustomArea) -> Done, Access::May(Permission::ManageTemplates);
            "templates.list" => crate::template::all(Nothing) -> Vec<TemplateRow>, Access::May(Permission::ViewHistory);
            "templates.show" => crate::template::show(ById) -> TemplateText, Access::May(Permission::ViewHistory);
            "templates.preview" => crate::template::preview(PreviewTemplate) -> TemplatePreview, Access::May(Permission::ViewHistory);
            "templates.copy" => crate::template::copy(ById) -> Done, Access::May(Permission::ViewHistory);
            "templates.save" => crate::template::save(SaveTemplate) -> TemplateRow, Access::May(Permission::ManageTemplates);
            "templates.remove" => crate::template::remove(ById) -> Done, Access::May(Permission::ManageTemplates);
            "printers.list" => crate::printing::printers::list(Nothing) -> Vec<PrinterView>, Access::LoggedIn;
            "printers.save" => crate::printing::printers::save(SavePrinter) -> PrinterView, Access::May(Permission::ManagePrinters);
            "printers.remove" => crate::printing::printers::remove(ById) -> Done, Access::May(Permission::ManagePrinters);
            "printers.state" => crate::printing::printers::state(ById) -> PrinterState, Access::LoggedIn;
            "printers.labels" => crate::printing::jobs::last_labels(ById) -> PrintPage, Access::May(Permission::ViewHistory);
            "printers.test" => crate::printing::printers::test(ById) -> TestPrintDone, Access::May(Permission::SubmitOrder);
            "printers.doctor" => crate::printing::doctor::look(ById) -> DoctorReport, Access::May(Permission::ManagePrinters);
            "printers.adjust" => crate::printing::doctor::adjust(AdjustPrinter) -> PrinterView, Access::May(Permission::ManagePrinters);
            "printers.calibrate" => crate::printing::doctor::calibrate(ById) -> CalibrateDone, Access::May(Permission::ManagePrinters);
            "rules.list" => crate::printing::rules::list(Nothing) -> Vec<RuleView>, Access::May(Permission::ManagePrinters);
            "rules.save" => crate::printing::rules::save(SaveRules) -> Done, Access::May(Permission::ManagePrinters);
            "rules.try" => crate::printing::rules::dry_run(TryRules) -> RuleTrial, Access::May(Permission::ManagePrinters);
            "printers.families" => crate::printing::printers::families(Nothing) -> Vec<FamilyView>, Access::May(Permission::ManagePrinters);
            "printers.queues" => crate::printing::printers::queues(Nothing) -> Vec<QueueView>, Access::May(Permission::ManagePrinters);
            "printers.find" => crate::printing::find::find(FindPrinters) -> FoundPrinters, Access::May(Permission::ManagePrinters);
            "backup.state" => crate::backup::state(Nothing) -> BackupState, Access::May(Permission::ManageBackups);
            "backup.create" => crate::backup::create(Nothing) -> BackupView, Access::May(Permission::ManageBackups);
            "backup.verify" => crate::backup::verify(BackupFile) -> BackupPreview, Access::May(Permission::ManageBackups);
            "backup.set_folder" => crate::backup::set_folder(SetBackupFolder) -> BackupState, Access::May(Permission::ManageBackups);
            "backup.card_begin" => crate::backup::card::begin(BeginCard) -> CardAsked, Access::May(Permission::ManageBackups);
            "backup.card_words" => crate::backup::card::words(Nothing) -> CardWords, Access::NotInWebview(Permission::ManageBackups);
            "backup.card_confirm" => crate::backup::card::confirm(ConfirmCard) -> BackupState, Access::May(Permission::ManageBackups);
            "backup.card_forget" => crate::backup::forget(Nothing) -> Done, Access::May(Permission::ManageBackups);
            "backup.files" => crate::backup::restore::files(BackupFolder) -> BackupFiles, Access::Anyone;
            "backup.look" => crate::backup::restore::look(OpenBackup) -> BackupPreview, Access::Anyone;
            "backup.restore" => crate::backup::restore::restore(OpenBackup) -> RestoreDone, Access::Anyone;
            "data.state" => crate::data::state(Nothing) -> DataState, Access::May(Permission::ManageData);
            "data.set_keep" => crate::data::set_keep(SetKeepDays) -> DataState, Access::May(Permission::ManageData);
            "data.purge_now" => crate::data::purge_now(Nothing) -> PurgeDone, Access::May(Permission::ManageData);
            "data.find_person" => crate::data::find_person(FindPerson) -> PersonFound, Access::May(Permission::ManageData);
            "data.erase_person" => crate::data::erase_person(ErasePerson) -> Erased, Access::May(Permission::ManageData);
            "data.export_person" => crate::data::export_person(ExportPerson) -> Exported, Access::May(Permission::ExportPersonal);
            "data.export" => crate::data::export(ExportAll) -> Exported, Access::May(Permission::ExportData);
            "log.list" => crate::log::list(ListLog) -> LogPage, Access::May(Permission::ViewLog);
            "log.verify" => crate::log::verify(VerifyLog) -> LogVerdict, Access::May(Permission::ViewLog);
            "log.close_day" => crate::log::close_day(CloseDay) -> ClosedDay, Access::May(Permission::ViewLog);
            "log.export" => crate::log::export(ListLog) -> LogExported, Access::May(Permission::ViewLog);
        }
    };
}

macro_rules! dispatcher {
    ($($name:literal => $($seg:ident)::+ ($req:ty) -> $ans:ty, $access:expr;)*) => {
        /// Every command and who may call it.
        pub const COMMANDS: &[(&str, Access)] = &[$(($name, $access)),*];

        /// Runs a command by name for whoever stands at the door.
        pub(crate) async fn call(door: &Door, name: &str, request: Value) -> Result<Value, ApiError> {
            match name {
                $($name => {
                    let at: At<'_> = door.admit($access).await?;
                    let request: $req = parse(request)?;
                    let answer: $ans = $($seg)::+(&at, request).await?;
                    serde_json::to_value(answer).map_err(ApiError::internal)
                })*
                _ => Err(ApiError::new(Code::NotFound, format!("there is no command `{name}`")).detail("command")),
            }
        }
    };
}
with_commands!(dispatcher);

fn parse<T: serde::de::DeserializeOwned>(request: Value) -> Result<T, ApiError> {
    serde_json::from_value(request).map_err(|e| {
        ApiError::new(Code::InvalidInput, format!("the request cannot be read: {e}")).hint("nothing was done")
    })
}

#[cfg(test)]
mod bindings {
    use super::*;
    use ts_rs::TS;

    macro_rules! export {
        ($($name:literal => $($seg:ident)::+ ($req:ty) -> $ans:ty, $access:expr;)*) => {
            fn lines() -> Vec<(&'static str, String, String)> {
                let config = ts_rs::Config::from_env();
                vec![$(($name, <$req>::name(&config), <$ans>::name(&config))),*]
            }
        };
    }
    with_commands!(export);

    /// Writes `ui/src/bindings/Commands.ts`: a typo in a command's name is a type error in the window.
    #[test]
    fn export_bindings_commands() {
        let lines = lines();
        let mut names: Vec<&str> = lines
            .iter()
            .flat_map(|(_, q, a)| [q.as_str(), a.as_str()])
            .map(|n| n.strip_prefix("Array<").and_then(|n| n.strip_suffix('>')).unwrap_or(n))
            .collect();
        names.sort_unstable();
        names.dedup();
        let mut out = String::from(
            "// This file was generated from the desk's table of commands by `cargo test -p desk`. Do not edit.\n",
        );
        for n in &names {
            out += &format!("import type {{ {n} }} from \"./{n}\";\n");
        }
        out += "\nexport type Commands = {\n";
        for (name, q, a) in &lines {
            out += &format!("  \"{name}\": [{q}, {a}];\n");
        }
        out += "};\n";
        let dir = std::env::var("TS_RS_EXPORT_DIR").expect("`.cargo/config.toml` names the folder");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(std::path::Path::new(&dir).join("Commands.ts"), out).unwrap();
    }

    /// Writes `ui/src/bindings/Flaws.ts`: what can be wrong with a template, for the test that the window has words for each.
    #[test]
    fn export_bindings_flaws() {
        let mut out = "// This file was generated from the label engine's flaws by `cargo test -p desk`. Do not edit this file manually.\n\n\
                       /** Each code with the names of its values. */\nexport const FLAWS = {\n"
            .to_owned();
        for (code, values) in label::FLAWS {
            out += &format!("  {code}: {values:?},\n");
        }
        out += "} as const;\n";
        let dir = std::env::var("TS_RS_EXPORT_DIR").expect("`.cargo/config.toml` names the folder");
        std::fs::write(std::path::Path::new(&dir).join("Flaws.ts"), out).unwrap();
    }
}
