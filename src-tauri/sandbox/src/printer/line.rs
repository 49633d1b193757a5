//! The printer's connections. Questions at the start of a connection are answered at once, even while another one
//! prints or nothing can be printed; the first byte of a job makes the connection wait for its turn.

use super::device::{Device, State, SwitchedOff};
use super::reader::{Happening, Order, Question, escape_command, variable_question};
use super::{Answers, PrinterFault, PrinterFaultKind, status};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const CHUNK: usize = 16 * 1024;
/// No answer in any language, and begins like none.
const GARBAGE: &[u8] = b"\xfe\xc3(\x00HTTP/1.1 400\r\n\xff";

/// Takes connections until the printer is switched off.
pub(crate) async fn accept(device: Arc<Device>, listener: TcpListener) {
    let off = device.wait_until(|_| false);
    tokio::pin!(off);
    loop {
        let stream = tokio::select! {
            _ = &mut off => return,
            taken = listener.accept() => match taken {
                Ok((stream, _)) => stream,
                // Out of descriptors or a peer that is gone already: try again, but not in a hot loop.
                Err(_) => { tokio::time::sleep(Duration::from_millis(20)).await; continue }
            },
        };
        let device = device.clone();
        tokio::spawn(async move {
            let off = device.wait_until(|_| false);
            tokio::select! {
                _ = off => {}
                // Broken lines are the sender's business; the printer only goes on.
                _ = serve(&device, stream) => {}
            }
        });
    }
}

/// Why a connection ended early.
enum Broken {
    Io,
    Off,
    Fault,
}

impl From<io::Error> for Broken {
    fn from(_: io::Error) -> Self {
        Self::Io
    }
}
impl From<SwitchedOff> for Broken {
    fn from(_: SwitchedOff) -> Self {
        Self::Off
    }
}

async fn serve(device: &Device, mut stream: TcpStream) -> Result<(), Broken> {
    stream.set_nodelay(true)?;
    let Some(first) = questions(device, &mut stream).await? else { return Ok(()) };
    let ended = job(device, stream, first).await;
    device.change(|s| s.jobs_ended += 1);
    ended
}

/// Answers questions until the first byte of a job, which is given back with what came after it.
async fn questions(device: &Device, stream: &mut TcpStream) -> Result<Option<Vec<u8>>, Broken> {
    let mut head = Vec::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        loop {
            let mid_data = device.state().mid_data;
            match lead(&head, mid_data) {
                Lead::Skip(n) => drop(head.drain(..n)),
                Lead::Happening(h, n) => {
                    head.drain(..n);
                    act(device, stream, h).await?;
                }
                Lead::More => break,
                Lead::Job => return Ok(Some(head)),
            }
        }
        let n = stream.read(&mut chunk).await?;
        if n == 0 {
            // Half a question is a job nobody will ever understand; it still went into the printer.
            return Ok((!head.is_empty()).then_some(head));
        }
        head.extend_from_slice(&chunk[..n]);
    }
}

/// What stands at the start of a connection's bytes.
enum Lead {
    Skip(usize),
    Happening(Happening, usize),
    More,
    Job,
}

fn lead(head: &[u8], mid_data: bool) -> Lead {
    match head {
        [] => Lead::More,
        // ESC ! acts at once, in any state; anything else belongs to the picture that is still open.
        [0x1b] | [0x1b, b'!'] => Lead::More,
        [0x1b, b'!', c, ..] => escape_command(*c).map_or(Lead::Skip(3), |h| Lead::Happening(h, 3)),
        _ if mid_data => Lead::Job,
        [0x1b, b'h', ..] => Lead::Happening(Happening::Asked(Question::CpclState), 2),
        [0x1b, b'i', ..] => Lead::Happening(Happening::Asked(Question::CpclSupplies), 2),
        [0x10] | [0x10, 0x04] | [b'^'] | [b'^', b'e'] => Lead::More,
        [0x10, 0x04, n, ..] => Lead::Happening(Happening::Asked(Question::EscposState(*n)), 3),
        [b'^', b'e', b'e', ..] => Lead::Happening(Happening::Asked(Question::EplError), 3),
        [b'\r' | b'\n', ..] => Lead::Skip(head.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count()),
        [b'~', ..] => {
            let known =
                [(&b"~HS"[..], Question::ZplHost), (b"~HQES", Question::ZplErrors), (b"~!T", Question::TsplModel)];
            for (text, q) in known {
                if head.starts_with(text) {
                    return Lead::Happening(Happening::Asked(q), text.len());
                }
                if text.starts_with(head) {
                    return Lead::More;
                }
            }
            Lead::Job
        }
        [b'!', ..] => match head.iter().position(|b| *b == b'\n') {
            Some(end) => match variable_question(&String::from_utf8_lossy(&head[..end])) {
                Some(q) => Lead::Happening(Happening::Asked(q), end + 1),
                None => Lead::Job,
            },
            None if head.len() < 256 => Lead::More,
            None => Lead::Job,
        },
        _ => Lead::Job,
    }
}

/// Answers a question or carries an order out. Labels are printed elsewhere.
async fn act(device: &Device, stream: &mut TcpStream, happening: Happening) -> Result<(), Broken> {
    match happening {
        Happening::Asked(q) => {
            let reply = {
                let s = device.state();
                match s.answers {
                    Answers::All => status::answer(&q, &s),
                    Answers::Mute => None,
                    Answers::Garbage => Some(GARBAGE.to_vec()),
                }
            };
            if let Some(reply) = reply {
                stream.write_all(&reply).await?;
            }
        }
        Happening::Ordered(Order::Cancel) => device.change(|s| {
            s.cancel = true;
            s.mid_data = false;
        }),
        Happening::Ordered(Order::Calibrate) => {
            device.wait_until(|s| !s.blocked()).await?;
            device.change(|s| {
                s.calibrations += 1;
                s.told_length = s.stock_length;
            });
        }
        Happening::Ordered(Order::Pause) => device.change(|s| s.paused = true),
        Happening::Ordered(Order::Resume) => device.change(|s| s.paused = false),
        Happening::Label { .. } => {}
    }
    Ok(())
}

/// One job connection, from its first byte to the sender's FIN.
async fn job(device: &Device, mut stream: TcpStream, first: Vec<u8>) -> Result<(), Broken> {
    let mut reader = device.reader.lock().await;
    let mut pending = first;
    let mut chunk = vec![0; CHUNK];
    let mut count = 0u64;
    loop {
        device.wait_until(|s| !s.stalled).await?;
        if pending.is_empty() {
            let n = stream.read(&mut chunk).await?;
            if n == 0 {
                break;
            }
            pending.extend_from_slice(&chunk[..n]);
        }
        // A printer that cannot print takes what fits its small buffer and reads no further. It sees a sender's FIN
        // all the same: a job whose last label used up the roll is done.
        device.wait_until(|s| !s.blocked()).await?;
        let fault = device.fault_from(count);
        let room = fault.map_or(usize::MAX, |f| usize::try_from(f.at_byte - count).unwrap_or(usize::MAX));
        let now: Vec<u8> = pending.drain(..pending.len().min(room)).collect();
        count += now.len() as u64;
        feed(device, &mut stream, &mut reader, &now).await?;
        if let Some(fault) = fault.filter(|f| f.at_byte == count) {
            happen(device, &mut stream, fault).await?;
            if !fault.once {
                // The same fault must not hold this job at the same byte for ever.
                pass(device, &mut stream, &mut reader, &mut pending, &mut count).await?;
            }
        }
    }
    Ok(())
}

/// After a lasting stall was resumed: lets one byte through so that the job gets past the fault's place.
async fn pass(
    device: &Device,
    stream: &mut TcpStream,
    reader: &mut super::reader::Reader,
    pending: &mut Vec<u8>,
    count: &mut u64,
) -> Result<(), Broken> {
    if pending.is_empty() {
        let mut one = [0; 1];
        if stream.read(&mut one).await? == 0 {
            return Ok(());
        }
        pending.push(one[0]);
    }
    let byte: Vec<u8> = pending.drain(..1).collect();
    *count += 1;
    feed(device, stream, reader, &byte).await
}

/// Lets the reader work on new bytes and does what comes out of it.
async fn feed(
    device: &Device,
    stream: &mut TcpStream,
    reader: &mut super::reader::Reader,
    bytes: &[u8],
) -> Result<(), Broken> {
    obey_cancel(device, reader);
    reader.push(bytes);
    while let Some(happening) = reader.next() {
        match happening {
            Happening::Label { raster, copies, bytes } => {
                for _ in 0..copies.min(9999) {
                    device.print(&raster, &bytes).await?;
                }
            }
            other => act(device, stream, other).await?,
        }
        obey_cancel(device, reader);
    }
    let (mid_data, complaints) = (reader.mid_data(), reader.complaints());
    device.change(|s: &mut State| {
        s.mid_data = mid_data;
        if s.complaints.len() != complaints.len() {
            s.complaints = complaints.to_vec();
        }
    });
    Ok(())
}

fn obey_cancel(device: &Device, reader: &mut super::reader::Reader) {
    if std::mem::take(&mut device.state().cancel) {
        reader.cancel();
    }
}

async fn happen(device: &Device, stream: &mut TcpStream, fault: PrinterFault) -> Result<(), Broken> {
    device.change(|s| {
        if fault.once
            && let Some(i) = s.faults.iter().position(|f| *f == fault)
        {
            s.faults.remove(i);
        }
        s.stalled |= fault.kind == PrinterFaultKind::Stall;
    });
    match fault.kind {
        PrinterFaultKind::Stall => Ok(device.wait_until(|s| !s.stalled).await?),
        PrinterFaultKind::Reset => {
            stream.set_zero_linger()?;
            Err(Broken::Fault)
        }
        PrinterFaultKind::Close => {
            stream.shutdown().await?;
            // Unread bytes would turn the close into a reset: read them to the end and throw them away.
            let mut waste = vec![0; CHUNK];
            while stream.read(&mut waste).await? > 0 {}
            Err(Broken::Fault)
        }
    }
}
