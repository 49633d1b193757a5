//! The printer as a sender sees it: over real sockets, hand-written jobs against hand-made pictures.

use super::reader::{Happening, Reader};
use super::zpl::crc16;
use super::{Answers, PracticePrinter, PracticePrinterSettings, PrinterFault, PrinterFaultKind};
use base64::Engine;
use domain::raster::Raster;
use domain::units::Dpi;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SOON: Duration = Duration::from_secs(20);

async fn printer(answers: Answers, folder: Option<PathBuf>) -> PracticePrinter {
    PracticePrinter::start(PracticePrinterSettings { port: 0, folder, dpi: Dpi::D203, answers }).await.unwrap()
}

async fn connect(p: &PracticePrinter) -> TcpStream {
    TcpStream::connect(("127.0.0.1", p.port())).await.unwrap()
}

/// Sends a whole job, half-closes, waits for the printer's FIN. Gives what the printer said.
async fn send(p: &PracticePrinter, job: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut s = connect(p).await;
    s.write_all(job).await?;
    s.shutdown().await?;
    let mut said = Vec::new();
    // A printer that never closes is a failure, not a reason to wait for ever.
    tokio::time::timeout(SOON, s.read_to_end(&mut said)).await.map_err(std::io::Error::other)??;
    Ok(said)
}

/// A question on a fresh connection; `None` = silence for a while.
async fn ask(p: &PracticePrinter, question: &[u8]) -> Option<Vec<u8>> {
    let mut s = connect(p).await;
    s.write_all(question).await.unwrap();
    let mut said = vec![0; 500];
    match tokio::time::timeout(Duration::from_millis(300), s.read(&mut said)).await {
        Ok(Ok(n)) if n > 0 => Some(said[..n].to_vec()),
        _ => None,
    }
}

/// A small picture with no symmetry: 24 × 3 dots.
const ROWS: [[u8; 3]; 3] = [[0x80, 0x00, 0x01], [0xf0, 0x0f, 0xaa], [0x00, 0x1b, 0x21]];

fn small_page(width: u32, height: u32, x: u32, y: u32) -> Raster {
    let mut r = Raster::white(width, height);
    for (j, row) in ROWS.iter().enumerate() {
        for i in 0..24u32 {
            if row[i as usize / 8] & (0x80 >> (i % 8)) != 0 {
                r.set(x + i, y + j as u32, true);
            }
        }
    }
    r
}

fn tspl_job(copies: u32) -> Vec<u8> {
    let mut job = b"SIZE 10 mm,5 mm\r\nGAP 2 mm,0 mm\r\nDIRECTION 1,0\r\nCLS\r\nBITMAP 8,4,3,3,0,".to_vec();
    job.extend(ROWS.iter().flatten().map(|b| !b));
    job.extend(format!("\r\nPRINT 1,{copies}\r\n").bytes());
    job
}

fn epl_job() -> Vec<u8> {
    let dots: Vec<u8> = ROWS.iter().flatten().map(|b| !b).collect();
    [b"\nN\nq80\nQ40,16\nR0,0\nS2\nD8\nZT\nGW8,4,3,3,", &dots[..], b"\nP1,2\n"].concat()
}

fn cpcl_job(graphic: &[u8]) -> Vec<u8> {
    [b"! 0 200 200 40 1\r\nPAGE-WIDTH 80\r\nGAP-SENSE\r\n", graphic, b"\r\nFORM\r\nPRINT\r\n"].concat()
}

fn escpos_job(feed: &[u8]) -> Vec<u8> {
    let rows = |rows: &[[u8; 3]]| {
        let count = u8::try_from(rows.len()).unwrap();
        [b"\x1dv0\0\x03\0", &[count, 0][..], &rows.concat()].concat()
    };
    [b"\x1b@", &rows(&ROWS[..2])[..], &rows(&ROWS[2..]), feed].concat()
}

fn zpl_job(graphic: &str) -> Vec<u8> {
    format!("^XA^PW80^LL40^LH0,0\r\n^FO8,4{graphic}^FS^PQ1,0,0,N^XZ").into_bytes()
}

fn hex() -> String {
    ROWS.iter().flatten().map(|b| format!("{b:02X}")).collect()
}

#[tokio::test]
async fn a_tspl_job_comes_out_dot_for_dot_and_the_fin_comes_after() {
    let dir = tempfile::tempdir().unwrap();
    let p = printer(Answers::All, Some(dir.path().into())).await;
    assert_eq!(send(&p, &tspl_job(2)).await.unwrap(), b"", "nothing was asked, nothing is said");
    let labels = p.labels();
    assert_eq!(labels.len(), 2, "both copies are out when the FIN comes");
    assert_eq!(labels[0].raster, small_page(80, 40, 8, 4));
    assert_eq!((labels[0].number_in_sequence, labels[1].number_in_sequence), (1, 2));
    assert!(tspl_job(2).starts_with(&labels[0].bytes[..60]), "with the bytes it was made from");
    let decoder =
        png::Decoder::new(std::io::BufReader::new(std::fs::File::open(dir.path().join("label0001.png")).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    let mut bits = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut bits).unwrap();
    let black: Vec<u8> = bits.iter().map(|b| !b).collect();
    assert_eq!(black, labels[0].raster.bits(), "the file shows the same dots");
    assert!(dir.path().join("label0002.prn").exists());
    p.stop().await;
    let p = printer(Answers::All, Some(dir.path().into())).await;
    send(&p, &tspl_job(1)).await.unwrap();
    assert_eq!(p.labels()[0].number_in_sequence, 3, "the folder's life goes on");
}

#[tokio::test]
async fn tspl_boxes_bars_and_the_three_bitmap_modes_draw_as_written() {
    let p = printer(Answers::All, None).await;
    let mut job =
        b"SIZE 40 dot,20 dot\nCLS\nREFERENCE 2,1\nBAR 0,0,8,2\nBOX 10,2,20,8,1\nREVERSE 1,0,2,1\nERASE 5,1,2,1\n"
            .to_vec();
    for mode in [1, 2] {
        job.extend(format!("BITMAP 0,10,1,1,{mode},").bytes());
        job.push(!0b1010_0000);
    }
    job.extend(b"\nPRINT 1\n");
    send(&p, &job).await.unwrap();
    let mut want = Raster::white(40, 20);
    for x in 2..10 {
        for y in 1..3 {
            want.set(x, y, true);
        }
    }
    for x in 12..22 {
        for y in 3..9 {
            want.set(x, y, x == 12 || x == 21 || y == 3 || y == 8);
        }
    }
    (3..5).for_each(|x| want.set(x, 1, false));
    (7..9).for_each(|x| want.set(x, 2, false));
    // OR then XOR of the same dots: nothing is left.
    assert_eq!(p.labels()[0].raster, want);
}

#[tokio::test]
async fn every_way_to_write_a_zpl_graphic_gives_the_same_dots() {
    let p = printer(Answers::All, None).await;
    let raw: Vec<u8> = ROWS.concat();
    let b64 = base64::engine::general_purpose::STANDARD.encode(&raw);
    let mut z = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    z.write_all(&raw).unwrap();
    let z64 = base64::engine::general_purpose::STANDARD.encode(z.finish().unwrap());
    let coded = |kind: &str, text: &str| format!("^GFA,9,9,3,:{kind}:{text}:{:04X}", crc16(text.as_bytes()));
    for (i, graphic) in [
        format!("^GFA,9,9,3,{}", hex()),
        "^GFA,9,9,3,8J01FHFAA,\r\n"
            .replace("8J01FHFAA,", "8I01\r\nF0H0FAA001B21")
            .replace("8I01", "8J01")
            .replace("F0H0F", "F00F"),
        coded("B64", &b64),
        coded("Z64", &z64),
    ]
    .iter()
    .enumerate()
    {
        send(&p, &zpl_job(graphic)).await.unwrap();
        assert_eq!(p.labels().len(), i + 1, "{graphic} gives a label: {:?}", p.report().complaints);
        assert_eq!(p.labels()[i].raster, small_page(80, 40, 8, 4), "{graphic}");
    }
    let mut job = b"^XA^PW80^LL40^FO8,4^GFB,9,9,3,".to_vec();
    job.extend(&raw);
    job.extend(b"^FS^XZ");
    send(&p, &job).await.unwrap();
    assert_eq!(p.labels()[4].raster, small_page(80, 40, 8, 4), "raw binary");
    send(&p, b"^XA^PON^XZ^XA^PW80^LL40^POI^FO8,4^GFA,9,9,3,800001F00FAA001B21^FS^XZ").await.unwrap();
    let turned = &p.labels()[5].raster;
    assert!(turned.get(80 - 1 - 8, 40 - 1 - 4), "inverted formats come out turned");
    assert_eq!(p.labels().len(), 6, "a format that draws nothing gives no label");
    send(&p, &zpl_job(&coded("B64", &b64).replace(":B64:", ":B64:A"))).await.unwrap();
    assert_eq!(p.labels().len(), 6, "a wrong CRC draws nothing");
    assert_eq!(p.odometer(), 6);
}

#[tokio::test]
async fn epl_cpcl_and_escpos_jobs_come_out_dot_for_dot() {
    let p = printer(Answers::All, None).await;
    send(&p, &epl_job()).await.unwrap();
    assert_eq!(p.labels().len(), 2, "P1,2 is two copies: {:?}", p.report().complaints);
    for graphic in [[b"EG 3 3 8 4 ", hex().as_bytes()].concat(), [b"CG 3 3 8 4 ", &ROWS.concat()[..]].concat()] {
        send(&p, &cpcl_job(&graphic)).await.unwrap();
    }
    assert_eq!(p.labels().len(), 4, "{:?}", p.report().complaints);
    for (n, label) in p.labels().iter().enumerate() {
        assert_eq!(label.raster, small_page(80, 40, 8, 4), "label {n}");
    }
    for (n, feed) in [&b"\x0c"[..], b"\x1d\x0c", b"\x1bJ\x60"].iter().enumerate() {
        send(&p, &escpos_job(feed)).await.unwrap();
        assert_eq!(p.labels().len(), 5 + n, "{feed:?} ends a label: {:?}", p.report().complaints);
        assert_eq!(p.labels()[4 + n].raster, small_page(24, 3, 0, 0));
    }
    assert_eq!(p.report().complaints, Vec::<String>::new(), "everything is read");
}

#[tokio::test]
async fn every_binary_picture_cut_short_swallows_the_next_job() {
    for cut in [
        &b"\nN\nq80\nQ40,16\nGW0,0,10,40,\xff\xff"[..],
        b"! 0 200 200 40 1\r\nPAGE-WIDTH 80\r\nCG 10 40 0 0 \0\0",
        b"! 0 200 200 40 1\r\nPAGE-WIDTH 80\r\nEG 10 40 0 0 00",
        b"\x1b@\x1dv0\0\x0a\0\x28\0\0\0",
    ] {
        let p = printer(Answers::All, None).await;
        send(&p, cut).await.unwrap();
        assert!(p.report().mid_data, "{}", String::from_utf8_lossy(cut));
        send(&p, &epl_job()).await.unwrap();
        assert!(p.labels().is_empty(), "a whole job went into the picture: {}", String::from_utf8_lossy(cut));
        p.power_cycle();
        send(&p, &epl_job()).await.unwrap();
        assert_eq!(p.labels().len(), 2, "off and on mends it");
    }
}

#[tokio::test]
async fn a_bitmap_cut_short_swallows_the_start_of_the_next_job_on_a_fresh_connection() {
    let p = printer(Answers::All, None).await;
    let mut cut = b"SIZE 10 mm,5 mm\r\nCLS\r\nBITMAP 0,0,10,40,0,".to_vec();
    cut.extend([0u8; 340]);
    send(&p, &cut).await.unwrap();
    assert!(p.report().mid_data, "sixty bytes are missing");
    assert!(p.labels().is_empty());
    let job = tspl_job(1);
    send(&p, &job).await.unwrap();
    let mut want = Raster::white(80, 40);
    for (b, dots) in want.bits_mut().iter_mut().zip([0u8; 340].iter().chain(&job[..60])) {
        *b = !dots;
    }
    assert_eq!(p.labels().len(), 1, "the job's PRINT is past the sixty bytes and prints");
    assert_eq!(p.labels()[0].raster, want, "the cut picture, ended by the next job's first sixty bytes as dots");
    p.power_cycle();
    send(&p, &job).await.unwrap();
    assert_eq!(p.labels().last().unwrap().raster, small_page(80, 40, 8, 4), "off and on mends it");
}

#[tokio::test]
async fn cancel_at_the_start_of_a_connection_mends_a_cut_bitmap() {
    let p = printer(Answers::All, None).await;
    let mut cut = b"SIZE 10 mm,5 mm\r\nCLS\r\nBITMAP 0,0,10,40,0,".to_vec();
    cut.extend([0u8; 10]);
    send(&p, &cut).await.unwrap();
    assert_eq!(ask(&p, b"\x1b!?").await, Some(vec![0]), "the immediate question is answered even now");
    assert_eq!(ask(&p, b"~HS").await, None, "anything else is pixels");
    send(&p, &[b"\x1b!.".to_vec(), tspl_job(1)].concat()).await.unwrap();
    assert_eq!(p.labels().len(), 1);
    assert_eq!(p.labels()[0].raster, small_page(80, 40, 8, 4));
}

#[tokio::test]
async fn zpl_hex_cut_short_finds_its_feet_at_the_next_format() {
    let p = printer(Answers::All, None).await;
    send(&p, b"^XA^PW80^LL40^FO0,0^GFA,400,400,10,FFFFFFFF").await.unwrap();
    assert!(p.labels().is_empty());
    send(&p, &zpl_job(&format!("^GFA,9,9,3,{}", hex()))).await.unwrap();
    assert_eq!(p.labels().len(), 1);
    assert_eq!(p.labels()[0].raster, small_page(80, 40, 8, 4), "nothing of the cut one is on it");
}

#[tokio::test]
async fn questions_are_answered_in_their_language_and_a_mute_printer_says_nothing() {
    let p = printer(Answers::All, None).await;
    assert_eq!(ask(&p, b"\x1b!?").await, Some(vec![0x00]));
    assert_eq!(ask(&p, b"\x1b!S").await, Some(b"\x02@@@@\x03\r\n".to_vec()));
    assert!(ask(&p, b"~!T\r\n").await.unwrap().starts_with(b"PRACTICE"));
    let hs = ask(&p, b"~HS\r\n").await.unwrap();
    assert_eq!(hs.iter().filter(|b| **b == 0x02).count(), 3, "three frames");
    assert!(String::from_utf8(ask(&p, b"~HQES").await.unwrap()).unwrap().contains("ERRORS:         0"));
    let odometer = b"! U1 getvar \"odometer.total_label_count\"\r\n";
    assert_eq!(ask(&p, odometer).await, Some(b"\"0\"".to_vec()));
    let said = send(&p, &[tspl_job(1), odometer.to_vec()].concat()).await.unwrap();
    assert_eq!(said, b"\"1\"", "after the job on the same line too");
    for (question, ready) in
        [(&b"^ee\r\n"[..], &b"00\r\n"[..]), (b"\x1bh", b"\0"), (b"\x1bi", b"\0"), (b"\x10\x04\x01", b"\x12")]
    {
        assert_eq!(ask(&p, question).await.as_deref(), Some(ready), "{question:?}");
    }
    p.set_paper_out(true);
    assert_eq!(ask(&p, b"^ee\r\n").await, Some(b"07\r\n".to_vec()));
    p.set_head_open(true);
    assert_eq!(ask(&p, b"\x1bh").await, Some(vec![0x06]), "paper out and open");
    for (n, byte) in [(1, 0x1a), (2, 0x36), (3, 0x12), (4, 0x72)] {
        assert_eq!(ask(&p, &[0x10, 0x04, n]).await, Some(vec![byte]), "DLE EOT {n}");
    }
    assert_eq!(ask(&p, b"\x1b!?").await, Some(vec![0x05]), "paper out and open");
    assert_eq!(ask(&p, b"~HS").await, None, "a Zebra falls silent");
    assert!(String::from_utf8(ask(&p, b"~HQES").await.unwrap()).unwrap().contains("1 00000000 00000005"));
    assert_eq!(ask(&p, b"~!T\r\n").await, None, "the ~ forms only when ready");
    p.set_answers(Answers::Mute);
    for q in [&b"\x1b!?"[..], b"~HQES", odometer, b"^ee\r\n", b"\x1bh", b"\x10\x04\x01"] {
        assert_eq!(ask(&p, q).await, None, "mute");
    }
}

#[tokio::test]
async fn out_of_paper_the_fin_waits_for_the_new_roll_and_another_line_is_told() {
    let p = printer(Answers::All, None).await;
    p.set_paper_left(Some(1));
    send(&p, &tspl_job(1)).await.unwrap();
    let mut s = connect(&p).await;
    s.write_all(&tspl_job(1)).await.unwrap();
    s.shutdown().await.unwrap();
    let mut nothing = [0; 1];
    let wait = tokio::time::timeout(Duration::from_millis(200), s.read(&mut nothing)).await;
    assert!(wait.is_err(), "no FIN while the label is not out");
    assert_eq!(ask(&p, b"\x1b!?").await, Some(vec![0x04]));
    assert_eq!(p.odometer(), 1);
    p.set_paper_out(false);
    assert_eq!(s.read(&mut nothing).await.unwrap(), 0, "now it comes");
    assert_eq!(p.odometer(), 2);
}

#[tokio::test]
async fn jobs_wait_for_each_other_and_come_out_in_order() {
    let p = printer(Answers::All, None).await;
    p.set_label_time(Duration::from_millis(60));
    let (two, one) = (tspl_job(2), tspl_job(1));
    let (a, b) = tokio::join!(send(&p, &two), send(&p, &one));
    a.unwrap();
    b.unwrap();
    assert_eq!(p.labels().len(), 3);
    assert!(p.labels().iter().all(|l| l.raster == small_page(80, 40, 8, 4)), "no byte of one job got into the other");
}

#[tokio::test]
async fn faults_strike_at_their_byte() {
    let p = printer(Answers::All, None).await;
    let mut big = b"SIZE 100 mm,180 mm\r\nCLS\r\nBITMAP 0,0,100,1440,0,".to_vec();
    big.extend(vec![0xff; 144_000]);
    big.extend(b"\r\nPRINT 1,1\r\n");
    p.add_fault(PrinterFault { kind: PrinterFaultKind::Reset, at_byte: 3000, once: true, after_labels: 0 });
    assert!(send(&p, &big).await.is_err(), "the line breaks");
    assert!(p.report().mid_data && p.labels().is_empty(), "3000 bytes went in");
    p.power_cycle();
    send(&p, &big).await.unwrap();
    assert_eq!(p.labels().len(), 1, "once is once");
    p.add_fault(PrinterFault { kind: PrinterFaultKind::Close, at_byte: 100_000, once: true, after_labels: 0 });
    send(&p, &big).await.expect("an early FIN looks like success to a sender");
    assert_eq!(p.labels().len(), 1, "but nothing came out");
    p.power_cycle();
    p.add_fault(PrinterFault { kind: PrinterFaultKind::Stall, at_byte: 50, once: false, after_labels: 0 });
    let mut s = connect(&p).await;
    s.write_all(&tspl_job(1)).await.unwrap();
    s.shutdown().await.unwrap();
    let mut nothing = [0; 1];
    assert!(tokio::time::timeout(Duration::from_millis(200), s.read(&mut nothing)).await.is_err(), "stalled");
    assert_eq!(ask(&p, b"\x1b!?").await, Some(vec![0]), "and it does not know why");
    p.resume();
    assert_eq!(s.read(&mut nothing).await.unwrap(), 0, "a resumed stall gets past its byte");
    assert_eq!(p.wait_for_labels(2, SOON).await.map(|l| l.len()), Some(2));
}

#[test]
fn a_stream_means_the_same_however_it_is_cut_into_pieces() {
    let mut stream = tspl_job(1);
    stream.extend(b"\x1b!?~HS! U1 getvar \"odometer.total_label_count\"\r\n");
    stream.extend(zpl_job(&format!("^GFA,9,9,3,{}", hex())));
    stream.extend(b"^XA^FO8,4^GFB,9,9,3,");
    stream.extend(ROWS.concat());
    stream.extend(b"^FS^XZ~JA");
    stream.extend(tspl_job(3));
    stream.extend(epl_job());
    stream.extend(b"^ee\r\n");
    stream.extend(cpcl_job(&[b"EG 3 3 8 4 ", hex().as_bytes()].concat()));
    stream.extend(b"\x1bh\x1bi");
    stream.extend(cpcl_job(&[b"CG 3 3 8 4 ", &ROWS.concat()[..]].concat()));
    stream.extend(escpos_job(b"\x1d\x0c"));
    stream.extend(b"\x10\x04\x02");
    let read = |size: usize| {
        let mut r = Reader::new(Dpi::D203);
        let mut seen = Vec::new();
        for piece in stream.chunks(size) {
            r.push(piece);
            while let Some(h) = r.next() {
                seen.push(match h {
                    Happening::Label { raster, copies, bytes } => format!("{raster:?} ×{copies} {}", bytes.len()),
                    other => format!("{other:?}"),
                });
            }
        }
        (seen, r.complaints().to_vec())
    };
    let whole = read(stream.len());
    assert_eq!(whole.0.len(), 16, "{whole:?}");
    assert!(whole.1.is_empty(), "{:?}", whole.1);
    for size in 1..40 {
        assert_eq!(read(size), whole, "in pieces of {size}");
    }
}

#[test]
fn noise_neither_panics_nor_grows_without_end() {
    let chance = domain::chance::SeededChance::new(11);
    for _ in 0..300 {
        let mut noise = vec![0; 2000];
        domain::chance::Chance::fill(&chance, &mut noise);
        let starts: [&[u8]; 10] = [
            b"",
            b"^XA^FO8,8",
            b"SIZE 10 mm,5 mm\n",
            b"BITMAP 0,0,1,1,0,",
            b"^XA^GFA,9,9,3,",
            b"^XA^GFB,9,9,3,",
            b"N\nq80\nGW8,8,1,1,",
            b"! 0 200 200 40 1\r\nEG 2 2 0 0 ",
            b"! 0 200 200 40 1\r\nCG 2 2 0 0 ",
            b"\x1b@\x1dv0\0\x01\0\x01\0",
        ];
        let start = starts[usize::from(noise[0]) % starts.len()];
        let mut r = Reader::new(Dpi::D203);
        r.push(start);
        r.push(&noise);
        while r.next().is_some() {}
    }
}
