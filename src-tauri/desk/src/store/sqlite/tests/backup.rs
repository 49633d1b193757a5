//! Copies of the store: what travels, what stays, and that a copy taken in elsewhere is the same.

use super::{Shop, cast, stock, vault};
use crate::store::sqlite::backup::{KEPT, MADE_SAFE, STAY, bring_up, look_at};
use crate::store::sqlite::{SqliteStore, cells};
use crate::store::story::hold;
use crate::store::{Card, LabelOf, LogQuery, NewPrint, Store, StoreError, WaybillChange};
use crate::vault::{Carried, Recovery};
use domain::chance::OsChance;
use domain::ids::WaybillNo;
use domain::journal::PrintState as P;
use domain::waybill::WaybillState as W;
use sqlx::{AssertSqlSafe, Connection};
use std::path::Path;

fn card() -> Card {
    let key = Recovery::fresh(&OsChance).backup_key();
    Card { id: key.card(), key, made_at: cast::NOON, made_by: "owner".to_owned() }
}

/// The same keys, as they come out of a sealed file.
fn carried(shop: &Shop) -> Carried {
    Carried::from_bytes(&shop.vault.carried().to_bytes()).unwrap()
}

/// A shop in the middle of its day: something of every table, something of every state under way.
async fn a_day() -> Shop {
    let shop = Shop::open_for_business().await;
    let store = &shop.store;
    let (owner, none) = (cast::person_id("owner"), WaybillChange::default());
    store.add_session("canary-session", &owner, cast::at(900)).await.unwrap();
    store.login_failed("canary-name", 1, cast::at(1), &cast::log("login.failed", "")).await.unwrap();
    store.save_draft(&owner, "canary-draft", cast::NOON).await.unwrap();
    store.set_card(&card(), &cast::log("backup.card", "")).await.unwrap();
    store.save_setting("here.backup_folder", "/somewhere", &cast::log("backup.folder", "")).await.unwrap();
    store.save_setting("purge.days", "30", &cast::log("data.keep", "")).await.unwrap();
    let details = cast::details("13866605678");
    store.save_details(&cast::courier_id("west"), &details, &cast::log("courier.details", "west")).await.unwrap();
    hold(store, "held", "canary-state-held", "canary-access-held").await;
    let label = NewPrint { of: LabelOf::Carrier(cast::carrier_label().id), ..cast::job("carrier", "", "", 0) };
    store.add_carrier_label(&cast::carrier_label(), &label, &cast::log("carrier_label.print", "")).await.unwrap();
    let entry = cast::log("waybill", "");
    for (n, states) in [vec![W::Intent, W::InFlight], vec![W::Intent, W::InFlight, W::Issued]].into_iter().enumerate() {
        let new = cast::parcel(&format!("p{n}"), &format!("press-p{n}"), cast::order("金丝雀收件人", "13955501234"));
        let number = cast::waybill(&format!("w{n}"), &new, 1, &format!("press-p{n}"));
        store.add_parcel(&new, &number, &cast::log("order.submit", "")).await.unwrap();
        let id = cast::waybill_id(&format!("w{n}"));
        for step in states.windows(2) {
            let mut change = none.clone();
            if step[1] == W::Issued {
                change.issued = Some((WaybillNo("ZTCONTROL77".to_owned()), cast::answer("canary-raw-answer")));
                change.queue = Some(cast::job("label", "p1", "w1", 0));
            }
            assert!(store.move_waybill(&id, step[0], step[1], &change, &entry).await.unwrap());
        }
    }
    for (from, to) in [(P::Queued, P::Rendered), (P::Rendered, P::Sending)] {
        assert!(store.move_print(&cast::job_id("label"), from, to, &Default::default(), &entry).await.unwrap());
    }
    shop
}

async fn texts(file: &Path, sql: &str) -> Vec<String> {
    let options = crate::store::sqlite::options(file).read_only(true);
    let mut there = sqlx::sqlite::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(&mut there).await.unwrap()
}

#[tokio::test]
async fn a_copy_holds_what_travels_and_nothing_that_stays() {
    let shop = a_day().await;
    let copy = shop.folder.path().join("copy.db");
    let sealed: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT sealed_key FROM grants UNION SELECT sealed_tokens FROM grants UNION SELECT sealed_secret FROM apps
         UNION SELECT sealed_secrets FROM attempts UNION SELECT sealed_tokens FROM attempts WHERE sealed_tokens IS NOT NULL
         UNION SELECT sealed_key FROM backup_card",
    )
    .fetch_all(&shop.store.readers)
    .await
    .unwrap();
    assert!(sealed.len() >= 6, "there is something that must not travel");
    let stock = shop.store.copy_out(&copy).await.unwrap();
    let bytes = std::fs::read(&copy).unwrap();
    for cell in sealed {
        assert!(
            !bytes.windows(24).any(|w| w == &cell[..24]),
            "a sealed secret lies in the copy, or in what is left of it"
        );
    }
    for canary in ["canary", "/somewhere", "金丝雀"] {
        assert!(!bytes.windows(canary.len()).any(|w| w == canary.as_bytes()), "{canary}");
    }
    assert!(bytes.windows(11).any(|w| w == b"ZTCONTROL77"), "the search finds what is in clear");
    for table in STAY {
        assert_eq!(texts(&copy, &format!("SELECT count(*) || '' FROM {table}")).await, ["0"], "{table}");
    }
    assert_eq!(texts(&copy, "SELECT name FROM settings").await, ["purge.days"]);
    assert_eq!(texts(&copy, "SELECT state || ' ' || reason FROM grants").await, ["needs_renewal restored"]);
    let numbers = "SELECT id || ' ' || state FROM waybills ORDER BY id";
    assert_eq!(texts(&copy, numbers).await, ["number unknown", "w0 unknown", "w1 issued"], "nobody asks a second time");
    let labels = "SELECT id || ' ' || state || ' ' || trouble FROM print_jobs ORDER BY id";
    assert_eq!(
        texts(&copy, labels).await,
        ["carrier failed restored", "label doubtful interrupted"],
        "none prints itself"
    );
    assert_eq!(stock.rows("parcels"), 3);
    assert_eq!((stock.log_rows, stock.log_head.clone()), {
        let (rows, wrong, head) = shop.store.log_verify().await.unwrap();
        assert_eq!(wrong, None);
        (rows, head)
    });
    assert_eq!(look_at(&copy, &carried(&shop)).await.unwrap(), stock, "it is what it was called");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = shop.store.copy_out(&copy).await;
    assert!(again.is_err(), "a file that is there is not written over");
}

#[tokio::test]
async fn every_sealed_column_is_said_to_travel_or_to_stay() {
    let shop = Shop::empty().await;
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
         WHERE t.schema = 'main' AND c.name LIKE 'sealed_%' ORDER BY t.name, c.cid",
    )
    .fetch_all(&shop.store.readers)
    .await
    .unwrap();
    assert!(columns.len() > 10, "{columns:?}");
    for (table, column) in columns {
        let stays = STAY.contains(&table.as_str());
        let emptied = MADE_SAFE.iter().any(|(t, c, sql)| *t == table && *c == column && *sql == "NULL");
        let travels = KEPT.iter().any(|(cell, _)| cell.is(&table, &column));
        let ways = [stays, emptied, travels].into_iter().filter(|yes| *yes).count();
        assert_eq!(ways, 1, "{table}.{column}: does it travel, stay, or is it emptied?");
    }
    for table in STAY.iter().chain(MADE_SAFE.iter().map(|(table, ..)| table)) {
        let there: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = ?1")
            .bind(table)
            .fetch_one(&shop.store.readers)
            .await
            .unwrap();
        assert_eq!(there, 1, "{table} is a table of this schema");
    }
}

#[tokio::test]
async fn a_copy_taken_in_elsewhere_is_the_same_under_another_key() {
    let shop = a_day().await;
    let copy = shop.folder.path().join("copy.db");
    let stock = shop.store.copy_out(&copy).await.unwrap();
    let other = Shop::empty().await;
    other.store.note(&cast::log("refused", "")).await.unwrap();
    bring_up(&copy).await.unwrap();
    let card = card();
    let (id, entry) = (card.id, cast::log("backup.restored", ""));
    let there = other.store.take_in(&copy, &carried(&shop), &card, &entry).await.unwrap().expect("nobody was there");
    assert_eq!(there, stock, "counts, the log's head, a hash of every table");

    let store = &other.store;
    let (rows, wrong, _) = store.log_verify().await.unwrap();
    assert_eq!((rows, wrong), (stock.log_rows + 1, None), "the chain goes on from the old head");
    assert_eq!(
        store.log_page(&LogQuery { limit: 1, ..LogQuery::default() }).await.unwrap()[0].action,
        "backup.restored"
    );
    let order = store.parcel(&cast::parcel_id("p1")).await.unwrap().unwrap().order;
    assert_eq!(order, cast::order("金丝雀收件人", "13955501234"));
    assert_eq!(store.answer(&cast::waybill_id("w1")).await.unwrap().unwrap().raw, "canary-raw-answer");
    assert_eq!(store.draft(&cast::person_id("owner")).await.unwrap().as_deref(), Some("canary-draft"));
    assert_eq!(store.courier(&cast::courier_id("west")).await.unwrap().unwrap().details, cast::details("13866605678"));
    let file = store.carrier_file(&cast::carrier_label().id).await.unwrap().unwrap();
    assert_eq!(file, cast::carrier_label().file);
    let known = store.carrier_label_of(&cast::carrier_label().hash, 1, "").await.unwrap();
    assert!(known.is_some(), "keyed hashes are found by the key that came with them");
    assert_eq!(store.tokens(&cast::grant_id("grant")).await.unwrap(), None);
    assert!(store.app("taobao").await.unwrap().is_none());
    assert_eq!(store.card().await.unwrap().unwrap().id, id);
    let seq = |shop: &'static str| format!("SELECT sealed_order FROM parcels WHERE id = '{shop}'");
    let cell = async |s: &SqliteStore| -> Vec<u8> {
        sqlx::query_scalar(AssertSqlSafe(seq("p1"))).fetch_one(&s.readers).await.unwrap()
    };
    let (old, new) = (cell(&shop.store).await, cell(store).await);
    assert_ne!(old, new, "sealed anew");
    assert!(cells::ORDER.open::<crate::store::Order>(&shop.store, "p1", &new).is_err(), "the old key does not open it");
    assert!(cells::ORDER.open::<crate::store::Order>(store, "p1", &old).is_err(), "nor the new key the old cell");
    let twins = store.twins(&cast::parcel_id("p1"), &order, cast::NOON).await.unwrap();
    assert_eq!(twins.len(), 1, "the other one of that recipient");

    // And after a restart, when all keys come from the folder again.
    other.store.close().await;
    let again = SqliteStore::open(&other.file(), vault(other.folder.path())).await.unwrap();
    assert_eq!(again.log_verify().await.unwrap().1, None);
    again.note(&cast::log("note", "")).await.unwrap();
    assert_eq!(again.log_verify().await.unwrap().1, None);
    assert!(again.carrier_label_of(&cast::carrier_label().hash, 1, "").await.unwrap().is_some());
    let third = other.folder.path().join("third.db");
    let onwards = again.copy_out(&third).await.unwrap();
    assert_eq!(onwards.rows("parcels"), stock.rows("parcels"), "and it can be backed up in its turn");
    let changed = sqlx::query("UPDATE log SET detail = '' WHERE seq = 1").execute(&again.writer).await;
    assert!(changed.is_err(), "the log's guards are back in their place");
}

#[tokio::test]
async fn a_desk_with_people_and_a_copy_that_lies_are_left_alone() {
    let shop = a_day().await;
    let copy = shop.folder.path().join("copy.db");
    let stock = shop.store.copy_out(&copy).await.unwrap();
    let busy = Shop::open_for_business().await;
    let before = busy.store.log_verify().await.unwrap();
    let refused = busy.store.take_in(&copy, &carried(&shop), &card(), &cast::log("backup.restored", "")).await.unwrap();
    assert!(refused.is_none());
    assert_eq!(busy.store.log_verify().await.unwrap(), before, "not a row");

    // Somebody with the keys changes one digit: the hash of that table and no other differs.
    let options = crate::store::sqlite::options(&copy);
    let mut file = sqlx::sqlite::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("UPDATE waybills SET number = 'ZTCONTROL78' WHERE number <> ''").execute(&mut file).await.unwrap();
    file.close().await.unwrap();
    let now = look_at(&copy, &carried(&shop)).await.unwrap();
    let differ: Vec<&str> =
        now.tables.iter().zip(&stock.tables).filter(|(a, b)| a != b).map(|(a, _)| a.name.as_str()).collect();
    assert_eq!(differ, ["waybills"]);
    // With other keys nothing opens, and what was begun is undone.
    let stranger = Shop::empty().await;
    let empty = Shop::empty().await;
    let refused = empty.store.take_in(&copy, &carried(&stranger), &card(), &cast::log("x", "")).await;
    assert!(matches!(refused, Err(StoreError::Sealed { .. })), "{refused:?}");
    assert_eq!(empty.store.people().await.unwrap().len(), 0);
    stock_after(&empty).await;
}

/// The desk can still be set up as a new one.
async fn stock_after(shop: &Shop) {
    stock(&shop.store).await;
    assert_eq!(shop.store.log_verify().await.unwrap().1, None);
}
