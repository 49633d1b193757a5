//! Labels that carriers made, from a script: looked at, printed once, refused in words, made again.

use crate::stage::{PATIENCE, Stage};

const NUMBER: &str = "9405511899223100012357";

fn file(name: &str) -> String {
    format!("{}/../../tests/carrier-labels/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_looks_at_a_carriers_file_and_prints_the_page_that_says_its_number() {
    let s = Stage::ready().await;
    let (pages, locked) = (file("pdf/pages.pdf"), file("pdf/locked.pdf"));
    let png = s.home.path().join("page.png").display().to_string();
    let look = ["--json", "carrier-labels", "look", &pages, "--page", "2", "--tracking", NUMBER, "-o", &png];
    let seen = s.run(&look).await.json();
    assert_eq!((&seen["verdict"], &seen["pages"], &seen["number"]), (&"matches".into(), &3.into(), &NUMBER.into()));
    let err = s.run(&["carrier-labels", "print", &pages, "--page", "1", "--tracking", NUMBER]).await.refused(5);
    assert!(err.contains("another number"), "{err}");
    let err = s.run(&["carrier-labels", "look", &locked]).await.refused(5);
    assert!(err.contains("password"), "{err}");
    s.run(&["carrier-labels", "look", "/nowhere.pdf"]).await.refused(4);

    let print =
        ["carrier-labels", "print", &pages, "--page", "2", "--tracking", NUMBER, "--submit-key", "one-press-only"];
    for _ in 0..2 {
        let table = s.run(&print).await.ok();
        assert!(table.contains(NUMBER) && table.contains("confirmed"), "{table}");
    }
    let labels = s.practice.printer.wait_for_labels(1, PATIENCE).await.expect("it comes out");
    assert_eq!(labels.len(), 1, "the same key twice is one label");
    assert_eq!(std::fs::read(&png).unwrap(), label::preview_png(&labels[0].raster), "what was looked at came out");
    let err = s.run(&["carrier-labels", "print", &pages, "--page", "2"]).await.refused(1);
    assert!(err.contains("printed already") && err.contains("reprint"), "{err}");

    s.run(&["carrier-labels", "reprint", NUMBER, "--reason", "blurred"]).await.ok();
    assert_eq!(s.practice.printer.wait_for_labels(2, PATIENCE).await.unwrap().len(), 2);
    let listed = s.run(&["--json", "carrier-labels", "list"]).await.json();
    assert_eq!(
        (listed["rows"][0]["prints"].as_array().map(Vec::len), &listed["rows"][0]["name"]),
        (Some(2), &"pages.pdf".into())
    );
}
