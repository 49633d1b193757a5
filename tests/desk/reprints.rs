//! Labels made again: how often by whose right, and the pictures of what a printer made last.

use crate::world::*;
use desk::api::*;
use desk::{Code, Door, Place};
use domain::chance::{Chance, OsChance};
use std::time::Duration;

fn again(parcel: &str) -> Reprint {
    Reprint {
        parcel: parcel.into(),
        reason: "blurred".into(),
        note: String::new(),
        printer: String::new(),
        submit_key: OsChance.hex(16),
    }
}

async fn clerk(w: &World) -> Door {
    let add = add_person("小陈", "clerk", "quiet-lantern-42");
    let _: PersonView = call(&w.owner, "people.add", add).await.unwrap();
    let door = w.desk.door(Place::Window, "test");
    let login = Login { name: "小陈".into(), password: "quiet-lantern-42".into() };
    let _: LoginDone = call(&door, "session.login", login).await.unwrap();
    door
}

/// Printed, and come to rest.
async fn printed(w: &World, copies: usize) {
    w.printer.wait_for_labels(copies, Duration::from_secs(10)).await.expect("it comes out");
    w.desk.tick().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_makes_a_label_again_three_times_and_then_the_owner_must() {
    let w = World::ready().await;
    let door = clerk(&w).await;
    let parcel = w.submit(order()).await.unwrap().row.id;
    printed(&w, 1).await;
    for copy in 1..=3 {
        let made: PrintView = call(&door, "prints.reprint", again(&parcel)).await.unwrap();
        assert_eq!(made.copy, copy);
        let job: PrintView = call(&door, "prints.show", ById { id: made.id.clone() }).await.unwrap();
        assert_eq!(job.mark, format!("{}/{copy}", job.number), "the square beside 补打 n");
        printed(&w, 1 + copy as usize).await;
    }
    let seen = |v: ParcelView| v.reprints_left;
    assert_eq!(seen(call(&door, "orders.show", ById { id: parcel.clone() }).await.unwrap()), Some(0));
    assert_eq!(seen(w.show(&parcel).await), None, "the owner's right has no end");
    let no = call::<_, PrintView>(&door, "prints.reprint", again(&parcel)).await.unwrap_err();
    assert_eq!((no.code, no.detail.as_str()), (Code::NotAllowed, "reprint_more"));
    w.desk.tick().await;
    assert_eq!(w.show(&parcel).await.prints.len(), 4, "nothing was added");
    assert_eq!(w.printer.labels().len(), 4);
    let made: PrintView = call(&w.owner, "prints.reprint", again(&parcel)).await.unwrap();
    assert_eq!((made.copy, made.by.as_str()), (4, OWNER));
    printed(&w, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_printer_made_last_is_shown_as_it_lies_there() {
    let w = World::ready().await;
    let first = w.submit(order()).await.unwrap().row.id;
    printed(&w, 1).await;
    let _: PrintView = call(&w.owner, "prints.reprint", again(&first)).await.unwrap();
    printed(&w, 2).await;
    let second = w.submit(order()).await.unwrap().row.id;
    printed(&w, 3).await;
    let printers: Vec<PrinterView> = call(&w.owner, "printers.list", Nothing {}).await.unwrap();
    let last: PrintPage = call(&w.owner, "printers.labels", ById { id: printers[0].id.clone() }).await.unwrap();
    let seen: Vec<_> = last.rows.iter().map(|p| (p.parcel.as_str(), p.copy)).collect();
    assert_eq!(seen, [(second.as_str(), 0), (first.as_str(), 1), (first.as_str(), 0)], "newest first");
    for (row, label) in last.rows.iter().zip(w.printer.labels().iter().rev()) {
        let shown: Picture = call(&w.owner, "prints.picture", ById { id: row.id.clone() }).await.unwrap();
        let png = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, shown.png_base64).unwrap();
        assert_eq!(png, label::preview_png(&label.raster), "copy {}: dot for dot", row.copy);
    }
    let nowhere = call::<_, PrintPage>(&w.owner, "printers.labels", ById { id: "none".into() }).await.unwrap_err();
    assert_eq!(nowhere.code, Code::NotFound);
}
