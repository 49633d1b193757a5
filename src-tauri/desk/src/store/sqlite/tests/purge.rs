//! What was purged lies in no file any more, sealed or not; what is under way keeps what it needs.

use super::{Shop, cast};
use crate::store::{LabelOf, NewPrint, Store, ToPurge, WaybillChange};
use domain::ids::WaybillNo;
use domain::waybill::WaybillState as W;
use std::path::Path;

fn lies_in(folder: &Path, needle: &[u8]) -> Vec<String> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .filter(|p| p.is_file() && std::fs::read(p).unwrap().windows(needle.len()).any(|w| w == needle))
        .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
        .collect()
}

/// A hundred parcels with numbers and answers, and a carrier's file.
async fn a_season() -> Shop {
    let shop = Shop::open_for_business().await;
    let store = &shop.store;
    for n in 0..100 {
        let name = format!("p{n}");
        let new = cast::parcel(&name, &name, cast::order(&format!("收件人{n}"), &format!("139555{n:05}")));
        store.add_parcel(&new, &cast::waybill(&name, &new, 1, &name), &cast::log("order.submit", &name)).await.unwrap();
        let (id, none) = (cast::waybill_id(&name), WaybillChange::default());
        let issued = WaybillChange {
            issued: Some((WaybillNo(format!("ZTPURGE{n}")), cast::answer(&"an answer of some length ".repeat(200)))),
            ..WaybillChange::default()
        };
        assert!(store.move_waybill(&id, W::Intent, W::InFlight, &none, &cast::log("waybill", &name)).await.unwrap());
        if n != 50 {
            assert!(
                store.move_waybill(&id, W::InFlight, W::Issued, &issued, &cast::log("waybill", &name)).await.unwrap()
            );
        }
    }
    let label = NewPrint { of: LabelOf::Carrier(cast::carrier_label().id), ..cast::job("carrier", "", "", 0) };
    store.add_carrier_label(&cast::carrier_label(), &label, &cast::log("carrier_label.print", "")).await.unwrap();
    let failed = domain::journal::PrintState::Failed;
    let queued = domain::journal::PrintState::Queued;
    assert!(
        store
            .move_print(&cast::job_id("carrier"), queued, failed, &Default::default(), &cast::log("p", ""))
            .await
            .unwrap()
    );
    shop
}

async fn cells(shop: &Shop) -> Vec<Vec<u8>> {
    sqlx::query_scalar(
        "SELECT sealed_order FROM parcels WHERE id <> 'p50' AND id <> 'parcel'
         UNION ALL SELECT sealed_request FROM waybills WHERE parcel_id <> 'p50' AND parcel_id <> 'parcel'
         UNION ALL SELECT sealed_answer FROM waybills WHERE sealed_answer IS NOT NULL
         UNION ALL SELECT sealed_file FROM carrier_files UNION ALL SELECT sealed_name FROM carrier_files",
    )
    .fetch_all(&shop.store.readers)
    .await
    .unwrap()
}

#[tokio::test]
async fn no_cell_of_what_was_purged_lies_in_any_file() {
    let shop = a_season().await;
    let before = cells(&shop).await;
    assert!(before.len() > 290, "{}", before.len());
    let folder = shop.folder.path();
    assert!(before.iter().all(|cell| !lies_in(folder, &cell[..25]).is_empty()), "the search finds what is there");
    let what = shop.store.purge_due(cast::at(1_000_000), 1000).await.unwrap();
    assert_eq!((what.parcels.len(), what.files.len()), (99, 1), "all but the two that are under way");
    assert!(shop.store.purge(&what, cast::at(9), &cast::log("purge", "")).await.unwrap());
    assert!(shop.store.cut_wal().await.unwrap());
    for cell in &before {
        // Version and nonce, and the end with the tag: neither is anywhere.
        for part in [&cell[..25], &cell[cell.len() - 24..]] {
            assert_eq!(lies_in(folder, part), [""; 0], "a sealed cell, or a piece of it, lies on");
        }
    }
    let flying = shop.store.parcel(&cast::parcel_id("p50")).await.unwrap().unwrap();
    assert_eq!(flying.order.recipient.name, "收件人50", "a call under way keeps what it needs");
    let (rows, wrong, _) = shop.store.log_verify().await.unwrap();
    assert_eq!(wrong, None, "the chain of {rows} rows does not rest on what went");
    assert_eq!(lies_in(folder, b"ZTPURGE7").len(), 1, "numbers and their story stay");
    let guess: Vec<Vec<u8>> = sqlx::query_scalar("SELECT request_hash FROM waybills WHERE parcel_id = 'p7'")
        .fetch_all(&shop.store.readers)
        .await
        .unwrap();
    assert_eq!(guess, [Vec::<u8>::new()], "no guess can be confirmed");
}

#[tokio::test]
async fn a_reader_keeps_the_log_from_being_cut_and_that_is_said() {
    let shop = a_season().await;
    let mut reader = shop.store.readers.begin().await.unwrap();
    let _: i64 = sqlx::query_scalar("SELECT count(*) FROM parcels").fetch_one(&mut *reader).await.unwrap();
    let one = ToPurge { parcels: vec![cast::parcel_id("p1")], ..ToPurge::default() };
    assert!(shop.store.purge(&one, cast::at(9), &cast::log("purge", "")).await.unwrap());
    assert!(!shop.store.cut_wal().await.unwrap(), "somebody reads");
    reader.rollback().await.unwrap();
    assert!(shop.store.cut_wal().await.unwrap(), "nobody reads");
}
