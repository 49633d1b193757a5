use crate::stage::{OWNER, PATIENCE, SHOP, Stage, order};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_script_goes_from_an_empty_folder_to_a_label_and_back() {
    let s = Stage::set_up().await;
    assert_eq!(s.run(&["--json", "whoami"]).await.json()["name"], OWNER);
    let active = s.authorize(SHOP).await;
    assert_eq!(active["state"], "active");
    let grant = active["grant"].as_str().unwrap();

    let couriers = s.run(&["--json", "accounts", "couriers", &grant[..8]]).await.json();
    let zto = couriers.as_array().unwrap().iter().find(|c| c["code"] == "ZTO").expect("the shop has a contract");
    assert_eq!(zto["balance"], 412);
    let err = s.run(&["accounts", "default", "ZTO"]).await.refused(5);
    assert!(err.contains("details"), "who pays must be known first: {err}");
    let file = s.write("details.json", crate::stage::details().to_string());
    let saved = s.run(&["--json", "accounts", "details", zto["id"].as_str().unwrap(), &file]).await.json();
    assert_eq!(saved["done"], true);
    assert_eq!(s.run(&["--json", "accounts", "default", "zto"]).await.json()["default"], true);

    let line = s.run_with(&["order", "submit", "-"], order().to_string()).await.ok();
    let words: Vec<&str> = line.split_whitespace().collect();
    let [one, ok, number, state, evidence, parcel] = words.as_slice() else { panic!("one line of six words: {line}") };
    assert_eq!((*one, *ok, *state, *evidence), ("1", "ok", "confirmed", "device_status"), "{line}");
    let parcel = parcel.strip_prefix("parcel=").unwrap();

    let labels = s.practice.printer.wait_for_labels(1, PATIENCE).await.expect("a label comes out");
    let png = s.home.path().join("label.png");
    s.run(&["print", "picture", number, "-o", png.to_str().unwrap()]).await.ok();
    assert_eq!(
        std::fs::read(&png).unwrap(),
        label::preview_png(&labels[0].raster),
        "the history's picture is what came out of the printer"
    );
    let charged = s.practice.market.ledger().charged;
    assert_eq!(charged.iter().map(|l| l.number.as_str()).collect::<Vec<_>>(), [*number], "one number was charged");

    let page = s.run(&["--json", "order", "list"]).await.json();
    assert_eq!(page["rows"][0]["number"], *number);
    assert_eq!(page["rows"][0]["recipient_name"], "林*雨", "lists are masked");
    for id in [*number, parcel, &parcel[..5], "#1"] {
        let shown = s.run(&["--json", "order", "show", id]).await.json();
        assert_eq!(shown["row"]["id"], parcel, "a parcel answers to {id}");
    }
    let table = s.run(&["order", "list"]).await.ok();
    assert!(table.contains(number) && table.contains("中通快递"), "{table}");

    s.run(&["print", "reprint", number, "--reason", "jam"]).await.ok();
    assert_eq!(s.practice.printer.wait_for_labels(2, PATIENCE).await.unwrap().len(), 2);
    let jobs = s.run(&["--json", "print", "list", number]).await.json();
    let copies: Vec<_> = jobs.as_array().unwrap().iter().map(|j| j["copy"].as_u64().unwrap()).collect();
    assert!(copies.contains(&0) && copies.contains(&1), "the first and 补打 1: {copies:?}");
    assert_eq!(s.charged(), 1, "a reprint costs nothing");

    assert!(s.run(&["cancel", number]).await.ok().contains("cancelled"));
    assert_eq!(s.practice.market.ledger().cancelled().count(), 1);
    s.run(&["cancel", number]).await.refused(1);
    s.run(&["print", "reprint", number, "--reason", "jam"]).await.refused(1);

    assert_eq!(s.run(&["--json", "log", "verify"]).await.json()["whole"], true);
    let log = s.run(&["--json", "log", "list", "--limit", "200"]).await.json();
    let actions: Vec<&str> = log["rows"].as_array().unwrap().iter().filter_map(|r| r["action"].as_str()).collect();
    for action in
        ["setup.owner", "grant.activate", "waybill.issued", "print.confirmed", "print.reprint", "waybill.cancelled"]
    {
        assert!(actions.contains(&action), "{action} is in the log");
    }
    s.run(&["logout"]).await.ok();
    s.run(&["order", "list"]).await.refused(3);
    s.practice.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_twice_is_one_parcel_and_no_key_is_a_new_one_each_time() {
    let s = Stage::ready().await;
    let file = s.write("o.json", order().to_string());
    let submit = async |more: &[&str]| {
        let line = s.run(&[&["--json", "order", "submit", &file], more].concat()).await.json();
        line["parcel"].as_str().unwrap().to_owned()
    };
    let first = submit(&["--submit-key", "shop-order-1001"]).await;
    assert_eq!(submit(&["--submit-key", "shop-order-1001"]).await, first);
    assert_eq!(s.charged(), 1, "sent twice, charged once");
    let (a, b) = (submit(&[]).await, submit(&[]).await);
    assert!(a != b && a != first, "without a key every run means a new parcel");
    assert_eq!(s.charged(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_orders_get_a_line_each_and_one_bad_one_stops_nobody() {
    let s = Stage::ready().await;
    let bad = crate::stage::order_with("/recipient/phone", "3".into());
    let text = format!("{}\n{bad}\n{{\"recipent\":{{}}}}\n{}\n", order(), order());
    let run = s.run_with(&["--json", "order", "submit", "-"], &text).await;
    assert_eq!(run.code, 1, "some failed, none is unknown: {run:?}");
    let lines: Vec<Value> = run.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let results: Vec<_> = lines.iter().map(|l| l["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["ok", "failed", "failed", "ok"]);
    assert_eq!(lines[1]["error"]["fields"][0]["field"], "recipient.phone");
    assert!(lines[2]["error"]["message"].as_str().unwrap().contains("recipent"), "the misspelt field is named");
    assert_eq!(s.charged(), 2);
    let human = s.run_with(&["order", "submit", "-"], &text).await;
    let lines: Vec<&str> = human.out.lines().collect();
    assert!(lines[0].starts_with("1 ok ") && lines[1].starts_with("2 failed - invalid_input"), "{human:?}");
    assert!(lines[4].contains("2 ok, 2 failed, 0 unknown"), "{human:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trial_does_the_whole_job_by_itself_and_again() {
    let s = Stage::new().await;
    let png = s.home.path().join("out.png");
    for round in 1..=2 {
        let said = s.run(&["trial", "--png", png.to_str().unwrap()]).await.ok();
        assert!(said.contains("面单已从练习打印机出纸") && said.contains(png.to_str().unwrap()), "{said}");
        let bytes = std::fs::read(&png).unwrap();
        assert_eq!(&bytes[16..24], [0, 0, 3, 32, 0, 0, 5, 160], "a PNG of 800 × 1440 dots in round {round}");
        std::fs::remove_file(&png).unwrap();
    }
    assert!(!s.data().exists(), "the live folder is not touched");
    let folder = s.home.path().join("data-trial");
    assert!(folder.join("practice.json").exists(), "the folder says what it is");
    s.run(&["trial", "--data", folder.to_str().unwrap()]).await.ok();
    assert!(folder.join("label.png").exists());
    // As a trial that the window made.
    std::fs::remove_file(folder.join("practice.json")).unwrap();
    let err = s.run(&["--data", folder.to_str().unwrap(), "order", "list"]).await.refused(1);
    assert!(err.contains("trial"), "never opened as a live folder: {err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_orders_is_kept_checked_and_printed_as_one_batch() {
    let s = Stage::ready().await;
    let mut lines: Vec<Value> = (1..=5)
        .map(|n| {
            let mut o = order();
            o["reference"] = Value::from(format!("QH-{n}"));
            o["recipient"]["name"] = Value::from(format!("林晓{n}"));
            o
        })
        .collect();
    lines[2]["goods"][0]["name"] = Value::from("茶壶🫖");
    lines.push(crate::stage::order_with("/goods/0/count", Value::from(1)));
    lines[5]["courier"] = Value::from("ZTO");
    let file = s.write("morning.jsonl", lines.iter().map(|l| format!("{l}\n")).collect::<String>());
    let run = s.run(&["order", "add", &file, "--submit-key", "morning-26"]).await;
    assert_eq!(run.code, 1, "one line names what is chosen later: {run:?}");
    assert!(run.out.contains("6: not added: the courier is chosen when it is printed"), "{}", run.out);
    assert!(run.out.contains("3:") && run.out.contains("goods[0].name"), "kept, and told: {}", run.out);
    let again = s.run(&["order", "add", &file, "--submit-key", "morning-26"]).await;
    assert!(again.out.contains("1: ") && again.out.contains("was here already"), "{}", again.out);
    let ready = s.run(&["--json", "order", "ready"]).await.json();
    assert_eq!(ready.as_array().map(Vec::len), Some(5), "the same file twice is the same orders");
    s.run(&["order", "stop", "QH-4"]).await.ok();

    let check = s.run(&["print", "batch", "--check"]).await.ok();
    assert!(check.starts_with("3 of 5 can be printed"), "{check}");
    assert_eq!(s.charged(), 0, "a check charges nothing");
    let run = s.run(&["--json", "print", "batch"]).await;
    assert_eq!(run.code, 1, "some are left aside: {run:?}");
    let batch: Value = serde_json::from_str(run.out.lines().last().unwrap()).unwrap();
    assert_eq!(
        (batch["sent"].as_u64(), batch["aside"].as_u64(), batch["name"].as_str()),
        (Some(3), Some(2), Some("B0001"))
    );
    assert_eq!((s.charged(), s.practice.printer.labels().len()), (3, 3));
    s.run(&["print", "close"]).await.ok();
    s.run(&["order", "discard", "QH-3"]).await.ok();
    s.run(&["order", "go-again", "QH-4"]).await.ok();
    let out = s.run(&["print", "batch", "QH-4"]).await.ok();
    assert!(out.contains("B0002") && out.contains("done"), "{out}");
    assert!(s.run(&["print", "all-out"]).await.ok().contains("1 of 1 sent, 1 confirmed"));
    assert!(s.run(&["print", "batches"]).await.ok().contains("B0001"));
    s.run(&["print", "pause"]).await.refused(4);
    assert_eq!(s.charged(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_was_killed_in_the_middle_goes_on_by_a_persons_word_and_loses_nothing() {
    for after in [1, 4, 9] {
        let s = Stage::ready().await;
        let lines: String = (1..=16)
            .map(|n| {
                let mut o = order();
                o["recipient"]["name"] = Value::from(format!("林晓{n}"));
                format!("{o}\n")
            })
            .collect();
        let file = s.write("morning.jsonl", lines);
        s.run(&["order", "add", &file]).await.ok();
        s.practice.printer.set_label_time(std::time::Duration::from_millis(60));
        let mut running = s.command(&["print", "batch"]).spawn().unwrap();
        s.practice.printer.wait_for_labels(after, PATIENCE).await.expect("labels come out");
        running.kill().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let out = s.practice.printer.labels().len();

        let shown = s.run(&["--json", "print", "batches", "B0001"]).await.json();
        assert_eq!((shown["state"].as_str(), shown["trouble"].as_str()), (Some("stopped"), Some("restart")), "{after}");
        assert_eq!(s.practice.printer.labels().len(), out, "{after}: nothing prints before a person has looked");
        let items = shown["items"].as_array().unwrap();
        let good = items.iter().find(|i| i["nth"].as_u64() == Some(out as u64)).map(|i| i["stamp"].as_str().unwrap());
        s.practice.printer.set_label_time(std::time::Duration::ZERO);
        // A round of numbers may have been in the air: those are looked up, and come at the end.
        let end = s.run(&["--json", "print", "resume", "--last-good", good.unwrap_or("none")]).await;
        let shown: Value = serde_json::from_str(end.out.lines().last().unwrap()).unwrap();
        let items = shown["items"].as_array().unwrap();
        let unknown = items.iter().filter(|i| i["aside"] == "unknown").count();
        let sent = items.iter().filter(|i| matches!(i["print_state"].as_str(), Some("sent" | "confirmed"))).count();
        assert_eq!(sent + unknown, 16, "{after}: every parcel is printed or told of: {shown}");
        assert_eq!(s.practice.printer.labels().len(), sent, "{after}: each label once");
        let charged = s.charged();
        assert!(charged >= sent && charged <= 16, "{after}: {charged} charged, {sent} printed");
    }
}
