//! Many hands at once, and hands that let go half way.

use super::{Shop, cast};
use crate::store::{Store, WaybillChange};
use domain::waybill::WaybillState as W;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_move_the_same_attempt_one_wins() {
    let shop = Arc::new(Shop::open_for_business().await);
    let before = shop.store.log_verify().await.unwrap().0;
    let hands: Vec<_> = (0..16)
        .map(|_| {
            let shop = shop.clone();
            tokio::spawn(async move {
                let (id, none) = (cast::waybill_id("number"), WaybillChange::default());
                shop.store.move_waybill(&id, W::Intent, W::InFlight, &none, &cast::log("send", "number")).await.unwrap()
            })
        })
        .collect();
    let mut won = 0;
    for hand in hands {
        won += i64::from(hand.await.unwrap());
    }
    assert_eq!(won, 1, "a number is asked for once");
    assert_eq!(shop.store.log_verify().await.unwrap().0 - before, 1, "and logged once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_submit_the_same_press_one_makes_the_parcel() {
    let shop = Arc::new(Shop::open_for_business().await);
    let hands: Vec<_> = (0..16)
        .map(|n| {
            let shop = shop.clone();
            tokio::spawn(async move {
                let new = cast::parcel(&format!("p{n}"), "same-press", cast::order("林一", "13700000000"));
                let number = cast::waybill(&format!("w{n}"), &new, 1, "same-press");
                shop.store.add_parcel(&new, &number, &cast::log("order.submit", new.id.as_str())).await
            })
        })
        .collect();
    let mut made = 0;
    for hand in hands {
        match hand.await.unwrap() {
            Ok(()) => made += 1,
            Err(error) => assert_eq!(error.to_string(), "there is already one: parcels.submit_key"),
        }
    }
    assert_eq!(made, 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_half_way_leaves_all_or_nothing() {
    let shop = Shop::open_for_business().await;
    let before = shop.store.log_verify().await.unwrap().0;
    for n in 0..200 {
        let new = cast::parcel(&format!("p{n}"), &format!("press-{n}"), cast::order("林一", "13700000000"));
        let number = cast::waybill(&format!("w{n}"), &new, 1, &new.submit_key);
        let entry = cast::log("order.submit", new.id.as_str());
        let act = shop.store.add_parcel(&new, &number, &entry);
        // Gives up after a time that grows from nothing to longer than the act takes.
        let _ = tokio::time::timeout(Duration::from_micros(n * 10), act).await;
    }
    shop.store.note(&cast::log("after", "")).await.unwrap();
    let (rows, wrong, _) = shop.store.log_verify().await.unwrap();
    assert_eq!(wrong, None);
    let (parcels, numbers): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM parcels WHERE id LIKE 'p%' AND id <> 'parcel'),
         (SELECT count(*) FROM waybills WHERE id LIKE 'w%')",
    )
    .fetch_one(&shop.store.readers)
    .await
    .unwrap();
    assert_eq!(parcels, numbers, "never one without the other");
    assert_eq!(rows - before - 1, parcels, "nor without its log row");
}

#[tokio::test]
async fn readers_cannot_write() {
    let shop = Shop::open_for_business().await;
    let refused = sqlx::query("DELETE FROM drafts").execute(&shop.store.readers).await;
    assert!(refused.is_err_and(|e| e.to_string().contains("readonly")), "a write must go through the one writer");
}
