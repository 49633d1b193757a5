//! A printer fault at every label of a batch, in every language: each label comes out once, nothing is printed twice by
//! machine, no number is charged twice.
//!
//! One batch meets the fault at each of its labels, at a byte of chance, so faults also follow each other: harder than one
//! fault a batch. Short here; `WAYBILL_FAULT_LABELS=100` makes each batch as long as a morning's.

use crate::batches::{add, ask, in_state, new_order, resume, show, start, whose};
use crate::world::*;
use desk::api::*;
use domain::chance::{Chance, OsChance};
use domain::printer::Language;
use sandbox::{Answers, PrinterFault, PrinterFaultKind};
use std::time::Duration;

/// What happens at each label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// The line breaks in the middle of the label.
    Reset,
    /// The printer ends the connection in order in the middle of the label, and throws the rest away.
    Close,
    /// The printer takes nothing for a while, in the middle of the label.
    Stall,
    /// The roll ends behind the label before.
    PaperOut,
    /// Behind one of the labels it stops answering.
    Mute,
    /// Behind one of the labels it answers with bytes that mean nothing.
    Garbage,
}

const ALL: [Trouble; 6] =
    [Trouble::Reset, Trouble::Close, Trouble::Stall, Trouble::PaperOut, Trouble::Mute, Trouble::Garbage];

impl Trouble {
    /// A part of the label stays away.
    fn breaks(self) -> bool {
        matches!(self, Self::Reset | Self::Close)
    }
}

fn labels() -> usize {
    std::env::var("WAYBILL_FAULT_LABELS").map_or(5, |n| n.parse().expect("WAYBILL_FAULT_LABELS is a number"))
}

/// A number from 0 to `below` - 1.
fn chance(below: usize) -> usize {
    usize::from_str_radix(&OsChance.hex(4), 16).unwrap() % below
}

#[tokio::test(flavor = "multi_thread")]
async fn tspl() {
    every_trouble_at_every_label(Language::Tspl).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn zpl() {
    every_trouble_at_every_label(Language::Zpl).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn epl() {
    every_trouble_at_every_label(Language::Epl).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cpcl() {
    every_trouble_at_every_label(Language::Cpcl).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn escpos() {
    every_trouble_at_every_label(Language::Escpos).await;
}

async fn every_trouble_at_every_label(language: Language) {
    let w = World::with_app(ANY_LOOPBACK).await;
    let grant = w.grant(SHOP).await;
    w.make_default(&grant, "ZTO").await;
    w.recharge().await;
    let printer = SavePrinter { language: language.word().into(), ..printer(&w.printer.address()) };
    let _: PrinterView = call(&w.owner, "printers.save", printer).await.unwrap();
    let n = labels();
    for trouble in ALL {
        w.printer.set_answers(Answers::All);
        let before = w.printer.labels().len();
        let charged = w.market.ledger().charged.len();
        let parcels = add(&w, (1..=n).map(new_order).map(|o| fresh(o, trouble)).collect()).await;
        arm(&w, language, trouble, before, n);
        let batch = start(&w, ask(&parcels)).await;
        let (stops, done) = through(&w, &batch.id, trouble, before, &parcels).await;
        let what = format!("{language:?} {trouble:?}, {stops} stops");
        let paper = paper(&w, before, &parcels).await;
        let torn = paper.iter().filter(|label| **label == 0).count();
        let whole: Vec<usize> = paper.into_iter().filter(|label| *label > 0).collect();
        assert_eq!(whole, (1..=n).collect::<Vec<_>>(), "{what}: each once, in order");
        // Only ESC/POS burns each line as it comes: a torn label lies on the pile as a piece of one.
        let pieces = if language == Language::Escpos { stops } else { 0 };
        assert!(torn <= pieces, "{what}: {torn} labels that are nobody's");
        assert_eq!(w.market.ledger().charged.len(), charged + n, "{what}: one number each");
        assert_eq!((done.aside, done.failed), (0, 0), "{what}");
        match trouble {
            Trouble::Reset | Trouble::Close => assert_eq!(stops, n, "{what}: at each label"),
            Trouble::PaperOut => assert_eq!(stops, n, "{what}: in front of each label"),
            Trouble::Stall | Trouble::Mute | Trouble::Garbage => assert_eq!(stops, 0, "{what}: nothing to stop for"),
        }
        for (parcel, nth) in parcels.iter().zip(1..) {
            let prints = w.show(parcel).await.prints;
            // Only what may have been on paper is made again, by a person's word, and says so.
            let tries = if trouble.breaks() { 2 } else { 1 };
            assert_eq!(prints.len(), tries, "{what}: label {nth}");
            if trouble.breaks() {
                assert!(
                    prints.iter().any(|p| p.copy == 0 && p.state == "doubtful"),
                    "{what}: label {nth} is in doubt until the person has looked, never sent: {prints:?}"
                );
            }
            assert_eq!(prints.last().unwrap().copy as usize, tries - 1, "{what}: label {nth}");
        }
    }
    let ledger = w.market.ledger();
    let numbers: std::collections::HashSet<_> = ledger.charged.iter().map(|l| &l.number).collect();
    assert_eq!(numbers.len(), ledger.charged.len());
}

/// No twins of the orders of another trouble.
fn fresh(mut order: NewOrder, trouble: Trouble) -> NewOrder {
    order.reference = format!("{trouble:?}-{}", order.reference);
    order.recipient.name = format!("{}{trouble:?}", order.recipient.name);
    order
}

/// Makes ready what will happen at label 1, 2, … `n` after the first `before`.
fn arm(w: &World, language: Language, trouble: Trouble, before: usize, n: usize) {
    let kind = match trouble {
        Trouble::Reset => PrinterFaultKind::Reset,
        Trouble::Close => PrinterFaultKind::Close,
        Trouble::Stall => PrinterFaultKind::Stall,
        Trouble::PaperOut => return w.printer.set_paper_out(true),
        Trouble::Mute | Trouble::Garbage => return,
    };
    // The printer counts a piece of a label as one more.
    let pieces = usize::from(language == Language::Escpos && trouble.breaks());
    for k in 0..n {
        // A close is told from the end only while a part of the label is not in the printer's memory yet: that of the practice
        // printer holds 4 kB, and the shortest label here, of ZPL, has more than twice as much.
        let at_byte = 1_000 + chance(if trouble == Trouble::Close { 3_000 } else { 7_000 }) as u64;
        let after_labels = before + k * (1 + pieces);
        w.printer.add_fault(PrinterFault { kind, at_byte, once: true, after_labels });
    }
}

/// The labels that lie beside the printer, each by its order's number; 0 = a piece of one.
async fn paper(w: &World, before: usize, parcels: &[String]) -> Vec<usize> {
    whose(w, &w.printer.labels().split_off(before), parcels).await
}

/// Sees the batch to its end, as the person beside the printer does: mends it, looks which label was the last good one,
/// says so. Answers how often it stopped.
async fn through(w: &World, id: &str, trouble: Trouble, before: usize, parcels: &[String]) -> (usize, BatchView) {
    let (mut stops, from) = (0, chance(labels()));
    let (mut whole, mut looked_at) = (0, 0);
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let batch = show(w, id).await;
        let out = w.printer.labels().len() - before;
        match trouble {
            Trouble::Stall => w.printer.resume(),
            Trouble::Mute if out >= from => w.printer.set_answers(Answers::Mute),
            Trouble::Garbage if out >= from => w.printer.set_answers(Answers::Garbage),
            _ => {}
        }
        match batch.state.as_str() {
            "running" => {}
            "stopped" => {
                stops += 1;
                if trouble == Trouble::PaperOut {
                    // The new roll has one label.
                    w.printer.set_paper_out(false);
                    w.printer.set_paper_left(Some(1));
                }
                for label in w.printer.labels().split_off(before + looked_at) {
                    looked_at += 1;
                    if whose(w, &[label], &parcels[whole..whole + 1]).await == [1] {
                        whole += 1;
                    }
                }
                let good = batch.items.iter().find(|i| whole > 0 && i.nth as usize == whole);
                let good = good.map_or("none".to_owned(), |i| i.stamp.clone());
                resume(w, id, &good).await;
            }
            "done" => {
                w.printer.clear_faults();
                w.printer.set_paper_out(false);
                return (stops, in_state(w, id, "done").await);
            }
            other => panic!("the batch is {other}: {batch:?}"),
        }
    }
}
