//! The real program dies at every named point of both sagas that it can reach in real time, two rounds each; later runs
//! clear up. (A thousand rounds with a virtual clock, in a hostile market, are at the desk: tests/desk/kills.rs.)

use crate::stage::{Run, Stage, finish, order};
use sandbox::{Fault, FaultPlan};
use serde_json::Value;
use std::time::Duration;

const SUBMIT: &[&str] = &[
    "submit.before_parcel",
    "submit.after_parcel",
    "issue.before_in_flight",
    "issue.after_in_flight",
    "issue.after_answer",
    "issue.before_end",
    "issue.after_end",
    "print.before_rendered",
    "print.after_rendered",
    "print.after_sending",
    "print.after_send",
    "print.before_end",
    "print.after_sent",
    "print.after_confirmed",
    "print.after_end",
];
const CANCEL: &[&str] =
    &["cancel.before_intent", "cancel.after_intent", "cancel.after_answer", "cancel.before_done", "cancel.after_done"];
const ASK: &[&str] = &["ask.before", "ask.after_answer", "ask.after_found"];

impl Stage {
    async fn dies(&self, point: &str, args: &[&str], stdin: &str) {
        let mut command = self.command(args);
        command.env("WAYBILL_KILL_AT", point);
        let Run { code, out, err } = finish(command, stdin.as_bytes()).await;
        assert_eq!(code, -1, "{point}: killed by a signal, not ended: {out} {err}");
        while self.practice.market.ledger().in_flight > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The parcels, once nothing is unknown or under way any more. Later runs of the program clear up.
    async fn settled(&self) -> Vec<Value> {
        for _ in 0..200 {
            let page = self.run(&["--json", "order", "list"]).await.json();
            let rows = page["rows"].as_array().unwrap().clone();
            let open = rows.iter().find(|r| {
                let (w, p) = (r["waybill_state"].as_str().unwrap(), r["print_state"].as_str().unwrap());
                matches!(w, "intent" | "in_flight" | "unknown" | "cancelling")
                    || matches!(p, "queued" | "rendered" | "sending")
            });
            match open {
                None => return rows,
                Some(r) => {
                    let id = r["id"].as_str().unwrap();
                    // Its own outcome may be "still unknown" (6) for a while.
                    self.run(&["order", "ask", id]).await;
                }
            }
        }
        panic!("nothing settled");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_may_die_anywhere_and_the_books_agree() {
    let s = Stage::ready().await;
    let market = &s.practice.market;
    for point in SUBMIT.iter().chain(CANCEL).chain(ASK) {
        for round in 0..2 {
            let (charged, came_out) = (s.charged(), s.practice.printer.odometer());
            let before = s.settled().await.len();
            if ASK.contains(point) {
                market.faults().add(FaultPlan::once("cainiao.waybill.ii.get", Fault::TimeoutAfter { hold_ms: 0 }));
                assert_eq!(s.run_with(&["order", "submit", "-"], order().to_string()).await.code, 6, "nobody knows");
                let rows = s.run(&["--json", "order", "list"]).await.json();
                let id = rows["rows"][0]["id"].as_str().unwrap().to_owned();
                // The short-lived worker of a run may have found it already: then there is nothing left to die at.
                if rows["rows"][0]["waybill_state"] == "unknown" {
                    s.dies(point, &["order", "ask", &id], "").await;
                }
            } else if CANCEL.contains(point) {
                s.run_with(&["order", "submit", "-"], order().to_string()).await.ok();
                let id = s.settled().await[0]["id"].as_str().unwrap().to_owned();
                s.dies(point, &["cancel", &id], "").await;
            } else {
                s.dies(point, &["order", "submit", "-"], &order().to_string()).await;
            }
            let rows = s.settled().await;
            let run = format!("{point} round {round}");
            assert!(rows.len() <= before + 1, "{run}: one press, one parcel");
            let ledger = market.ledger();
            let new = &ledger.charged[charged..];
            assert!(new.len() <= 1, "{run}: one press, one number");
            for line in new {
                let row = rows
                    .iter()
                    .find(|r| r["number"] == *line.number)
                    .unwrap_or_else(|| panic!("{run}: {} is lost", line.number));
                let state = if line.cancelled_at.is_some() { "cancelled" } else { "issued" };
                assert_eq!(row["waybill_state"], state, "{run}: here as there");
            }
            assert!(s.practice.printer.odometer() - came_out <= 1, "{run}: never two labels by machine");
        }
    }
    let live = market.ledger().live().count();
    let issued = s.settled().await.iter().filter(|r| r["waybill_state"] == "issued").count();
    assert_eq!(live, issued, "charged = issued ∪ cancelled");
}
