//! A morning of the story: orders that wait, and one batch of them.

use super::cast::{NOON, at, job, log, order, parcel_id, person_id, printer_id, waybill_id};
use super::is_taken;
use crate::store::{NewBatch, NewItem, NewPrint, NewReady, PrintChange, Store, WantParcels};
use domain::batch::BatchState as B;
use domain::ids::{BatchId, CourierId, GrantId};
use domain::journal::PrintState as P;

pub(crate) fn ready(id: &str, key: &str, name: &str) -> NewReady {
    NewReady {
        id: parcel_id(id),
        submit_key: key.to_owned(),
        created_at: NOON,
        created_by: person_id("owner"),
        reference: format!("QH-{id}"),
        order: order(name, "13911112222"),
    }
}

pub(crate) fn batch(id: &str, grant: &GrantId, courier: &CourierId, parcels: &[&str]) -> NewBatch {
    NewBatch {
        id: BatchId::from_stored(id),
        submit_key: format!("press-{id}"),
        grant: grant.clone(),
        courier: courier.clone(),
        printer: printer_id("counter"),
        instead_of: None,
        template: "waybill-100x180".to_owned(),
        created_by: person_id("owner"),
        created_at: NOON,
        items: parcels
            .iter()
            .map(|p| NewItem {
                parcel: parcel_id(p),
                order: order(p, "13911112222"),
                aside: String::new(),
                detail: String::new(),
            })
            .collect(),
    }
}

pub(super) async fn a_morning<S: Store>(store: &S) {
    let entry = |object: &str| log("batch", object);
    for (id, name) in [("m1", "甲"), ("m2", "乙"), ("m3", "乙"), ("m4", "丁")] {
        store.add_ready(&ready(id, id, name), &entry(id)).await.unwrap();
    }
    is_taken(
        store.add_ready(&ready("m5", "m1", "戊"), &entry("m5")).await,
        "parcels.submit_key",
        "one line, one order",
    );
    let waiting = async || store.ready(9).await.unwrap().iter().map(|p| p.id.to_string()).collect::<Vec<_>>();
    assert_eq!(waiting().await, ["m1", "m2", "m3", "m4"], "oldest first");
    let all = WantParcels { limit: 200, ..WantParcels::default() };
    assert!(store.parcels(&all).await.unwrap().iter().all(|p| p.id.as_str() != "m1"), "what waits is no parcel yet");
    assert_eq!(store.parcel_by_reference("QH-m2").await.unwrap(), Some(parcel_id("m2")));
    let twin = store.parcel(&parcel_id("m3")).await.unwrap().unwrap();
    assert_eq!(
        store.twins(&parcel_id("m2"), &twin.order, NOON).await.unwrap(),
        [twin.seq],
        "the same people and goods"
    );
    assert_eq!(store.twins(&parcel_id("m1"), &order("甲", "13911112222"), NOON).await.unwrap(), [0_i64; 0]);
    assert!(store.set_stop(&parcel_id("m3"), "refund", &entry("m3")).await.unwrap());
    assert_eq!(store.parcel(&parcel_id("m3")).await.unwrap().unwrap().stop, "refund");
    assert!(store.discard_ready(&parcel_id("m4"), &entry("m4")).await.unwrap());
    assert!(!store.discard_ready(&parcel_id("m4"), &entry("m4")).await.unwrap(), "thrown away once");

    // The courier of any attempt so far will do.
    let known = store.waybill(&waybill_id("number-1")).await.unwrap().unwrap();
    let new = batch("b1", &known.grant, &known.courier, &["m2", "m1"]);
    store.add_batch(&new, &entry("b1")).await.unwrap();
    assert_eq!(waiting().await, ["m3"], "the others are in the batch");
    let other = batch("b2", &known.grant, &known.courier, &["m3", "m1"]);
    is_taken(store.add_batch(&other, &entry("b2")).await, "one_open_batch m1", "in one batch at most");
    assert!(store.batch(&other.id).await.unwrap().is_none(), "and nothing of the other was kept");
    assert_eq!(store.batch_by_submit("press-b1").await.unwrap(), Some(new.id.clone()));
    assert_eq!(store.batch_of(&parcel_id("m1")).await.unwrap(), Some((new.id.clone(), 2)));
    assert_eq!(store.recent_batches(9).await.unwrap().len(), 1);
    let seqs: Vec<_> = store.batch_parcels(&new.id).await.unwrap().iter().map(|p| p.id.to_string()).collect();
    assert_eq!(seqs, ["m2", "m1"], "as on screen");

    assert!(store.set_aside(&new.id, 1, ("refund", "late"), &entry("m2")).await.unwrap());
    let label = |id: &str, copy: u32| NewPrint { batch: Some(new.id.clone()), ..job(id, "m1", "number-1", copy) };
    assert!(!store.start_label(&new.id, 1, &label("l0", 90), &entry("m2")).await.unwrap(), "aside: not its turn");
    assert!(store.start_label(&new.id, 2, &label("l1", 91), &entry("m1")).await.unwrap());
    let items = store.batch_items(&new.id).await.unwrap();
    assert_eq!(
        (items[0].aside.as_str(), items[1].nth, items[1].print.as_ref().map(|p| p.1)),
        ("refund", 1, Some(P::Queued))
    );
    let quiet = PrintChange::default();
    for (from, to) in [(P::Queued, P::Rendered), (P::Rendered, P::Doubtful)] {
        assert!(store.move_print(&super::cast::job_id("l1"), from, to, &quiet, &entry("m1")).await.unwrap());
    }
    assert!(store.move_batch(&new.id, B::Running, B::Stopped, ("doubtful", "cut"), &entry("b1")).await.unwrap());
    assert!(!store.start_label(&new.id, 2, &label("l2", 92), &entry("m1")).await.unwrap(), "it does not run");
    assert!(store.resume_batch(&new.id, B::Stopped, 0, &entry("b1")).await.unwrap());
    let items = store.batch_items(&new.id).await.unwrap();
    assert!(items[1].again && items[1].print.is_none(), "to be made again");
    assert!(store.move_batch(&new.id, B::Running, B::Paused, ("person", ""), &entry("b1")).await.unwrap());
    assert!(store.move_batch(&new.id, B::Paused, B::Done, ("", ""), &entry("b1")).await.unwrap());
    assert_eq!(waiting().await, ["m1", "m2", "m3"], "what has no label waits again");
    assert!(store.day_counts(at(0)).await.unwrap().iter().any(|c| c.attention > 0), "a doubtful label wants a look");
}
