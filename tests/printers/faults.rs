//! Raw TCP against a printer that resets, closes, stalls, is mute, is slow, or is not there.

use super::support::{FakePrinter, eventually, free_port, noise};
use domain::evidence::Evidence;
use domain::printer::{DeviceState, Language, PrinterLink, SendOutcome, StopReason};
use printer::{TcpLink, TcpSettings, generic};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

/// A job the size of a real one.
const JOB: usize = 144_000;

fn quick() -> TcpSettings {
    TcpSettings {
        stall_limit: Duration::from_millis(400),
        close_wait: Duration::from_millis(600),
        ..TcpSettings::default()
    }
}

fn link(address: SocketAddr, settings: TcpSettings) -> TcpLink {
    TcpLink::new(&address.ip().to_string(), address.port(), generic(Language::Tspl), settings)
}

fn patient(address: SocketAddr) -> TcpLink {
    link(address, TcpSettings::default())
}

#[tokio::test]
async fn a_printer_that_says_ready_after_the_job_is_the_strongest_tspl_evidence() {
    let printer = FakePrinter::start(&[]);
    let job = noise(JOB);
    let link = patient(printer.address);
    assert_eq!(link.send(&job).await, SendOutcome::Sent(Evidence::DeviceStatus));
    let connections = printer.ended(2).await;
    assert!(connections[0] == job, "the job arrived byte for byte, alone on its connection");
    assert_eq!(connections[1], b"\x1b!?", "then the status question, on its own");
    assert_eq!(link.state().await, DeviceState::Ready);
}

#[tokio::test]
async fn a_mute_printer_is_asked_once_and_then_left_alone() {
    let printer = FakePrinter::start(&["--mute"]);
    let link = patient(printer.address);
    for _ in 0..3 {
        assert_eq!(
            link.send(b"CLS\r\nPRINT 1,1\r\n").await,
            SendOutcome::Sent(Evidence::PeerClosed),
            "silence is neither ready nor broken"
        );
    }
    let connections = printer.ended(4).await;
    let questions = connections.iter().filter(|c| *c == b"\x1b!?").count();
    assert_eq!((connections.len(), questions), (4, 1), "three jobs, one question after the first");
    assert_eq!(link.state().await, DeviceState::CannotTell, "a person's question is asked again");
    assert_eq!(printer.ended(5).await.len(), 5, "and really reaches the printer");
}

#[tokio::test]
async fn a_printer_that_stopped_after_the_job_does_not_raise_the_evidence() {
    let printer = FakePrinter::start(&["--status", "04"]);
    let link = patient(printer.address);
    assert_eq!(
        link.send(b"PRINT 1,1\r\n").await,
        SendOutcome::Sent(Evidence::PeerClosed),
        "out of paper: the label may still be inside"
    );
    assert_eq!(link.state().await, DeviceState::Stopped(vec![StopReason::PaperOut]));
}

#[tokio::test]
async fn a_reset_in_the_middle_is_broken_off() {
    let printer = FakePrinter::start(&["--fault", "reset@3000"]);
    let outcome = patient(printer.address).send(&noise(JOB)).await;
    let SendOutcome::BrokenOff { accepted, .. } = outcome else { panic!("a cut job is in doubt, not {outcome:?}") };
    assert!((3000..=JOB as u64).contains(&accepted), "{accepted} bytes left");
}

#[tokio::test]
async fn a_close_in_the_middle_is_broken_off_although_it_is_orderly() {
    for at in ["close@1", "close@3000", "close@65536", "close@143999"] {
        let printer = FakePrinter::start(&["--mute", "--fault", at]);
        let outcome = patient(printer.address).send(&noise(JOB)).await;
        assert!(
            matches!(outcome, SendOutcome::BrokenOff { accepted, .. } if accepted > 0),
            "{at}: the rest was never read, but: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_reset_after_the_last_byte_is_in_doubt() {
    let printer = FakePrinter::start(&["--fault", &format!("reset@{JOB}")]);
    let outcome = patient(printer.address).send(&noise(JOB)).await;
    assert!(
        matches!(outcome, SendOutcome::BrokenOff { accepted, .. } if accepted == JOB as u64),
        "a reset throws unread bytes away, and nobody knows which: {outcome:?}"
    );
}

/// Takes `bytes` of a job, ends the connection in order, and reads away what still comes, so that nothing is ever reset. With a
/// memory of some kilobytes for what it has not read yet, as printers have.
fn ends_after(bytes: usize, memory: u32) -> SocketAddr {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(memory).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(8).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut c, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut some = vec![0; bytes];
                c.read_exact(&mut some).await.unwrap();
                tokio::io::AsyncWriteExt::shutdown(&mut c).await.unwrap();
                let mut waste = [0; 4096];
                while c.read(&mut waste).await.unwrap_or(0) > 0 {}
            });
        }
    });
    address
}

#[tokio::test]
async fn an_orderly_end_in_the_middle_of_a_label_is_no_end_of_the_label() {
    // The last ones fit the systems' buffers whole, but not the printer's memory.
    for (bytes, job) in
        [(1, JOB), (1000, JOB), (30_000, JOB), (JOB - 20_000, JOB), (1, 16_000), (1000, 16_000), (4000, 20_000)]
    {
        let outcome = patient(ends_after(bytes, 2048)).send(&noise(job)).await;
        assert!(
            matches!(&outcome, SendOutcome::BrokenOff { reason, .. } if reason.contains("ended the connection before")),
            "after {bytes} of {job} bytes: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn who_ends_the_connection_before_the_first_byte_has_printed_nothing() {
    // Many times, for it may be seen before the first byte leaves, or behind it.
    for _ in 0..20 {
        let outcome = patient(ends_after(0, 2048)).send(&noise(JOB)).await;
        assert!(
            matches!(outcome, SendOutcome::NothingSent(_) | SendOutcome::BrokenOff { .. }),
            "it took not one byte, but: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_printer_that_ends_the_connection_by_itself_is_in_doubt_even_behind_the_last_byte() {
    // All of it is acknowledged, in the printer's memory. Whether it was read, nobody knows. A long hold, for a busy machine.
    let settings = TcpSettings { hold: Duration::from_secs(5), ..TcpSettings::default() };
    for (bytes, job) in [(1, 9000), (5000, 9000), (9000, 9000)] {
        let outcome = link(ends_after(bytes, 1 << 20), settings).send(&noise(job)).await;
        let SendOutcome::BrokenOff { accepted, reason } = outcome else { panic!("after {bytes}: {outcome:?}") };
        assert!(accepted == job as u64 && reason.contains("ended the connection before"), "{bytes}: {reason}");
    }
}

#[tokio::test]
async fn a_printer_that_waits_for_our_end_and_then_closes_has_taken_everything() {
    let printer = FakePrinter::start(&["--mute"]);
    assert_eq!(patient(printer.address).send(&noise(JOB)).await, SendOutcome::Sent(Evidence::PeerClosed));
    assert!(printer.ended(1).await[0] == noise(JOB), "byte for byte");
}

#[tokio::test]
async fn a_printer_that_never_stops_talking_holds_nobody_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((c, _)) = listener.accept().await {
            let (mut reading, mut writing) = c.into_split();
            tokio::spawn(async move { while reading.read(&mut [0; 65_536]).await.is_ok_and(|n| n > 0) {} });
            tokio::spawn(async move {
                while tokio::io::AsyncWriteExt::write_all(&mut writing, &[0x55; 65_536]).await.is_ok() {}
            });
        }
    });
    for job in [2000, 4 << 20] {
        let started = std::time::Instant::now();
        let outcome = link(address, quick()).send(&noise(job)).await;
        assert!(!matches!(outcome, SendOutcome::Sent(Evidence::PeerClosed | Evidence::DeviceStatus)), "{outcome:?}");
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_stall_ends_the_job_as_broken_off() {
    let printer = FakePrinter::start(&["--fault", "stall@1000", "--buffer", "8192"]);
    let total = 8 << 20;
    let outcome = link(printer.address, quick()).send(&noise(total)).await;
    let SendOutcome::BrokenOff { accepted, reason } = outcome else {
        panic!("a stalled job ends in doubt: {outcome:?}")
    };
    assert!(accepted >= 1000 && accepted < total as u64, "{accepted} bytes left");
    assert!(reason.contains("took nothing"), "the reason says that it stalled: {reason}");
}

#[tokio::test]
async fn ready_says_nothing_about_bytes_that_nobody_has_read() {
    // Small enough to wait in the systems' buffers; another thread of the printer would answer "ready".
    let printer = FakePrinter::start(&["--fault", "stall@100"]);
    assert_eq!(
        link(printer.address, quick()).send(&noise(2000)).await,
        SendOutcome::Sent(Evidence::BytesAccepted),
        "not one step more than: the system took them"
    );
}

/// A printer with little memory that reads nothing, closes its sending side after `first`, and after `then` resets.
fn closes_unread(first: Duration, then: Duration) -> SocketAddr {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(8).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut c, _)) = listener.accept().await {
            tokio::spawn(async move {
                tokio::time::sleep(first).await;
                tokio::io::AsyncWriteExt::shutdown(&mut c).await.unwrap();
                // Its pace, not the test's: dropped with unread bytes, the system resets.
                tokio::time::sleep(then).await;
                drop(c);
            });
        }
    });
    address
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_close_is_worth_nothing_while_bytes_are_unacknowledged() {
    // Goes into the systems' buffers in one piece, and not into the printer's.
    let job = noise(60_000);
    for then in [Duration::from_secs(60), Duration::from_millis(200)] {
        let address = closes_unread(Duration::from_millis(300), then);
        let outcome = patient(address).send(&job).await;
        let SendOutcome::BrokenOff { accepted: 60_000, reason } = outcome else { panic!("{outcome:?}") };
        assert!(reason.contains("before it can have read the whole label"), "{reason}");
    }
}

#[tokio::test]
async fn a_slow_printer_is_no_fault() {
    let printer = FakePrinter::start(&["--rate", "160000", "--buffer", "8192", "--mute"]);
    // The whole job takes 2.5 s. Linux tells of room in the socket only when a third of it is free, so progress is seen
    // in steps of about 40 kB, four a second.
    let settings = TcpSettings {
        stall_limit: Duration::from_millis(1500),
        close_wait: Duration::from_secs(20),
        ..TcpSettings::default()
    };
    let job = noise(400_000);
    assert_eq!(
        link(printer.address, settings).send(&job).await,
        SendOutcome::Sent(Evidence::PeerClosed),
        "slower than the limit as a whole, but never so long without a byte"
    );
    assert!(printer.ended(1).await[0] == job, "byte for byte");
}

#[tokio::test]
async fn nobody_there_means_nothing_sent() {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let outcome = patient(address).send(b"job").await;
    assert!(matches!(&outcome, SendOutcome::NothingSent(why) if why.contains("refused")), "{outcome:?}");
    assert!(matches!(patient(address).state().await, DeviceState::Unreachable(_)));
    let unknown = TcpLink::new("no-such-printer.invalid", 9100, generic(Language::Tspl), TcpSettings::default());
    assert!(matches!(unknown.send(b"job").await, SendOutcome::NothingSent(_)), "a name that is not found");
}

#[tokio::test]
async fn an_answer_that_is_no_status_is_cannot_tell() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut c, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = tokio::io::AsyncWriteExt::write_all(&mut c, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                let _ = c.read_to_end(&mut Vec::new()).await;
            });
        }
    });
    for language in Language::ALL {
        let link = TcpLink::new("127.0.0.1", address.port(), generic(language), TcpSettings::default());
        assert_eq!(link.state().await, DeviceState::CannotTell, "{language:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_links_to_one_printer_never_write_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (o, m) = (Arc::clone(&open), Arc::clone(&most));
    tokio::spawn(async move {
        while let Ok((mut c, _)) = listener.accept().await {
            let (o, m) = (Arc::clone(&o), Arc::clone(&m));
            tokio::spawn(async move {
                m.fetch_max(o.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let _ = c.read_to_end(&mut Vec::new()).await;
                o.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    let jobs: Vec<_> = (0..8)
        .map(|n| {
            // By name and by number: the same device.
            let host = if n % 2 == 0 { "localhost" } else { "127.0.0.1" };
            let link = TcpLink::new(host, port, generic(Language::Tspl), TcpSettings::default());
            tokio::spawn(async move { link.send(&noise(JOB)).await })
        })
        .collect();
    for job in jobs {
        assert_eq!(job.await.unwrap(), SendOutcome::Sent(Evidence::PeerClosed));
    }
    assert_eq!(most.load(Ordering::SeqCst), 1, "one writer at a time, whatever the link's name");
}

#[tokio::test]
async fn a_job_whose_caller_goes_away_still_arrives_whole() {
    let printer = FakePrinter::start(&["--mute", "--rate", "400000"]);
    let job = noise(1 << 20);
    let link = patient(printer.address);
    // Polled once, then dropped: what a closed window does to the command behind it.
    assert!(tokio::time::timeout(Duration::ZERO, link.send(&job)).await.is_err(), "it cannot be done yet");
    let all = eventually("the job has ended", || printer.connections().into_iter().find(|c| c.len() > 100)).await;
    assert!(all == job, "all {} bytes, not a part of them: {}", job.len(), all.len());
}

#[tokio::test]
async fn a_printer_that_never_closes_its_side_costs_its_wait_only_once() {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = socket.accept().await {
            // Reads everything, never closes: cheap print servers do so.
            let mut all = Vec::new();
            let _ = stream.read_to_end(&mut all).await;
            kept.push(stream);
        }
    });
    let settings = TcpSettings {
        close_wait: Duration::from_secs(4),
        short_close_wait: Duration::from_millis(100),
        ..TcpSettings::default()
    };
    let link = link(address, settings);
    let mut took = Vec::new();
    for _ in 0..2 {
        let start = std::time::Instant::now();
        assert_eq!(
            link.send(&noise(2000)).await,
            SendOutcome::Sent(Evidence::BytesAccepted),
            "no close, no more proof"
        );
        took.push(start.elapsed());
    }
    assert!(took[0] >= Duration::from_secs(4), "the first job waits the whole time: {took:?}");
    assert!(took[1] < Duration::from_secs(2), "the next ones do not: {took:?}");
}
