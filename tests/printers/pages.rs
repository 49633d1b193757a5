//! Queues that print pages: a real IPP printer of CUPS's makers (`ippeveprinter`) gets the label's dots and its exact
//! size.
#![cfg(target_os = "linux")]

use super::support::{Running, eventually, free_port, noise};
use domain::evidence::Evidence;
use domain::printer::{DeviceState, Encoder, Language, Media, SendOutcome};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize, Mm};
use printer::LinkAddress;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a label printer of 203 dpi says of itself; the rest is the program's own.
const ATTRIBUTES: &str = "\
ATTR keyword pwg-raster-document-type-supported black_1,sgray_8
ATTR resolution pwg-raster-document-resolution-supported 203dpi
ATTR resolution printer-resolution-default 203dpi
ATTR resolution printer-resolution-supported 203dpi
ATTR keyword print-color-mode-supported bi-level,monochrome
ATTR keyword print-color-mode-default bi-level
ATTR keyword print-scaling-supported none
ATTR keyword media-default custom_100x180mm_100x180mm
ATTR keyword media-supported custom_min_25x25mm,custom_max_110x300mm
ATTR collection media-size-supported {
    MEMBER rangeOfInteger x-dimension 2500-11000
    MEMBER rangeOfInteger y-dimension 2500-30000
}
";

/// Keeps the document and what the printer understood of its ticket.
const COMMAND: &str = "#!/bin/sh\ncp \"$1\" page.part && env >ticket && mv page.part page\n";

/// An IPP printer that prints into a folder.
struct PagePrinter {
    address: LinkAddress,
    folder: tempfile::TempDir,
    _process: Running,
}

impl PagePrinter {
    async fn start() -> Self {
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let file = |name: &str| folder.path().join(name);
        fs::write(file("attributes"), ATTRIBUTES).expect("written");
        fs::write(file("command"), COMMAND).expect("written");
        fs::set_permissions(file("command"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a program");
        fs::create_dir(file("spool")).expect("a folder");
        let arguments = format!(
            "-r off -n localhost -p {port} -d {} -a {} -c {} label",
            file("spool").display(),
            file("attributes").display(),
            file("command").display()
        );
        // It does not start without a system bus; it gets one of its own, on which nobody announces it.
        let process = Command::new("dbus-run-session")
            .args(["--", "sh", "-c"])
            .arg(format!("DBUS_SYSTEM_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS exec ippeveprinter {arguments}"))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-run-session starts (package dbus)");
        let process = Running(process);
        let server = format!("localhost:{port}");
        eventually("ippeveprinter listens (package cups-ipp-utils)", || TcpStream::connect(&server).ok()).await;
        let address = format!("ipp://{server}/ipp/print").parse().expect("a right address");
        Self { address, folder, _process: process }
    }

    async fn file(&self, name: &str) -> Vec<u8> {
        let path: PathBuf = self.folder.path().join(name);
        eventually(name, || fs::read(Path::new(&path)).ok()).await
    }
}

fn media(dpi: Dpi) -> Media {
    let size = LabelSize { width: Mm(100.0), height: Mm(180.0) };
    Media::usual(size, dpi)
}

/// Noise above, blank rows and long equal ones below: every kind of run.
fn picture() -> Raster {
    let mut raster = Raster::white(800, 1440);
    raster.bits_mut()[..100 * 300].copy_from_slice(&noise(100 * 300));
    raster.bits_mut()[100 * 1000..100 * 1400].fill(0xff);
    raster
}

/// Reads PWG raster as PWG 5102.4 describes it: header, width, height and one byte a pixel.
fn read_pwg(page: &[u8]) -> (Vec<u8>, usize, usize, Vec<u8>) {
    let mut rest = page.strip_prefix(b"RaS2").expect("the sync word");
    let header = rest.split_off(..1796).expect("a header").to_vec();
    let number = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().expect("4 bytes")) as usize;
    let (width, height) = (number(372), number(376));
    let mut take = |count: usize| rest.split_off(..count).expect("more data");
    let mut pixels = Vec::new();
    while pixels.len() < width * height {
        let lines = usize::from(take(1)[0]) + 1;
        let mut line: Vec<u8> = Vec::new();
        while line.len() < width {
            match usize::from(take(1)[0]) {
                code @ 0..=127 => line.extend(take(1).repeat(code + 1)),
                code @ 129.. => line.extend(take(257 - code)),
                128 => line.resize(width, 255),
            }
        }
        assert_eq!(line.len(), width, "a row ends where it should");
        pixels.extend(line.repeat(lines));
    }
    assert_eq!((rest.len(), pixels.len()), (0, width * height), "and the page, too");
    (header, width, height, pixels)
}

#[tokio::test]
async fn an_ipp_printer_gets_every_dot_and_the_exact_size() {
    let device = PagePrinter::start().await;
    let link = printer::open(&device.address, printer::generic(Language::Tspl));
    assert_eq!(link.state().await, DeviceState::CannotTell, "idle says nothing of the labels");
    let raster = picture();
    let job = printer::encoder_for(&device.address, printer::generic(Language::Tspl))
        .encode(&raster, &media(Dpi::D203))
        .unwrap();
    assert_eq!(link.send(&job).await, SendOutcome::Sent(Evidence::BytesAccepted));
    let (header, width, height, pixels) = read_pwg(&device.file("page").await);
    assert!(header[1732..].starts_with(b"custom_100x180mm_100x180mm\0"), "the size's name");
    assert_eq!((width, height), (800, 1440));
    let wrong = (0..1440u32)
        .flat_map(|y| (0..800u32).map(move |x| (x, y)))
        .filter(|(x, y)| (pixels[*y as usize * width + *x as usize] == 0) != raster.get(*x, *y))
        .count();
    assert_eq!(wrong, 0, "dots that differ");
    let ticket = String::from_utf8(device.file("ticket").await).expect("text");
    let line = |key: &str| ticket.lines().find(|l| l.starts_with(key)).unwrap_or_else(|| panic!("no {key}:\n{ticket}"));
    let media = line("IPP_MEDIA_COL=");
    for part in ["x-dimension=10000", "y-dimension=18000", "media-top-margin=0", "media-left-margin=0"] {
        assert!(media.contains(part), "{part} in {media}");
    }
    assert_eq!(line("IPP_PRINT_SCALING="), "IPP_PRINT_SCALING=none");
    assert_eq!(line("IPP_PRINT_COLOR_MODE="), "IPP_PRINT_COLOR_MODE=bi-level");
}

#[tokio::test]
async fn what_would_be_scaled_or_is_no_page_is_refused_before_a_byte() {
    let device = PagePrinter::start().await;
    let link = printer::open(&device.address, printer::generic(Language::Tspl));
    let pages = printer::encoder_for(&device.address, printer::generic(Language::Tspl));
    for (job, why) in [
        (pages.encode(&Raster::white(1181, 2126), &media(Dpi::D300)).unwrap(), "[203] dpi"),
        (printer::encoder(printer::generic(Language::Tspl)).encode(&picture(), &media(Dpi::D203)).unwrap(), "no page"),
    ] {
        let outcome = link.send(&job).await;
        assert!(matches!(&outcome, SendOutcome::NothingSent(reason) if reason.contains(why)), "{why}: {outcome:?}");
    }
    assert!(!device.folder.path().join("page").exists(), "nothing was printed");
}
