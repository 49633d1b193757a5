//! A kernel's printer node, with a pipe in its place: what the link does with a slow reader, a gone one, a wrong path.
//!
//! A pipe blocks, fills up and breaks as the node does; that `usblp` itself passes the bytes on is not shown here.
#![cfg(target_os = "linux")]

use super::support::noise;
use domain::evidence::Evidence;
use domain::printer::{DeviceState, PrinterLink, SendOutcome};
use printer::{LocalSettings, LpLink};
use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::process::Command;
use std::thread::{self, sleep};
use std::time::Duration;

/// More than a pipe holds.
const JOB: usize = 144_000;

fn node() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let node = folder.path().join("lp0");
    let made = Command::new("mkfifo").arg(&node).status().expect("mkfifo starts");
    assert!(made.success(), "a pipe at {}", node.display());
    (folder, node)
}

#[tokio::test]
async fn a_printer_that_rests_gets_the_rest_and_not_the_whole_again() {
    let (_folder, node) = node();
    let link = LpLink::new(&node, LocalSettings::default());
    let job = noise(JOB);
    let (reader, reading) = (node.clone(), job.clone());
    // Opened before the job comes: a pipe without a reader is a printer that is switched off.
    let reading = thread::spawn(move || {
        let mut node = File::open(reader).expect("the pipe");
        let mut got = vec![0; reading.len() / 3];
        node.read_exact(&mut got).expect("the first third");
        sleep(Duration::from_millis(400));
        node.read_to_end(&mut got).expect("the rest");
        got
    });
    let outcome = until_open(&link, &job).await;
    assert_eq!(outcome, SendOutcome::Sent(Evidence::BytesAccepted));
    assert_eq!(link.state().await, DeviceState::CannotTell);
    assert!(reading.join().expect("the reader") == job, "each byte once");
}

/// Tries as long as nobody has opened the pipe: nothing is sent then.
async fn until_open(link: &LpLink, job: &[u8]) -> SendOutcome {
    loop {
        match link.send(job).await {
            SendOutcome::NothingSent(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            outcome => return outcome,
        }
    }
}

#[tokio::test]
async fn a_printer_that_goes_away_in_the_middle_leaves_doubt() {
    let (_folder, node) = node();
    let link = LpLink::new(&node, LocalSettings::default());
    let reader = thread::spawn(move || {
        let mut some = vec![0; 20_000];
        File::open(node).expect("the pipe").read_exact(&mut some).expect("some of the job");
    });
    let outcome = until_open(&link, &noise(JOB)).await;
    reader.join().expect("the reader");
    assert!(matches!(outcome, SendOutcome::BrokenOff { accepted, .. } if accepted >= 20_000), "{outcome:?}");
}

#[tokio::test]
async fn what_is_no_node_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lp0");
    fs::write(&file, b"mine").expect("a file");
    for wrong in [file.clone(), folder.path().to_owned(), folder.path().join("missing")] {
        let link = LpLink::new(&wrong, LocalSettings::default());
        assert!(matches!(link.send(b"job").await, SendOutcome::NothingSent(_)), "{}", wrong.display());
        assert!(matches!(link.state().await, DeviceState::Unreachable(_)), "{}", wrong.display());
    }
    assert_eq!(fs::read(&file).expect("still there"), b"mine", "an address that names a file does not overwrite it");
}
