//! What lies in the files: no secret and nothing about people, before and after a checkpoint, and an erased data key
//! nowhere at all.

use super::{Shop, cast};
use crate::store::story::hold;
use crate::store::{LabelOf, NewPrint, PrintChange, Store, WaybillChange};
use domain::evidence::Evidence;
use domain::ids::WaybillNo;
use domain::journal::PrintState;
use domain::waybill::WaybillState;
use std::path::Path;

const SECRETS: [&str; 7] = [
    "canary-app-secret",
    "canary-state",
    "canary-access",
    "canary-refresh",
    "canary-session",
    "canary-password-typed-as-name",
    "canary-raw-answer",
];
const PEOPLE: [&str; 9] = [
    "Erika Mustermann",
    "label.pdf",
    "金丝雀收件人",
    "13955501234",
    "13866605678",
    "滨江区江南大道",
    "canary-draft",
    "轻放",
    "钱掌柜的手机",
];

/// Every file of the folder, whole.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&p).unwrap()))
        .collect()
}

fn found(folder: &Path, needle: &[u8]) -> Vec<String> {
    let holds = |bytes: &[u8]| bytes.windows(needle.len()).any(|w| w == needle);
    files(folder).into_iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name).collect()
}

/// A day in which every canary goes through the store.
async fn a_day(shop: &Shop) {
    let store = &shop.store;
    let owner = cast::person_id("owner");
    store.set_app(&cast::app("canary-app-secret"), &cast::log("app.set", "taobao")).await.unwrap();
    hold(store, "held", "canary-state-held", "canary-access-held").await;
    let mut open = cast::attempt("open", "canary-state", "canary-verifier");
    open.verifier = domain::secret::Secret::new("canary-refresh-verifier");
    store.add_attempt(&open, &cast::log("attempt.open", "open")).await.unwrap();
    store.add_session("canary-session", &owner, cast::at(900)).await.unwrap();
    store.login_failed("canary-password-typed-as-name", 1, cast::at(1), &cast::log("login.failed", "")).await.unwrap();
    store.save_draft(&owner, "canary-draft 金丝雀收件人", cast::NOON).await.unwrap();
    let details = cast::details("13866605678");
    store.save_details(&cast::courier_id("west"), &details, &cast::log("courier.details", "west")).await.unwrap();
    let order = cast::order("金丝雀收件人", "13955501234");
    store.mend_order(&cast::parcel_id("parcel"), &order, &cast::log("order.mend", "parcel")).await.unwrap();
    let new = cast::parcel("parcel-2", "press-2", order);
    let number = cast::waybill("number-2", &new, 1, "press-2");
    store.add_parcel(&new, &number, &cast::log("order.submit", "parcel-2")).await.unwrap();
    let entry = cast::log("waybill", "number-2");
    let id = cast::waybill_id("number-2");
    let none = WaybillChange::default();
    store.move_waybill(&id, WaybillState::Intent, WaybillState::InFlight, &none, &entry).await.unwrap();
    let issued = WaybillChange {
        issued: Some((WaybillNo("ZTCONTROL77".to_owned()), cast::answer("canary-raw-answer 金丝雀收件人"))),
        queue: Some(cast::job("label", "parcel-2", "number-2", 0)),
        ..WaybillChange::default()
    };
    store.move_waybill(&id, WaybillState::InFlight, WaybillState::Issued, &issued, &entry).await.unwrap();
    let drawn = PrintChange { evidence: Some(Evidence::PeerClosed), ..PrintChange::default() };
    let moved = store
        .move_print(&cast::job_id("label"), PrintState::Queued, PrintState::Rendered, &drawn, &entry)
        .await
        .unwrap();
    assert!(moved);
    let printed = NewPrint { of: LabelOf::Carrier(cast::carrier_label().id), ..cast::job("carrier", "", "", 0) };
    let entry = cast::log("carrier_label.print", "carrier-label");
    store.add_carrier_label(&cast::carrier_label(), &printed, &entry).await.unwrap();
    let held = cast::attempt_id("held");
    let entry = cast::log("grant.confirm", "grant");
    store.activate(&held, &cast::grant_id("unused"), &owner, cast::at(5), &entry).await.unwrap().unwrap();
}

#[tokio::test]
async fn no_file_holds_a_secret_or_a_persons_data_in_clear() {
    let shop = Shop::open_for_business().await;
    a_day(&shop).await;
    let names: Vec<_> = files(shop.folder.path()).into_iter().map(|(name, _)| name).collect();
    for name in ["desk.db", "desk.db-wal", "desk.db-shm"] {
        assert!(names.iter().any(|n| n == name), "{name} is looked into: {names:?}");
    }
    let control = found(shop.folder.path(), b"ZTCONTROL77");
    assert!(!control.is_empty(), "the search finds what is in clear");
    let nowhere = |when: &str| {
        for canary in SECRETS.iter().chain(&PEOPLE) {
            assert_eq!(found(shop.folder.path(), canary.as_bytes()), [""; 0], "{canary}, {when}");
        }
    };
    nowhere("while open");
    shop.store.flush_wal().await;
    assert_eq!(std::fs::metadata(shop.folder.path().join("desk.db-wal")).unwrap().len(), 0, "folded in and cut");
    assert_eq!(found(shop.folder.path(), b"ZTCONTROL77"), ["desk.db"], "the search finds what is in clear");
    nowhere("after a checkpoint");
    shop.store.close().await;
    nowhere("after closing");
}

#[tokio::test]
async fn an_erased_data_key_lies_in_no_file_any_more() {
    for pending in [false, true] {
        let shop = Shop::open_for_business().await;
        let key: Vec<u8> = sqlx::query_scalar("SELECT sealed_key FROM grants WHERE id = 'grant'")
            .fetch_one(&shop.store.readers)
            .await
            .unwrap();
        assert!(!found(shop.folder.path(), &key).is_empty(), "the wrapped key is there while the grant lives");
        let entry = cast::log("grant.revoke", "grant");
        assert!(shop.store.erase_grant(&cast::grant_id("grant"), pending, &entry).await.unwrap());
        assert_eq!(found(shop.folder.path(), &key), [""; 0], "pending {pending}: nothing is left of it");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::open_for_business().await;
    for name in ["desk.db", "desk.db-wal", "desk.db-shm"] {
        let mode = std::fs::metadata(shop.folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
