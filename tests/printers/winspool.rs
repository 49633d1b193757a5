//! The Windows spooler: lists its printers and passes a raw job on, byte for byte.
//!
//! Needs a printer of Windows whose port is a socket on this computer: `WAYBILL_TEST_WINSPOOL=NAME,PORT`, as
//! `cargo xtask windows` makes one under Wine. Without it nothing is looked at, and the test says so.
#![cfg(windows)]

use super::support::noise;
use domain::evidence::Evidence;
use domain::printer::{DeviceState, Language, SendOutcome};
use printer::LinkAddress;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

#[tokio::test]
async fn a_raw_job_comes_out_byte_for_byte() {
    let Ok(here) = std::env::var("WAYBILL_TEST_WINSPOOL") else {
        println!("WAYBILL_TEST_WINSPOOL is not set: nothing was looked at");
        return;
    };
    let (name, port) = here.split_once(',').expect("NAME,PORT");
    let (name, port) = (name.to_owned(), port.parse::<u16>().expect("a port"));
    let listed = printer::list_queues(None).await.expect("the spooler answers");
    let address = listed.iter().find(|q| q.name == name).map(|q| q.address(None));
    assert_eq!(address, Some(LinkAddress::Winspool { name: name.clone() }), "among {listed:?}");
    let sink = TcpListener::bind(("127.0.0.1", port)).await.expect("the printer's port");
    let link = printer::open(&LinkAddress::Winspool { name }, printer::generic(Language::Tspl));
    assert_eq!(link.state().await, DeviceState::CannotTell, "the spooler knows nothing of the device");
    // More than one call's bytes, and every value.
    let job = noise(200_000);
    assert_eq!(link.send(&job).await, SendOutcome::Sent(Evidence::BytesAccepted));
    let printed = tokio::time::timeout(Duration::from_secs(30), async {
        let (mut connection, _) = sink.accept().await.expect("a connection");
        let mut printed = Vec::new();
        connection.read_to_end(&mut printed).await.expect("a job");
        printed
    });
    assert!(printed.await.expect("printed in time") == job, "byte for byte");
}
