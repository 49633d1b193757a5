//! From the press to the first byte at the printer, on the practice market, with the journal on a real disk (FULL):
//! ≤ 300 ms p95 is promised. Prints p50, p95 and the worst of 200 presses.

mod practice;

use desk::api::ParcelView;
use domain::chance::{Chance, OsChance};
use practice::call;
use std::io::{Read, Write};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const PRESSES: usize = 200;

fn main() {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(run());
}

async fn run() {
    let dir = tempfile::tempdir().expect("a folder");
    let serving = sandbox::serve(0, 7, None).await.expect("the practice market starts");
    let (first_byte, printer) = clock_printer();
    let (desk, door) = practice::desk(dir.path(), &serving, printer).await;

    let mut took: Vec<Duration> = Vec::with_capacity(PRESSES);
    for n in 0..PRESSES + 5 {
        let order = serde_json::json!({
            "submit_key": OsChance.hex(16),
            "sender": {"name": "", "phone": "", "address": {"province": "", "city": "", "district": "", "town": "", "detail": ""}},
            "recipient": {"name": "林悠然", "phone": "13812345678", "address": {"province": "四川省", "city": "成都市",
                "district": "武侯区", "town": "", "detail": "科华北路65号世外桃源广场3幢2单元1801室"}},
            "goods": [{"name": "青瓷茶具", "count": 1}], "remark": "易碎", "weight_g": 850,
            "courier": "", "printer": "", "template": ""
        });
        let press = Instant::now();
        let parcel: ParcelView = call(&door, "orders.submit", order).await;
        assert_eq!(parcel.row.waybill_state, "issued", "press {n}: {:?}", parcel.row);
        let at = first_byte.recv_timeout(Duration::from_secs(5)).expect("a first byte came");
        if n >= 5 {
            took.push(at.duration_since(press));
        }
    }
    took.sort();
    let at = |p: usize| took[(took.len() * p / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
    println!(
        "press → first byte at the printer: p50 {:.1} ms, p95 {:.1} ms, worst {:.1} ms ({PRESSES} presses; promised ≤ 300 ms p95)",
        at(50),
        at(95),
        at(100)
    );
    desk.close().await;
    serving.stop().await;
}

/// A 9100-style printer that says when the first byte of each job arrived.
fn clock_printer() -> (mpsc::Receiver<Instant>, String) {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("tcp://{}", socket.local_addr().expect("it has an address"));
    let (tell, hear) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in socket.incoming() {
            let Ok(mut stream) = stream else { continue };
            let (mut buf, mut total, mut first) = ([0; 65_536], 0, None);
            while let Ok(n) = stream.read(&mut buf) {
                if n == 0 {
                    break;
                }
                first.get_or_insert_with(Instant::now);
                total += n;
                // A status question, not a job: answered as a ready printer does.
                if total < 64 && buf[..n].windows(3).any(|w| w == b"\x1b!?") {
                    let _ = stream.write_all(&[0]);
                }
            }
            if let Some(at) = first.filter(|_| total > 1_000) {
                let _ = tell.send(at);
            }
        }
    });
    (hear, address)
}
