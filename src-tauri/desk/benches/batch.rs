//! A thousand labels in one batch to a printer that is not paced, journal on a real disk (FULL): ≥ 50 labels a second are
//! promised, and memory that does not grow. Then thirty labels to one that takes 1.2 s for each (180 mm at 150 mm/s): how
//! long its head waits between two.

mod practice;

use desk::Door;
use desk::api::{
    AddOrders, AddedOrders, AskBatch, BatchCheck, BatchView, ById, NewOrder, StartBatch, WireAddress, WireContact,
    WireGoods,
};
use domain::chance::{Chance, OsChance};
use practice::call;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const MANY: usize = 1000;
const PACED: usize = 30;
const LABEL: Duration = Duration::from_millis(1200);

fn main() {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(run());
}

async fn run() {
    let dir = tempfile::tempdir().expect("a folder");
    let serving = sandbox::serve(0, 7, None).await.expect("the practice market starts");
    recharge(&serving);
    let printer = Printer::start();
    let (desk, door) = practice::desk(dir.path(), &serving, printer.address.clone()).await;

    let parcels = add(&door, MANY).await;
    let check = Instant::now();
    let found: BatchCheck = call(&door, "batches.check", ask(&parcels)).await;
    assert_eq!(found.good as usize, MANY, "nothing is odd about them");
    println!("check of {MANY} orders before the first charge: {:.0} ms", check.elapsed().as_secs_f64() * 1e3);
    let press = Instant::now();
    let batch: BatchView = start(&door, &parcels).await;
    let mut memory = Vec::new();
    let done = loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        memory.push(resident_mib());
        // As the window does: the strip without the list.
        let b: BatchView = call(&door, "batches.show", ById { id: batch.id.clone() }).await;
        if b.state != "running" {
            break b;
        }
    };
    let took = press.elapsed();
    assert_eq!((done.state.as_str(), done.sent as usize), ("done", MANY), "{} {}", done.trouble, done.detail);
    let jobs = printer.jobs.lock().expect("nobody panicked").len();
    assert_eq!(jobs, MANY, "each label once");
    let first = printer.jobs.lock().expect("nobody panicked")[0].0.duration_since(press);
    println!(
        "{MANY} labels, press → last: {:.1} s = {:.0} labels/s (promised ≥ 50); first byte after {:.0} ms",
        took.as_secs_f64(),
        MANY as f64 / took.as_secs_f64(),
        first.as_secs_f64() * 1e3
    );
    let tenth = memory.len() / 10;
    println!(
        "resident memory, this process with the market in it: {:.0} MiB after a tenth, {:.0} MiB at the end",
        memory[tenth.min(memory.len() - 1)],
        memory.last().copied().unwrap_or_default()
    );

    *printer.pace.lock().expect("nobody panicked") = LABEL;
    printer.jobs.lock().expect("nobody panicked").clear();
    let parcels = add(&door, PACED).await;
    let batch: BatchView = start(&door, &parcels).await;
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let b: BatchView = call(&door, "batches.show", ById { id: batch.id.clone() }).await;
        if b.state != "running" {
            assert_eq!(b.state, "done", "{} {}", b.trouble, b.detail);
            break;
        }
    }
    let jobs = printer.jobs.lock().expect("nobody panicked").clone();
    let mut waits: Vec<f64> = jobs.windows(2).map(|w| w[1].0.duration_since(w[0].1).as_secs_f64() * 1e3).collect();
    waits.sort_by(f64::total_cmp);
    println!(
        "{PACED} labels at 150 mm/s: the head waits {:.0} ms between two (median), {:.0} ms at worst, of {} ms a label",
        waits[waits.len() / 2],
        waits.last().copied().unwrap_or_default(),
        LABEL.as_millis()
    );
    desk.close().await;
    serving.stop().await;
}

/// More numbers than the shops start with.
fn recharge(serving: &sandbox::Serving) {
    let address = serving.market.base();
    let host = format!("{}:{}", address.host_str().expect("a host"), address.port().expect("a port"));
    for b in serving.market.ledger().balances.iter().filter(|b| b.cp_code == "ZTO") {
        let body = serde_json::json!({ "shop_id": b.shop_id, "cp_code": b.cp_code, "quantity": 100_000 }).to_string();
        let mut line = std::net::TcpStream::connect(&host).expect("the market answers");
        let head = format!(
            "POST /control/balance HTTP/1.1\r\nHost: {host}\r\nX-Practice-Control: 1\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let mut answer = String::new();
        line.write_all(head.as_bytes()).and_then(|()| line.read_to_string(&mut answer)).expect("the market answers");
        assert!(answer.starts_with("HTTP/1.1 200"), "the account is recharged: {answer}");
    }
}

fn ask(parcels: &[String]) -> AskBatch {
    AskBatch {
        parcels: parcels.to_vec(),
        courier: String::new(),
        printer: String::new(),
        template: String::new(),
        despite_twin: vec![],
    }
}

async fn start(door: &Door, parcels: &[String]) -> BatchView {
    call(door, "batches.start", StartBatch { submit_key: OsChance.hex(16), ask: ask(parcels) }).await
}

async fn add(door: &Door, count: usize) -> Vec<String> {
    let orders = (0..count)
        .map(|n| NewOrder {
            submit_key: OsChance.hex(16),
            reference: format!("QH-{n:04}"),
            recipient: WireContact {
                name: format!("收件{n}号"),
                phone: format!("138{:08}", 10_000_000 + n * 7919 % 80_000_000),
                address: WireAddress {
                    province: "四川省".into(),
                    city: "成都市".into(),
                    district: "武侯区".into(),
                    town: String::new(),
                    detail: format!("科华北路{n}号世外桃源广场3幢2单元{}室", OsChance.hex(3)),
                },
            },
            goods: vec![WireGoods { name: "青瓷茶具".into(), count: 1 }],
            remark: String::new(),
            weight_g: Some(850),
        })
        .collect();
    let added: AddedOrders = call(door, "orders.add", AddOrders { orders }).await;
    added.rows.into_iter().map(|r| r.parcel).collect()
}

/// A 9100-style printer that reads what comes, takes as long as it is told for each label, and writes down when.
struct Printer {
    address: String,
    /// First byte, and the end of the label.
    jobs: Arc<Mutex<Vec<(Instant, Instant)>>>,
    pace: Arc<Mutex<Duration>>,
}

impl Printer {
    fn start() -> Self {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("tcp://{}", socket.local_addr().expect("it has an address"));
        let (jobs, pace) = (Arc::<Mutex<Vec<_>>>::default(), Arc::new(Mutex::new(Duration::ZERO)));
        let (done, each) = (jobs.clone(), pace.clone());
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
                    if total < 64 && buf[..n].windows(3).any(|w| w == b"\x1b!?") {
                        let _ = stream.write_all(&[0]);
                    }
                }
                if let Some(first) = first.filter(|_| total > 1_000) {
                    std::thread::sleep(*each.lock().expect("nobody panicked"));
                    done.lock().expect("nobody panicked").push((first, Instant::now()));
                }
            }
        });
        Self { address, jobs, pace }
    }
}

#[cfg(target_os = "linux")]
fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

#[cfg(not(target_os = "linux"))]
fn resident_mib() -> f64 {
    0.0
}
