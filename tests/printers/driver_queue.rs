//! A queue with a driver (CUPS's own for Zebra) on a private cupsd: what becomes of a page's dots on their way through
//! it.
//!
//! CUPS counts pages in whole points, so 100 × 180 mm become 798 × 1438 dots at 203 dpi and the outermost dot of each
//! edge is cut off. Every other dot must come out as it went in: nothing is scaled, smoothed or moved.
#![cfg(unix)]

use super::spooler::{Spooler, sink};
use super::support::noise;
use domain::evidence::Evidence;
use domain::printer::{DeviceState, Language, Media, SendOutcome};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize, Mm};
use printer::LinkAddress;
use std::time::Duration;

/// What the edge loses on each side.
const CUT: u32 = 1;

/// Reads the stored graphic of a ZPL job, `~DGname,bytes,bytes a row,` and Zebra's short hex: `G`–`Y` repeat 1 to 19
/// times, `g`–`z` 20 to 400 times, `,` is white and `!` black to the row's end, `:` the row before.
fn stored_graphic(job: &[u8]) -> Vec<Vec<bool>> {
    let text = String::from_utf8_lossy(job);
    let mut parts = text.split_once("~DG").expect("a stored graphic").1.splitn(4, ',');
    let mut number = || parts.next().expect("a parameter").trim().parse::<usize>();
    let _name = number();
    let (total, digits) = (number().expect("bytes"), number().expect("bytes a row") * 2);
    let (mut rows, mut row, mut repeat) = (Vec::<String>::new(), String::new(), 0);
    for c in parts.next().expect("data").chars().filter(|c| !c.is_ascii_whitespace()) {
        match c {
            'G'..='Y' => repeat += c as usize - 'F' as usize,
            'g'..='z' => repeat += (c as usize - 'f' as usize) * 20,
            ',' | '!' => row += &if c == ',' { "0" } else { "F" }.repeat(digits - row.len()),
            ':' => row.clone_from(rows.last().expect("a row before")),
            c if c.is_ascii_hexdigit() => row += &c.to_string().repeat(std::mem::take(&mut repeat).max(1)),
            c => panic!("{c:?} in the graphic"),
        }
        if row.len() == digits {
            rows.push(std::mem::take(&mut row));
        }
        if rows.len() * digits / 2 == total {
            break;
        }
    }
    let bits = |c: char| (0..4).rev().map(move |bit| c.to_digit(16).expect("hex") >> bit & 1 == 1);
    rows.iter().map(|row| row.chars().flat_map(bits).collect()).collect()
}

#[tokio::test]
async fn a_driver_queue_prints_the_labels_dots_and_cuts_only_its_edge() {
    let spooler = Spooler::start().await;
    let (port, mut printed) = sink().await;
    let device = format!("socket://127.0.0.1:{port}");
    spooler.run("lpadmin", &["-p", "driven", "-E", "-v", &device, "-m", "drv:///sample.drv/zebra.ppd"]);
    spooler.raw_queue("raw", &device);
    let queues = printer::list_queues(Some(&spooler.server)).await.expect("listed");
    let address = |name: &str| {
        let queue = queues.iter().find(|q| q.name == name).expect("just made");
        queue.address(Some(&spooler.server))
    };
    assert_eq!(address("raw").to_string(), format!("cups://{}/raw", spooler.server), "a raw queue gets the language");
    let address: LinkAddress = address("driven");
    assert_eq!(address.to_string(), format!("ipp://{}/printers/driven", spooler.server), "a driver gets pages");

    let mut raster = Raster::white(800, 1440);
    raster.bits_mut()[..100 * 500].copy_from_slice(&noise(100 * 500));
    raster.bits_mut()[100 * 900..100 * 1300].fill(0b1110_0111);
    let size = LabelSize { width: Mm(100.0), height: Mm(180.0) };
    let media = Media::usual(size, Dpi::D203);
    let job = printer::encoder_for(&address, printer::generic(Language::Zpl)).encode(&raster, &media).unwrap();
    let link = printer::open(&address, printer::generic(Language::Zpl));
    assert_eq!(link.state().await, DeviceState::CannotTell);
    assert_eq!(link.send(&job).await, SendOutcome::Sent(Evidence::BytesAccepted));

    let out = tokio::time::timeout(Duration::from_secs(30), printed.recv()).await.expect("printed").expect("a job");
    let rows = stored_graphic(&out);
    assert_eq!(rows.len(), 1440 - 2 * CUT as usize, "rows");
    let wrong = (0..1440 - 2 * CUT)
        .flat_map(|y| (0..800 - 2 * CUT).map(move |x| (x, y)))
        .filter(|(x, y)| rows[*y as usize][*x as usize] != raster.get(x + CUT, y + CUT))
        .count();
    assert_eq!(wrong, 0, "dots that differ inside the edge");
}
