//! The print component from the command line: set up, listed, asked, printed on; and what is refused.

use crate::stage::{Stage, order};
use sandbox::{COMPONENT_PRINTER, ComponentFault};

/// The shop with a courier that gives sealed data only.
const TEA: &str = "青禾茶器";

async fn sealed_shop() -> Stage {
    let s = Stage::set_up().await;
    let active = s.authorize(TEA).await;
    let couriers = s.run(&["--json", "accounts", "couriers", &active["grant"].as_str().unwrap()[..8]]).await.json();
    let jt = couriers.as_array().unwrap().iter().find(|c| c["code"] == "JT").expect("the shop has a contract");
    let file = s.write("details.json", crate::stage::details().to_string());
    s.run(&["accounts", "details", jt["id"].as_str().unwrap(), &file]).await.ok();
    s.run(&["accounts", "default", "jt"]).await.ok();
    s
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_sets_the_component_up_and_prints_a_sealed_label_on_it() {
    let s = sealed_shop().await;
    let address = s.practice.component.address();
    s.run(&["printers", "add", "--name", "组件", "--address", &address]).await.ok();
    let list = s.run(&["printers", "list"]).await.ok();
    assert!(list.contains(&address) && list.contains("print component"), "{list}");
    assert_eq!(s.run(&["printers", "status", "组件"]).await.ok().trim(), "ready");
    let line = s.run_with(&["order", "submit", "-"], order().to_string()).await.ok();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[1..2], ["ok"], "{line}");
    assert_eq!(words[3..5], ["sent", "bytes_accepted"], "spooled and no more: {line}");
    let printed = s.practice.component.printed();
    assert_eq!((printed.len(), printed[0].document.as_str()), (1, words[2]));
    assert!(s.practice.printer.labels().is_empty());
    s.run(&["print", "reprint", words[2], "--reason", "jam"]).await.ok();
    assert_eq!(s.practice.component.printed().len(), 2);
    let log = s.run(&["log", "list"]).await.ok();
    assert!(log.contains("mark=none"), "{log}");
    // The component is closed, then it is told in words.
    s.practice.component.set_enabled(COMPONENT_PRINTER, false);
    assert!(s.run(&["printers", "status", "组件"]).await.ok().contains("stopped"));
    s.practice.component.set_enabled(COMPONENT_PRINTER, true);
    s.practice.component.add_fault(ComponentFault::CloseAfter);
    let run = s.run_with(&["--json", "order", "submit", "-"], order().to_string()).await;
    assert!(run.out.contains("doubtful"), "{run:?}");
    assert_eq!(s.practice.component.printed().len(), 3, "once, though nobody said so");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_and_says_what_to_do() {
    let s = sealed_shop().await;
    for (address, code) in [
        ("cainiao://192.168.1.9:13528/面单机", 5),
        ("cainiao://127.0.0.1:13528", 5),
        ("cainiao://print.evil.cn/面单机", 5),
    ] {
        let err = s.run(&["printers", "add", "--name", "x", "--address", address]).await.refused(code);
        assert!(err.contains("cainiao://127.0.0.1:13528/PRINTER"), "{err}");
    }
    let run = s.run_with(&["order", "submit", "-"], order().to_string()).await;
    assert!(run.code == 1 && run.out.contains(" issued - "), "the number is there, the label is not: {run:?}");
    let number = s.practice.market.ledger().charged[0].number.clone();
    let err = s.run(&["print", "reprint", &number, "--reason", "jam"]).await.refused(1);
    assert!(err.contains("--address cainiao://127.0.0.1:13528/PRINTER"), "{err}");
    s.run(&["printers", "add", "--name", "组件", "--address", &s.practice.component.address()]).await.ok();
    let err = s.run(&["printers", "test", "组件"]).await.refused(1);
    assert!(err.contains("only labels that the platform sealed"), "{err}");
    s.run(&["print", "reprint", &number, "--reason", "jam"]).await.ok();
    assert_eq!(s.practice.component.printed()[0].document, number);
}
