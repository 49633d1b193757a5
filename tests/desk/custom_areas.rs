//! The shop's own area of its labels: whose words stand there, from when on, and what is refused.

use crate::world::*;
use desk::api::*;
use desk::{ApiError, Code};
use domain::chance::{Chance, OsChance};
use std::time::Duration;

fn area(grant: &str, text: &str) -> SaveCustomArea {
    SaveCustomArea {
        grant: grant.into(),
        own: true,
        text: text.into(),
        goods: true,
        remark: "微信 qinghe2026".into(),
        station: "A".into(),
    }
}

async fn save(w: &World, area: SaveCustomArea) -> Result<Done, ApiError> {
    call(&w.owner, "custom_areas.save", area).await
}

async fn list(w: &World) -> Vec<CustomAreaView> {
    call(&w.owner, "custom_areas.list", Nothing {}).await.unwrap()
}

async fn printed(w: &World, n: usize) -> Vec<sandbox::PrintedLabel> {
    let labels = w.printer.wait_for_labels(n, Duration::from_secs(10)).await.expect("it comes out");
    w.desk.tick().await;
    labels
}

/// Whether most of it is burnt, in millimetres of a label of 100 × 180.
fn inked(label: &sandbox::PrintedLabel, (x, y, w, h): (u32, u32, u32, u32)) -> bool {
    let dots = (y * 8..(y + h) * 8).flat_map(|row| (x * 8..(x + w) * 8).map(move |dot| (dot, row)));
    let black = dots.filter(|(x, y)| label.raster.get(*x, *y)).count();
    black * 2 > (w * h * 64) as usize
}

/// Where the station's letter stands.
const STATION: (u32, u32, u32, u32) = (39, 174, 3, 2);

#[tokio::test(flavor = "multi_thread")]
async fn words_stand_on_labels_from_the_next_one_on_and_a_copy_looks_as_its_first_label() {
    let w = World::ready().await;
    let plain = w.submit(order()).await.unwrap();
    assert!(!inked(&printed(&w, 1).await[0], STATION));
    save(&w, area("", "谢谢惠顾")).await.unwrap();
    w.submit(order()).await.unwrap();
    assert!(inked(&printed(&w, 2).await[1], STATION), "a letter, white on black");
    let again = Reprint {
        parcel: plain.row.id.clone(),
        reason: "blurred".into(),
        note: String::new(),
        printer: String::new(),
        submit_key: OsChance.hex(16),
    };
    let _: PrintView = call(&w.owner, "prints.reprint", again).await.unwrap();
    assert!(!inked(&printed(&w, 3).await[2], STATION), "as it was");
    let log = w.log().await;
    assert!(log.iter().any(|l| l.action == "custom_area.save"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_has_the_general_words_until_it_has_its_own() {
    let w = World::ready().await;
    save(&w, area("", "谢谢惠顾")).await.unwrap();
    let rows = list(&w).await;
    assert_eq!(rows.len(), 2, "the general one, and one for the account");
    let grant = rows[1].grant.clone();
    assert_eq!((rows[1].own, rows[1].text.as_str()), (false, "谢谢惠顾"));
    save(&w, area(&grant, "七天无理由")).await.unwrap();
    let rows = list(&w).await;
    assert_eq!((rows[1].own, rows[1].text.as_str(), rows[1].station.as_str()), (true, "七天无理由", "A"));
    assert_eq!(rows[0].text, "谢谢惠顾");
    save(&w, SaveCustomArea { own: false, ..area(&grant, "") }).await.unwrap();
    assert_eq!(list(&w).await[1].text, "谢谢惠顾");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_label_can_show_is_refused_by_its_field_and_nothing_is_changed() {
    let w = World::ready().await;
    for (bad, field, code) in [
        (SaveCustomArea { text: "谢".repeat(101), ..area("", "") }, "text", "too_long"),
        (SaveCustomArea { remark: "微".repeat(31), ..area("", "") }, "remark", "too_long"),
        (SaveCustomArea { station: "ABC".into(), ..area("", "") }, "station", "too_long"),
        (area("", "谢谢🎁"), "text", "missing_glyph"),
    ] {
        let e = save(&w, bad).await.unwrap_err();
        assert_eq!((e.code, e.fields[0].field.as_str(), e.fields[0].code.as_str()), (Code::InvalidInput, field, code));
    }
    assert_eq!(save(&w, area("nobody", "x")).await.unwrap_err().code, Code::NotFound);
    assert!(list(&w).await.iter().all(|a| a.text.is_empty()));
    // The longest that is taken fits each of the program's labels.
    save(&w, SaveCustomArea { text: "谢".repeat(100), remark: "微".repeat(30), station: "AB".into(), ..area("", "") })
        .await
        .unwrap();
    w.submit(order()).await.unwrap();
    printed(&w, 1).await;
}
