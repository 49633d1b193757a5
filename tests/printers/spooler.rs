//! A private cupsd: its raw queue passes on the same bytes as raw TCP, and its words are taken for what they are worth.
#![cfg(unix)]

use super::support::{Running, eventually, free_port, noise, oracles};
use domain::evidence::Evidence;
use domain::printer::{DeviceState, Encoder, Language, PrinterLink, SendOutcome, StopReason};
use printer::{CupsLink, LinkAddress, ListError, QueueSettings, QueueState};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A private cupsd.
pub(super) struct Spooler {
    pub server: String,
    folder: tempfile::TempDir,
    _process: Running,
}

impl Spooler {
    pub async fn start() -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        // cupsd's helpers run as another user and must be able to enter.
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let process = Command::new("bash")
            .arg(oracles().join("cups_sandbox.sh"))
            .arg(folder.path())
            .arg(port.to_string())
            .stderr(Stdio::null())
            .spawn()
            .expect("bash starts; cupsd is in the package cups, which `cargo xtask test` installs");
        let spooler = Self { server: format!("127.0.0.1:{port}"), folder, _process: Running(process) };
        eventually("cupsd listens (is the package cups installed?)", || TcpStream::connect(&spooler.server).ok()).await;
        spooler
    }

    /// Runs one of CUPS's programs against it.
    pub fn run(&self, program: &str, arguments: &[&str]) {
        let output = Command::new(program)
            .env("CUPS_SERVER", &self.server)
            .args(arguments)
            .output()
            .unwrap_or_else(|e| panic!("{program} (package cups-client) does not start: {e}"));
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {}\n{}",
            String::from_utf8_lossy(&output.stderr),
            std::fs::read_to_string(self.folder.path().join("log/error_log")).unwrap_or_default()
        );
    }

    /// A queue without a driver.
    pub fn raw_queue(&self, name: &str, device: &str) {
        self.run("lpadmin", &["-p", name, "-E", "-v", device, "-m", "raw", "-o", "printer-error-policy=stop-printer"]);
    }

    fn link(&self, queue: &str) -> CupsLink {
        let settings = QueueSettings { job_wait: Duration::from_secs(20), ..QueueSettings::default() };
        CupsLink::new(Some(&self.server), queue, settings)
    }
}

/// A printer that swallows: gives each connection's bytes.
pub(super) async fn sink() -> (u16, mpsc::UnboundedReceiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut c, _)) = listener.accept().await {
            let mut job = Vec::new();
            let _ = c.read_to_end(&mut job).await;
            let _ = tell.send(job);
        }
    });
    (port, told)
}

#[tokio::test]
async fn a_raw_queue_gives_the_printer_the_same_bytes_as_raw_tcp() {
    let spooler = Spooler::start().await;
    let (port, mut printed) = sink().await;
    spooler.raw_queue("面单", &format!("socket://127.0.0.1:{port}"));
    let mut raster = domain::raster::Raster::white(800, 1440);
    raster.bits_mut().copy_from_slice(&noise(144_000));
    let size = domain::units::LabelSize { width: domain::units::Mm(100.0), height: domain::units::Mm(180.0) };
    let media = domain::printer::Media::usual(size, domain::units::Dpi::D203);
    for language in [Language::Tspl, Language::Zpl] {
        let profile = printer::generic(language);
        let job = printer::encoder(profile).encode(&raster, &media).unwrap();
        let tcp = format!("tcp://127.0.0.1:{port}").parse::<LinkAddress>().unwrap();
        let outcome = printer::open(&tcp, profile).send(&job).await;
        assert_eq!(outcome, SendOutcome::Sent(Evidence::PeerClosed), "raw TCP");
        let by_tcp = printed.recv().await.unwrap();
        let cups = format!("cups://{}/面单", spooler.server).parse::<LinkAddress>().unwrap();
        let outcome = printer::open(&cups, profile).send(&job).await;
        assert_eq!(outcome, SendOutcome::Sent(Evidence::BytesAccepted), "a spooler proves no more");
        // Status questions of the TCP link come between; a job is longer than any of them.
        let mut by_cups = printed.recv().await.unwrap();
        while by_cups.len() < 100 {
            by_cups = printed.recv().await.unwrap();
        }
        assert!(by_tcp == job, "{language:?}: raw TCP is byte for byte");
        assert!(by_cups == job, "{language:?}: and so is the raw queue ({} of {})", by_cups.len(), job.len());
    }
}

#[tokio::test]
async fn queues_are_listed_and_their_states_told() {
    let spooler = Spooler::start().await;
    assert_eq!(printer::list_queues(Some(&spooler.server)).await, Ok(vec![]), "no queue is an empty list");
    let (port, _printed) = sink().await;
    spooler.raw_queue("zebra", &format!("socket://127.0.0.1:{port}"));
    spooler.raw_queue("tsc", "socket://me:secret@127.0.0.1:9");
    let queues = printer::list_queues(Some(&spooler.server)).await.unwrap();
    let zebra = queues.iter().find(|q| q.name == "zebra").expect("the queue just made");
    assert_eq!(zebra.device_uri, format!("socket://127.0.0.1:{port}"));
    assert_eq!(zebra.state, QueueState::Idle);
    let tsc = queues.iter().find(|q| q.name == "tsc").expect("the other queue");
    assert!(!tsc.device_uri.contains("secret"), "no passwords: {}", tsc.device_uri);

    let link = spooler.link("zebra");
    assert_eq!(link.state().await, DeviceState::CannotTell, "an idle queue says nothing about the device");
    spooler.run("cupsdisable", &["zebra"]);
    assert_eq!(link.state().await, DeviceState::Stopped(vec![StopReason::Paused]));
    let queues = printer::list_queues(Some(&spooler.server)).await.unwrap();
    assert_eq!(queues.iter().find(|q| q.name == "zebra").map(|q| q.state), Some(QueueState::Stopped));
}

#[tokio::test]
async fn a_job_cancelled_before_it_started_sent_nothing() {
    let spooler = Spooler::start().await;
    let (port, mut printed) = sink().await;
    spooler.raw_queue("q", &format!("socket://127.0.0.1:{port}"));
    spooler.run("cupsdisable", &["q"]);
    let link = spooler.link("q");
    let sending = tokio::spawn(async move { link.send(b"SIZE 1 mm,1 mm\r\nPRINT 1,1\r\n").await });
    eventually("the job waits in the stopped queue", || {
        let listed = Command::new("lpstat").env("CUPS_SERVER", &spooler.server).args(["-o", "q"]).output().ok()?;
        (!listed.stdout.is_empty()).then_some(())
    })
    .await;
    spooler.run("cancel", &["-a", "q"]);
    let outcome = sending.await.unwrap();
    assert!(matches!(&outcome, SendOutcome::NothingSent(why) if why.contains("canceled")), "{outcome:?}");
    assert!(printed.try_recv().is_err(), "and the printer saw nothing");
}

#[tokio::test]
async fn refusals_of_a_spooler_sent_nothing() {
    let spooler = Spooler::start().await;
    let missing = spooler.link("missing");
    let outcome = missing.send(b"job").await;
    assert!(matches!(outcome, SendOutcome::NothingSent(_)), "no such queue: {outcome:?}");
    assert!(matches!(missing.state().await, DeviceState::Unreachable(_)), "no such queue");
    spooler.raw_queue("q", "socket://127.0.0.1:9");
    spooler.run("cupsreject", &["q"]);
    let outcome = spooler.link("q").send(b"job").await;
    assert!(matches!(outcome, SendOutcome::NothingSent(_)), "the queue takes no jobs: {outcome:?}");

    let nobody = format!("127.0.0.1:{}", free_port());
    let link = CupsLink::new(Some(&nobody), "q", QueueSettings::default());
    assert!(matches!(link.send(b"job").await, SendOutcome::NothingSent(_)), "no spooler");
    assert!(matches!(link.state().await, DeviceState::Unreachable(_)), "no spooler");
    assert!(matches!(printer::list_queues(Some(&nobody)).await, Err(ListError::Unreachable { .. })));
    assert!(matches!(printer::list_queues(Some("a b")).await, Err(ListError::Server(_))));
}

#[tokio::test]
async fn a_spooler_that_breaks_off_leaves_doubt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut c, _)) = listener.accept().await {
            let mut some = vec![0; 4000];
            let _ = c.read_exact(&mut some).await;
        }
    });
    let outcome = CupsLink::new(Some(&server), "q", QueueSettings::default()).send(&noise(1 << 20)).await;
    assert!(matches!(outcome, SendOutcome::BrokenOff { accepted, .. } if accepted > 0), "{outcome:?}");
}
