//! A printer that counts its labels and answers ZPL's questions, as a genuine Zebra does.

use domain::evidence::Evidence;
use domain::printer::{DeviceState, Language, PrinterLink, SendOutcome, StopReason};
use printer::{TcpLink, TcpSettings, generic};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Default)]
struct Zebra {
    labels: AtomicU64,
    /// Labels counted for each job.
    each: AtomicU64,
    /// The error mask of `~HQES`.
    errors: AtomicU32,
}

impl Zebra {
    async fn start(self: Arc<Self>) -> TcpLink {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((c, _)) = listener.accept().await {
                let zebra = Arc::clone(&self);
                tokio::spawn(async move { zebra.serve(c).await });
            }
        });
        TcpLink::new("127.0.0.1", port, generic(Language::Zpl), TcpSettings::default())
    }

    async fn serve(&self, mut c: TcpStream) {
        let mut heard = Vec::new();
        while let Ok(n) = c.read_buf(&mut heard).await {
            // It closes after us, as printers do: before, it would have given up.
            if n == 0 {
                break;
            }
            let errors = self.errors.load(Ordering::SeqCst);
            let answer = match heard.as_slice() {
                b"~HQES\r\n" => format!(
                    "\x02\r\n\r\n  PRINTER STATUS\r\n   ERRORS:         {} 00000000 {errors:08X}\r\n   WARNINGS:       0 00000000 00000000\r\n\x03",
                    u8::from(errors != 0)
                ),
                b"! U1 getvar \"odometer.total_label_count\"\r\n" => {
                    format!("\"{}\"", self.labels.load(Ordering::SeqCst))
                }
                _ => continue,
            };
            heard.clear();
            if c.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
        if heard.ends_with(b"^XZ") {
            self.labels.fetch_add(self.each.load(Ordering::SeqCst), Ordering::SeqCst);
        }
    }
}

const JOB: &[u8] = b"^XA^FO0,0^GFA,1,1,1,80^FS^PQ1,0,0,N^XZ";

#[tokio::test]
async fn a_counter_that_goes_up_by_one_is_proof() {
    let zebra = Arc::new(Zebra { labels: 10_328.into(), each: 1.into(), ..Zebra::default() });
    let link = Arc::clone(&zebra).start().await;
    assert_eq!(
        link.send(JOB).await,
        SendOutcome::Sent(Evidence::DeviceStatus),
        "the first label is not kept waiting for the counter; the printer says ready"
    );
    assert_eq!(
        link.send(JOB).await,
        SendOutcome::Sent(Evidence::Odometer),
        "from then on it is asked before and after"
    );
    zebra.each.store(0, Ordering::SeqCst);
    assert_eq!(
        link.send(JOB).await,
        SendOutcome::Sent(Evidence::PeerClosed),
        "it counts, and did not count this one: ready proves nothing"
    );
    zebra.each.store(2, Ordering::SeqCst);
    assert_eq!(
        link.send(JOB).await,
        SendOutcome::Sent(Evidence::DeviceStatus),
        "two labels for one job: somebody else prints too, so the counter is no proof"
    );
}

#[tokio::test]
async fn what_stopped_a_zebra_is_named() {
    let zebra = Arc::new(Zebra { each: 1.into(), errors: 0x1_0005.into(), ..Zebra::default() });
    let link = Arc::clone(&zebra).start().await;
    let stopped = DeviceState::Stopped(vec![StopReason::PaperOut, StopReason::HeadOpen, StopReason::Paused]);
    assert_eq!(link.state().await, stopped);
    assert_eq!(link.send(JOB).await, SendOutcome::Sent(Evidence::PeerClosed), "stopped: the label may not be out");
    zebra.errors.store(0, Ordering::SeqCst);
    assert_eq!(link.state().await, DeviceState::Ready);
}
