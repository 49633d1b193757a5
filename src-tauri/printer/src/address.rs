//! Where a printer is, as a person writes it and as it is stored: `tcp://192.168.1.9:9100`, `cups://queue`,
//! `cups://host:631/queue`, `ipp://host:631/path`, `cainiao://127.0.0.1:13528/printer`, `file:///folder`, and those of
//! [`local`].
//!
//! Reading never panics and every error says what is wrong and what a right address looks like. What was read, written
//! again and read again is the same address. Deliberately absent: I/O; whether the printer exists is the link's matter.

mod local;

use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::str::FromStr;

/// Port of raw printing.
const RAW_PORT: u16 = 9100;
/// Port of IPP.
const IPP_PORT: u16 = 631;
/// CUPS refuses longer queue names (IPP printer-name: 127 bytes).
const LONGEST_QUEUE: usize = 127;
/// IPP: longest URI is 1023 bytes; this leaves room for the host, and for escapes.
const LONGEST_PATH: usize = 255;
/// Windows: longest name of a printer, without its server.
const LONGEST_PRINTER: usize = 220;
/// RFC 1035: longest name of a host.
const LONGEST_HOST: usize = 253;

/// A printer's address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LinkAddress {
    /// Raw TCP, usually port 9100.
    Tcp {
        /// Name, IPv4 or IPv6 address, the last without brackets.
        host: String,
        /// TCP port, never 0.
        port: u16,
    },
    /// A raw CUPS queue.
    Cups {
        /// `host:port` or the path of a Unix socket; `None` = environment variable `CUPS_SERVER`, or the system's own.
        server: Option<String>,
        /// Name of the queue.
        queue: String,
    },
    /// A queue that prints pages: an IPP printer, or a driver queue of a spooler.
    Ipp {
        /// Name, IPv4 or IPv6 address, the last without brackets.
        host: String,
        /// TCP port, never 0.
        port: u16,
        /// Begins with `/`, escaped, as it stands in the printer's URI.
        path: String,
    },
    /// A printer of the Cainiao print component on this computer; always at 127.0.0.1.
    Cainiao {
        /// TCP port, never 0.
        port: u16,
        /// As the component lists it.
        printer: String,
    },
    /// A USB printer.
    Usb {
        /// USB vendor id.
        vendor: u16,
        /// USB product id.
        product: u16,
        /// Its serial number; `None` = the only one of its kind that is plugged in.
        serial: Option<String>,
    },
    /// A printer's node of the Linux kernel.
    Lp {
        /// Absolute path below `/dev`.
        node: PathBuf,
    },
    /// A serial port, 8N1 with RTS/CTS.
    Serial {
        /// Path below `/dev`, or `COM` and a number.
        port: String,
        /// Bits a second.
        baud: u32,
    },
    /// A printer of the Windows spooler.
    Winspool {
        /// As Windows shows it.
        name: String,
    },
    /// A folder that gets one `.prn` file a job.
    File {
        /// Absolute path of a folder.
        path: PathBuf,
    },
}

/// What is wrong with a printer address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkAddressError {
    /// There is no kind in front.
    #[error("the printer address {text:?} does not say its kind; write tcp://{text}, cups://QUEUE or usb:VID:PID")]
    NoKind {
        /// What was given, shortened.
        text: String,
    },
    /// The kind is none that we can talk to.
    #[error(
        "{kind:?} is not a kind of printer link; write tcp://HOST:9100, cups://QUEUE, cups://HOST:631/QUEUE, \
         ipp://HOST:631/PATH, usb:VID:PID, lp:/dev/usb/lp0, serial:/dev/ttyUSB0, winspool:NAME, \
         cainiao://127.0.0.1:13528/PRINTER or file:///FOLDER"
    )]
    UnknownKind {
        /// What stands before the colon, shortened.
        kind: String,
    },
    /// The host is missing or is not a host.
    #[error(
        "{host:?} is not a host; write a name or an IP address as in tcp://192.168.1.9:9100 or tcp://[fe80::1]:9100"
    )]
    Host {
        /// What was given, shortened.
        host: String,
    },
    /// The port is not a port.
    #[error("{port:?} is not a port; write a number from 1 to 65535 as in tcp://192.168.1.9:9100")]
    Port {
        /// What was given, shortened.
        port: String,
    },
    /// Something stands after the port.
    #[error("{rest:?} has no meaning after the port; write only tcp://HOST:PORT")]
    Surplus {
        /// What was given, shortened.
        rest: String,
    },
    /// The queue's name is missing, too long, or holds characters that CUPS does not allow.
    #[error(
        "{queue:?} is not the name of a CUPS queue (1 to 127 bytes without spaces, /, # and ?); write cups://QUEUE or \
         cups://HOST:631/QUEUE"
    )]
    Queue {
        /// What was given, shortened.
        queue: String,
    },
    /// A `%` is not followed by two hex digits, or they are not UTF-8.
    #[error("{text:?} has a % that is not followed by the two hex digits of a character; write %25 for the % itself")]
    Percent {
        /// What was given, shortened.
        text: String,
    },
    /// Not the path of an IPP printer.
    #[error(
        "{text:?} is not a path of an IPP printer; write ipp://HOST:631/ipp/print or ipp://HOST:631/printers/QUEUE"
    )]
    IppPath {
        /// What was given, shortened.
        text: String,
    },
    /// Not a printer of the print component on this computer.
    #[error(
        "{text:?} is not a printer of the print component on this computer; write cainiao://127.0.0.1:13528/PRINTER with \
         the name that the component lists"
    )]
    Component {
        /// What was given, shortened.
        text: String,
    },
    /// Not the ids of a USB device.
    #[error("{text:?} does not name a USB device; write usb:VID:PID or usb:VID:PID:SERIAL with ids of four hex digits")]
    Usb {
        /// What was given, shortened.
        text: String,
    },
    /// Not a node.
    #[error("{text:?} is not a printer's node; write its path below /dev, as in lp:/dev/usb/lp0")]
    Lp {
        /// What was given, shortened.
        text: String,
    },
    /// Not a port.
    #[error("{text:?} is not a serial port; write serial:/dev/ttyUSB0?baud=9600 or serial:COM3?baud=9600")]
    Serial {
        /// What was given, shortened.
        text: String,
    },
    /// Not a speed.
    #[error("{text:?} is not a speed; write ?baud= and a number from 300 to 4000000, as in serial:COM3?baud=115200")]
    Baud {
        /// What was given, shortened.
        text: String,
    },
    /// Not a name of a printer.
    #[error("{text:?} is not a printer of Windows; write winspool: and its name (1 to 220 characters)")]
    Winspool {
        /// What was given, shortened.
        text: String,
    },
    /// Not an absolute path.
    #[error("{text:?} is not the address of a folder; write file:///, then its whole path, as in {}", EXAMPLE_FOLDER)]
    Path {
        /// What was given, shortened.
        text: String,
    },
}

const EXAMPLE_FOLDER: &str = if cfg!(windows) { "file:///C:/labels" } else { "file:///home/me/labels" };

impl FromStr for LinkAddress {
    type Err = LinkAddressError;

    fn from_str(text: &str) -> Result<Self, LinkAddressError> {
        let text = text.trim();
        let Some((kind, rest)) = text.split_once(':') else {
            return Err(LinkAddressError::NoKind { text: shown(text) });
        };
        let network = |read: fn(&str) -> Result<Self, LinkAddressError>| match rest.strip_prefix("//") {
            Some(rest) => read(rest),
            None => Err(LinkAddressError::NoKind { text: shown(text) }),
        };
        match kind.to_ascii_lowercase().as_str() {
            "tcp" => network(tcp),
            "cups" => network(cups),
            "ipp" => network(ipp),
            "cainiao" => network(cainiao),
            "file" => network(file),
            "usb" => local::usb(rest),
            "lp" => local::lp(rest),
            "serial" => local::serial(rest),
            "winspool" => local::winspool(rest),
            // `host:9100` has a colon, too.
            _ if !rest.starts_with("//") => Err(LinkAddressError::NoKind { text: shown(text) }),
            _ => Err(LinkAddressError::UnknownKind { kind: shown(kind) }),
        }
    }
}

fn tcp(rest: &str) -> Result<LinkAddress, LinkAddressError> {
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if !path.is_empty() {
        return Err(LinkAddressError::Surplus { rest: shown(path) });
    }
    let (host, port) = host_port(authority, RAW_PORT)?;
    Ok(LinkAddress::Tcp { host, port })
}

fn cups(rest: &str) -> Result<LinkAddress, LinkAddressError> {
    let Some((server, queue)) = rest.split_once('/') else {
        return Ok(LinkAddress::Cups { server: None, queue: queue_name(rest)? });
    };
    let server = unescape(server)?;
    let server = if server.starts_with('/') {
        if server.chars().any(char::is_control) || server.trim() != server {
            return Err(LinkAddressError::Host { host: shown(&server) });
        }
        server
    } else {
        let (host, port) = host_port(&server, IPP_PORT)?;
        join(&host, port)
    };
    Ok(LinkAddress::Cups { server: Some(server), queue: queue_name(queue)? })
}

fn ipp(rest: &str) -> Result<LinkAddress, LinkAddressError> {
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = host_port(authority, IPP_PORT)?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"?#\\\"<>^`{|}".contains(c);
    if path.is_empty() || path.len() > LONGEST_PATH || !path.chars().all(plain) {
        return Err(LinkAddressError::IppPath { text: shown(path) });
    }
    unescape(path)?;
    let escaped = path.bytes().map(|b| if b.is_ascii() { char::from(b).to_string() } else { format!("%{b:02X}") });
    Ok(LinkAddress::Ipp { host, port, path: std::iter::once("/".to_owned()).chain(escaped).collect() })
}

/// What the component decrypts, and what it prints, is nobody's business on the network: no other host is taken.
fn cainiao(rest: &str) -> Result<LinkAddress, LinkAddressError> {
    let wrong = || LinkAddressError::Component { text: shown(rest) };
    let (authority, name) = rest.split_once('/').ok_or_else(wrong)?;
    let (host, port) = host_port(authority, crate::COMPONENT_PORT)?;
    let printer = unescape(name)?;
    let banned = |c: char| c.is_control() || (c.is_whitespace() && c != ' ');
    if !matches!(host.as_str(), "127.0.0.1" | "localhost")
        || printer.trim().is_empty()
        || printer.chars().count() > LONGEST_PRINTER
        || printer.contains(banned)
    {
        return Err(wrong());
    }
    Ok(LinkAddress::Cainiao { port, printer })
}

fn file(rest: &str) -> Result<LinkAddress, LinkAddressError> {
    let wrong = || LinkAddressError::Path { text: shown(rest) };
    if !rest.starts_with('/') || rest.contains(['?', '#', '\0']) {
        return Err(wrong());
    }
    let url = url::Url::parse(&format!("file://{rest}")).map_err(|_| wrong())?;
    let path = url.to_file_path().map_err(|()| wrong())?;
    // `%00` would end the path early in the system's own calls.
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        return Err(wrong());
    }
    Ok(LinkAddress::File { path })
}

/// Splits `host`, `host:port`, `[v6]` and `[v6]:port`. The host comes back without brackets, in lower case.
pub(crate) fn host_port(authority: &str, default_port: u16) -> Result<(String, u16), LinkAddressError> {
    let wrong_host = |h: &str| LinkAddressError::Host { host: shown(h) };
    let (host, port) = if let Some(inner) = authority.strip_prefix('[') {
        let (v6, after) = inner.split_once(']').ok_or_else(|| wrong_host(authority))?;
        let v6: Ipv6Addr = v6.parse().map_err(|_| wrong_host(v6))?;
        let port = match after.strip_prefix(':') {
            Some(p) => Some(p),
            None if after.is_empty() => None,
            None => return Err(wrong_host(authority)),
        };
        (v6.to_string(), port)
    } else {
        let (host, port) = match authority.split_once(':') {
            Some((_, p)) if p.contains(':') => return Err(wrong_host(authority)),
            Some((h, p)) => (h, Some(p)),
            None => (authority, None),
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if host.is_empty() || host.len() > LONGEST_HOST || !host.chars().all(allowed) {
            return Err(wrong_host(host));
        }
        (host.to_ascii_lowercase(), port)
    };
    let port = match port {
        None => default_port,
        Some(p) => p
            .parse::<u16>()
            .ok()
            .filter(|n| *n > 0 && p.bytes().all(|b| b.is_ascii_digit()))
            .ok_or_else(|| LinkAddressError::Port { port: shown(p) })?,
    };
    Ok((host, port))
}

/// `host:port`, with brackets where the host is an IPv6 address.
pub(crate) fn join(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// CUPS (`validate_name` in its `cups/dest.c` and lpadmin): no space, `/`, `#`, control characters; newer ones refuse
/// `?`, quotes and backslash as well.
fn queue_name(text: &str) -> Result<String, LinkAddressError> {
    let name = unescape(text)?;
    let banned = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '#' | '?' | '\\' | '"' | '\'');
    if name.is_empty() || name.len() > LONGEST_QUEUE || name.contains(banned) {
        return Err(LinkAddressError::Queue { queue: shown(&name) });
    }
    Ok(name)
}

fn unescape(text: &str) -> Result<String, LinkAddressError> {
    let wrong = || LinkAddressError::Percent { text: shown(text) };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&b, after)) = rest.split_first() {
        rest = after;
        if b != b'%' {
            bytes.push(b);
            continue;
        }
        let digit = |i: usize| after.get(i).and_then(|d| char::from(*d).to_digit(16));
        let (Some(hi), Some(lo)) = (digit(0), digit(1)) else { return Err(wrong()) };
        bytes.push(u8::try_from(hi * 16 + lo).map_err(|_| wrong())?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

/// Escapes the ASCII characters in `also`, `%`, spaces and control characters; leaves other letters as people read
/// them.
pub(crate) fn escape(text: &str, also: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() && (c == '%' || c == ' ' || c.is_ascii_control() || also.contains(c)) {
            out.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

impl fmt::Display for LinkAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => write!(f, "tcp://{}", join(host, *port)),
            Self::Cups { server: None, queue } => write!(f, "cups://{}", escape(queue, "")),
            Self::Cups { server: Some(server), queue } => {
                write!(f, "cups://{}/{}", escape(server, "/"), escape(queue, ""))
            }
            Self::Ipp { host, port, path } => write!(f, "ipp://{}{path}", join(host, *port)),
            Self::Cainiao { port, printer } => write!(f, "cainiao://127.0.0.1:{port}/{}", escape(printer, "")),
            Self::Usb { vendor, product, serial } => local::write_usb(f, *vendor, *product, serial.as_deref()),
            Self::Lp { node } => write!(f, "lp:{}", escape(&node.to_string_lossy(), "")),
            Self::Serial { port, baud } => local::write_serial(f, port, *baud),
            Self::Winspool { name } => write!(f, "winspool:{name}"),
            Self::File { path } => match path.to_str() {
                Some(p) if !cfg!(windows) => write!(f, "file://{}", escape(p, "?#\\")),
                _ => match url::Url::from_file_path(path) {
                    Ok(url) => f.write_str(url.as_str()),
                    // Only a relative path, which reading never gives, ends here.
                    Err(()) => write!(f, "file://{}", path.display()),
                },
            },
        }
    }
}

/// What the error shows of a hostile or pasted text: enough to recognise it.
fn shown(text: &str) -> String {
    const LIMIT: usize = 80;
    let mut s: String = text.chars().take(LIMIT).collect();
    if s.len() < text.len() {
        s.push('…');
    }
    s
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(s: &str) -> Result<LinkAddress, LinkAddressError> {
        s.parse()
    }

    #[test]
    fn right_addresses_are_read_and_written_in_one_form() {
        for (given, written) in [
            ("tcp://192.168.1.9", "tcp://192.168.1.9:9100"),
            ("tcp://192.168.1.9:9101", "tcp://192.168.1.9:9101"),
            (" TCP://Printer-2.local:9100/ ", "tcp://printer-2.local:9100"),
            ("tcp://[FE80::1]:9100", "tcp://[fe80::1]:9100"),
            ("tcp://[::1]", "tcp://[::1]:9100"),
            ("cups://zebra", "cups://zebra"),
            ("cups://面单打印机", "cups://面单打印机"),
            ("cups://%E9%9D%A2", "cups://面"),
            ("cups://100%25", "cups://100%25"),
            ("cups://127.0.0.1:8631/q", "cups://127.0.0.1:8631/q"),
            ("cups://server/q", "cups://server:631/q"),
            ("cups://%2Frun%2Fcups%2Fcups.sock/q", "cups://%2Frun%2Fcups%2Fcups.sock/q"),
            ("ipp://Printer.local/ipp/print", "ipp://printer.local:631/ipp/print"),
            ("cainiao://localhost/ZDesigner GK888t", "cainiao://127.0.0.1:13528/ZDesigner%20GK888t"),
            ("cainiao://127.0.0.1:13600/%5C%5Cserver/面单 100%25", r"cainiao://127.0.0.1:13600/\\server/面单%20100%25"),
            ("ipp://[::1]:8631/printers/面", "ipp://[::1]:8631/printers/%E9%9D%A2"),
        ] {
            let a = read(given).unwrap_or_else(|e| panic!("{given} is right, but: {e}"));
            assert_eq!(a.to_string(), written, "one written form of {given}");
        }
        assert_eq!(
            read("cups://%2Frun%2Fcups%2Fcups.sock/q"),
            Ok(LinkAddress::Cups { server: Some("/run/cups/cups.sock".into()), queue: "q".into() }),
            "a socket path is a server"
        );
    }

    #[cfg(unix)]
    #[test]
    fn folders_are_absolute_and_keep_their_names() {
        for (given, path) in [
            ("file:///tmp/out", "/tmp/out"),
            ("file:///tmp/面单 1", "/tmp/面单 1"),
            ("file:///tmp/50%25", "/tmp/50%"),
            ("file:///", "/"),
        ] {
            let a = read(given).expect("a right folder address");
            assert_eq!(a, LinkAddress::File { path: path.into() }, "{given}");
            assert_eq!(read(&a.to_string()), Ok(a.clone()), "{a} reads back as itself");
        }
    }

    #[test]
    fn wrong_addresses_are_named_by_what_is_wrong() {
        use LinkAddressError as E;
        type Check = fn(&E) -> bool;
        let cases: [(&str, Check); 37] = [
            ("cainiao:127.0.0.1/x", |e| matches!(e, E::NoKind { .. })),
            ("cainiao://127.0.0.1:13528", |e| matches!(e, E::Component { .. })),
            ("cainiao://127.0.0.1:13528/", |e| matches!(e, E::Component { .. })),
            ("cainiao://192.168.1.9:13528/x", |e| matches!(e, E::Component { .. })),
            ("cainiao://127.0.0.1.evil.cn:13528/x", |e| matches!(e, E::Component { .. })),
            ("cainiao://0.0.0.0:13528/x", |e| matches!(e, E::Component { .. })),
            ("cainiao://[::1]:13528/x", |e| matches!(e, E::Component { .. })),
            ("cainiao://me@127.0.0.1/x", |e| matches!(e, E::Host { .. })),
            ("cainiao://127.0.0.1:13528/a%0Ab", |e| matches!(e, E::Component { .. })),
            ("", |e| matches!(e, E::NoKind { .. })),
            ("192.168.1.9", |e| matches!(e, E::NoKind { .. })),
            ("192.168.1.9:9100", |e| matches!(e, E::NoKind { .. })),
            ("tcp:192.168.1.9", |e| matches!(e, E::NoKind { .. })),
            ("ipp://host", |e| matches!(e, E::IppPath { .. })),
            ("ipp://host/a b", |e| matches!(e, E::IppPath { .. })),
            ("ipp://host/%4", |e| matches!(e, E::Percent { .. })),
            ("http://192.168.1.9", |e| matches!(e, E::UnknownKind { .. })),
            ("://", |e| matches!(e, E::UnknownKind { .. })),
            ("tcp://", |e| matches!(e, E::Host { .. })),
            ("tcp://:9100", |e| matches!(e, E::Host { .. })),
            ("tcp://a b", |e| matches!(e, E::Host { .. })),
            ("tcp://user@host", |e| matches!(e, E::Host { .. })),
            ("tcp://fe80::1", |e| matches!(e, E::Host { .. })),
            ("tcp://[zz]", |e| matches!(e, E::Host { .. })),
            ("tcp://[::1]9100", |e| matches!(e, E::Host { .. })),
            ("tcp://h:0", |e| matches!(e, E::Port { .. })),
            ("tcp://h:65536", |e| matches!(e, E::Port { .. })),
            ("tcp://h:+9", |e| matches!(e, E::Port { .. })),
            ("tcp://h:", |e| matches!(e, E::Port { .. })),
            ("tcp://h/queue", |e| matches!(e, E::Surplus { .. })),
            ("cups://", |e| matches!(e, E::Queue { .. })),
            ("cups://host:631/", |e| matches!(e, E::Queue { .. })),
            ("cups://host:631/a/b", |e| matches!(e, E::Queue { .. })),
            ("cups://two words", |e| matches!(e, E::Queue { .. })),
            ("cups://100%", |e| matches!(e, E::Percent { .. })),
            ("file://relative/x", |e| matches!(e, E::Path { .. })),
            ("file:///a?b", |e| matches!(e, E::Path { .. })),
        ];
        for (text, right) in cases {
            let e = read(text).expect_err(text);
            assert!(right(&e), "{text:?} gave {e:?}");
            assert!(e.to_string().contains("write"), "{text:?}: the error shows what to write: {e}");
        }
    }

    #[test]
    fn a_very_long_address_makes_a_short_error() {
        let e = read(&format!("tcp://{}", "x".repeat(1 << 20))).expect_err("no host is that long");
        assert!(e.to_string().len() < 600, "the error stays readable");
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in any::<String>()) {
            let _ = read(&text);
        }

        #[test]
        fn nothing_after_a_kind_makes_reading_panic(kind in "(tcp|cups|ipp|cainiao|file)://", rest in any::<String>()) {
            let _ = read(&(kind + &rest));
        }

        #[test]
        fn what_was_read_is_written_so_that_it_reads_the_same(
            text in "(tcp://[a-z0-9.]{1,9}(:[0-9]{1,5})?|cups://([%a-z0-9.:\\[\\]]{1,9}/)?[^/]{1,9}|ipp://[a-z0-9.]{1,9}/\\PC{1,9}|\
                     cainiao://(localhost|127.0.0.1)(:[0-9]{1,5})?/\\PC{1,9}|\
                     file:///[^?#]{0,12})"
        ) {
            if let Ok(a) = read(&text) {
                prop_assert_eq!(read(&a.to_string()), Ok(a.clone()), "written as {}", a);
            }
        }
    }
}
