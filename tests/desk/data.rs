//! How long people's data stays, one person's data, and the export of everything.

use crate::world::*;
use desk::api::*;
use desk::{ApiError, Code, Place};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn to(name: &str, phone: &str) -> SubmitOrder {
    let mut order = order();
    (order.recipient.name, order.recipient.phone) = (name.into(), phone.into());
    order
}

async fn state(w: &World) -> DataState {
    call(&w.owner, "data.state", Nothing {}).await.unwrap()
}

fn lines(folder: &str, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(Path::new(folder).join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn holders(folder: &Path, needle: &str) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()) {
        if path.is_dir() {
            out.extend(holders(&path, needle));
        } else if std::fs::read(&path).unwrap().windows(needle.len()).any(|w| w == needle.as_bytes()) {
            out.push(path);
        }
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ninety_days_names_and_phones_are_gone_and_the_number_stays() {
    let w = World::ready().await;
    let old = w.submit(order()).await.unwrap().row;
    w.printer.wait_for_labels(1, Duration::from_secs(10)).await.expect("it comes out");
    w.desk.tick().await;
    assert_eq!((state(&w).await.keep_days, state(&w).await.due), (90, 0));
    w.clock.advance(60 * DAY);
    w.grant(SHOP).await;
    let young = w.submit(to("周小雨", "13700001111")).await.unwrap().row;
    w.desk.tick().await;
    assert!(!w.show(&old.id).await.row.purged, "not yet");
    w.clock.advance(31 * DAY);
    assert_eq!(state(&w).await.due, 1);
    w.desk.tick().await;
    let gone = w.show(&old.id).await;
    assert!(gone.row.purged && gone.row.number == old.number && !old.number.is_empty());
    assert_eq!((gone.row.recipient_name.as_str(), gone.recipient.phone.as_str(), gone.remark.as_str()), ("", "", ""));
    assert_eq!((gone.may_reprint, gone.may_retry), (false, false));
    for command in ["orders.reveal", "orders.picture"] {
        let e = raw(&w.owner, command, serde_json::json!({ "id": old.id })).await.unwrap_err();
        assert_eq!(e.code, Code::Purged, "{command}");
    }
    let again = Reprint {
        parcel: old.id.clone(),
        reason: "lost".into(),
        note: String::new(),
        printer: String::new(),
        submit_key: "press-again-1".into(),
    };
    let e = call::<_, PrintView>(&w.owner, "prints.reprint", again).await.unwrap_err();
    assert_eq!(e.code, Code::Purged, "no blank label comes out");
    assert!(!w.show(&young.id).await.row.purged, "the younger one is whole");
    let row = w.log().await.into_iter().find(|r| r.action == "purge").unwrap();
    assert!(row.detail.contains("parcels=1"), "it can be proven: {}", row.detail);
    let verdict: LogVerdict = call(&w.owner, "log.verify", VerifyLog { anchor: String::new() }).await.unwrap();
    assert!(verdict.whole);
    assert_eq!(state(&w).await.due, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_sets_how_long_and_takes_out_at_once() {
    let w = World::ready().await;
    let parcel = w.submit(order()).await.unwrap().row.id;
    w.desk.tick().await;
    for days in [0, 6, 1096] {
        let e = call::<_, DataState>(&w.owner, "data.set_keep", SetKeepDays { days }).await.unwrap_err();
        assert_eq!((e.code, e.fields[0].field.as_str()), (Code::InvalidInput, "days"));
    }
    let kept: DataState = call(&w.owner, "data.set_keep", SetKeepDays { days: 7 }).await.unwrap();
    assert_eq!(kept.keep_days, 7);
    w.clock.advance(8 * DAY);
    let done: PurgeDone = call(&w.owner, "data.purge_now", Nothing {}).await.unwrap();
    assert_eq!((done.parcels, done.gone), (1, true));
    assert!(w.show(&parcel).await.row.purged);
    let row = w.log().await.into_iter().find(|r| r.action == "purge").unwrap();
    assert_eq!(row.person, OWNER);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_persons_data_is_found_given_out_and_taken_out() {
    let w = World::ready().await;
    let mine = w.submit(order()).await.unwrap().row.id;
    let second = w.submit(to(RECIPIENT, "138 1234 5678")).await.unwrap().row.id;
    let other = w.submit(to("周小雨", "13700001111")).await.unwrap().row.id;
    w.desk.tick().await;
    let find = |phone: &str| FindPerson { phone: phone.to_owned() };
    let found: PersonFound = call(&w.owner, "data.find_person", find("+86 138-1234-5678")).await.unwrap();
    let mut ids: Vec<&str> = found.rows.iter().map(|r| r.id.as_str()).collect();
    ids.sort_unstable();
    let mut wanted = [mine.as_str(), second.as_str()];
    wanted.sort_unstable();
    assert_eq!((found.total, ids), (2, wanted.to_vec()));
    assert!(found.rows.iter().all(|r| r.recipient_name.contains('*')), "masked");

    let folder = w.dir.path().join("out").display().to_string();
    let ask = ExportPerson { phone: RECIPIENT_PHONE.into(), folder: folder.clone() };
    let done: Exported = call(&w.owner, "data.export_person", ask).await.unwrap();
    let text = std::fs::read_to_string(Path::new(&done.folder).join("person.json")).unwrap();
    let about: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(about["parcels"].as_array().unwrap().len(), 2);
    assert!(text.contains(RECIPIENT) && text.contains(RECIPIENT_PHONE) && text.contains("易碎"));
    assert!(!text.contains("周小雨"), "nobody else's");

    let erase = |again: &str| ErasePerson { phone: RECIPIENT_PHONE.into(), again: again.to_owned() };
    let e = call::<_, Erased>(&w.owner, "data.erase_person", erase("13812345679")).await.unwrap_err();
    assert_eq!(e.fields[0].code, "other_phone");
    assert!(!w.show(&mine).await.row.purged, "nothing was done");
    let gone: Erased = call(&w.owner, "data.erase_person", erase("138-1234-5678")).await.unwrap();
    assert_eq!((gone.parcels, gone.under_way, gone.gone), (2, 0, true));
    assert!(w.show(&mine).await.row.purged && w.show(&second).await.row.purged);
    assert!(!w.show(&other).await.row.purged);
    let left: PersonFound = call(&w.owner, "data.find_person", find(RECIPIENT_PHONE)).await.unwrap();
    assert_eq!(left.total, 0);
    let log = w.log().await;
    for action in ["person.find", "person.export", "person.erase"] {
        let row = log.iter().find(|r| r.action == action).unwrap();
        assert!(row.object.starts_with("phone#"), "{row:?}");
    }
    let all = log.iter().map(|r| format!("{r:?}")).collect::<String>();
    assert!(!all.contains(RECIPIENT_PHONE) && !all.contains(RECIPIENT), "the log names nobody");
    let e = call::<_, PersonFound>(&w.owner, "data.find_person", find("12345")).await.unwrap_err();
    assert_eq!(e.fields[0].code, "bad_phone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_order_is_not_taken_out_and_that_is_told() {
    let w = World::ready().await;
    let waits = NewOrder {
        submit_key: "line-0001".into(),
        reference: "A-1".into(),
        recipient: order().recipient,
        goods: order().goods,
        remark: String::new(),
        weight_g: None,
    };
    let _: AddedOrders = call(&w.owner, "orders.add", AddOrders { orders: vec![waits] }).await.unwrap();
    let erase = ErasePerson { phone: RECIPIENT_PHONE.into(), again: RECIPIENT_PHONE.into() };
    let gone: Erased = call(&w.owner, "data.erase_person", erase).await.unwrap();
    assert_eq!((gone.parcels, gone.under_way), (0, 1), "it is still to be sent");
}

async fn export(w: &World, unmasked: bool) -> Result<Exported, ApiError> {
    let folder = w.dir.path().join("out").display().to_string();
    call(&w.owner, "data.export", ExportAll { folder, unmasked }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_whole_documented_and_masked() {
    let w = World::ready().await;
    let parcel = w.submit(order()).await.unwrap().row;
    w.submit(to("周小雨", "13700001111")).await.unwrap();
    w.desk.tick().await;
    let done = export(&w, false).await.unwrap();
    assert!(done.masked);
    let folder = PathBuf::from(&done.folder);
    for canary in [RECIPIENT, RECIPIENT_PHONE, "周小雨", "13700001111", "世外桃源", "易碎", PRACTICE_SECRET] {
        assert!(holders(&folder, canary).is_empty(), "{canary} lies in a masked export");
    }
    let parcels = lines(&done.folder, "parcels.jsonl");
    assert_eq!(parcels.len(), 2);
    assert!(parcels.iter().any(|p| p["id"] == parcel.id.as_str() && p["recipient"]["phone"] == "138******78"));
    let numbers = lines(&done.folder, "numbers.jsonl");
    assert!(numbers.iter().any(|n| n["number"] == parcel.number.as_str()));
    assert_eq!(lines(&done.folder, "labels.jsonl").len(), 2);
    assert_eq!(lines(&done.folder, "shops.jsonl")[0]["shop_name"], SHOP);
    let log = w.log().await;
    // The export's own row is in it, and nothing came after.
    assert_eq!(lines(&done.folder, "log.jsonl").len(), log.len());
    let manifest: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("manifest.json")).unwrap()).unwrap();
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let mut rows = 0;
    for file in manifest["files"].as_array().unwrap() {
        let name = file["file"].as_str().unwrap();
        assert!(readme.contains(name), "{name} is documented");
        assert_eq!(lines(&done.folder, name).len() as i64, file["rows"].as_i64().unwrap(), "{name}");
        rows += file["rows"].as_i64().unwrap();
    }
    assert_eq!(rows, done.rows);
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, manifest["files"].as_array().unwrap().len() + 2, "no file that the manifest does not name");

    let clear = export(&w, true).await.unwrap();
    assert!(!clear.masked && clear.folder != done.folder);
    assert!(!holders(Path::new(&clear.folder), RECIPIENT).is_empty());
    assert!(std::fs::read_to_string(Path::new(&clear.folder).join("README.md")).unwrap().contains("IN CLEAR"));
    for canary in [PRACTICE_SECRET, OWNER_PASSWORD, "$argon2id"] {
        assert!(holders(Path::new(&clear.folder), canary).is_empty(), "{canary}");
    }
    let told: Vec<String> = w.log().await.into_iter().filter(|r| r.action == "data.export").map(|r| r.detail).collect();
    assert!(told[0].contains("unmasked=true") && told[1].contains("unmasked=false"), "{told:?}");
}

const PRACTICE_SECRET: &str = sandbox::PRACTICE_APP_SECRET;

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_cannot_be_written_says_so_and_leaves_nothing() {
    let w = World::empty().await;
    for folder in ["relative", "/proc/nowhere"] {
        let ask = ExportAll { folder: folder.into(), unmasked: false };
        let e = call::<_, Exported>(&w.owner, "data.export", ask).await.unwrap_err();
        assert_eq!((e.code, e.fields[0].code.as_str()), (Code::InvalidInput, "bad_folder"), "{folder}");
    }
    let clerk = w.desk.door(Place::Terminal, "test");
    let e = raw(&clerk, "data.export", serde_json::json!({ "folder": "", "unmasked": false })).await.unwrap_err();
    assert_eq!(e.code, Code::NotLoggedIn);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_too_little_room_no_number_is_asked_for() {
    let w = World::ready().await;
    w.desk.close().await;
    let folder = w.dir.path().join("desk");
    let mut tight = setup(&folder, &w.market.base(), w.clock.clone(), w.face.clone());
    tight.least_free = u64::MAX;
    drop((w.owner, w.desk));
    let desk = desk::Desk::open(tight).await.unwrap();
    let owner = desk.door(Place::Window, "window");
    let login = Login { name: OWNER.into(), password: OWNER_PASSWORD.into() };
    let _: LoginDone = call(&owner, "session.login", login).await.unwrap();
    let charged = w.market.ledger().charged.len();
    let e = call::<_, ParcelView>(&owner, "orders.submit", order()).await.unwrap_err();
    assert_eq!(e.code, Code::DiskFull, "{e:?}");
    assert_eq!(w.market.ledger().charged.len(), charged, "nothing was charged");
    let kept: ParcelPage = call(
        &owner,
        "orders.list",
        ListParcels { before: None, limit: 9, filter: "all".into(), search: String::new() },
    )
    .await
    .unwrap();
    assert!(kept.rows.is_empty(), "and nothing half-begun stands in a list");
}
