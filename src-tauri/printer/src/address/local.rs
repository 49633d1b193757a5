//! Addresses of printers at this computer: `usb:VID:PID[:SERIAL]`, `lp:/dev/usb/lp0`, `serial:/dev/ttyUSB0?baud=9600`,
//! `winspool:NAME`. They have no `//`: nothing in them is a host.

use super::{LinkAddress, LinkAddressError, escape, shown, unescape};
use std::fmt;

/// What a port is set to where the address does not say: what most label printers are delivered with.
const USUAL_BAUD: u32 = 9600;
/// USB strings hold at most 126 UTF-16 units.
const LONGEST_SERIAL: usize = 126;
/// Windows: longest name of a printer, without its server.
const LONGEST_WINSPOOL: usize = 220;

pub(super) fn usb(rest: &str) -> Result<LinkAddress, LinkAddressError> {
    let wrong = || LinkAddressError::Usb { text: shown(rest) };
    let mut parts = rest.splitn(3, ':');
    let mut id = || {
        let digits = parts.next().filter(|d| (1..=4).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_hexdigit()));
        digits.and_then(|d| u16::from_str_radix(d, 16).ok()).ok_or_else(wrong)
    };
    let (vendor, product) = (id()?, id()?);
    let serial = parts.next().map(unescape).transpose()?;
    let banned = |c: char| c.is_control() || (c.is_whitespace() && c != ' ');
    if serial.as_ref().is_some_and(|s| s.is_empty() || s.chars().count() > LONGEST_SERIAL || s.contains(banned)) {
        return Err(wrong());
    }
    Ok(LinkAddress::Usb { vendor, product, serial })
}

pub(super) fn lp(rest: &str) -> Result<LinkAddress, LinkAddressError> {
    let node = unescape(rest)?;
    if !is_device_path(&node) {
        return Err(LinkAddressError::Lp { text: shown(rest) });
    }
    Ok(LinkAddress::Lp { node: node.into() })
}

pub(super) fn serial(rest: &str) -> Result<LinkAddress, LinkAddressError> {
    let (port, query) = rest.split_once('?').map_or((rest, None), |(port, query)| (port, Some(query)));
    let port = unescape(port)?;
    let com = port.get(..3).is_some_and(|c| c.eq_ignore_ascii_case("com"))
        && (1..=3).contains(&port[3..].len())
        && port[3..].bytes().all(|b| b.is_ascii_digit());
    if !com && !is_device_path(&port) {
        return Err(LinkAddressError::Serial { text: shown(rest) });
    }
    let baud = match query {
        None => USUAL_BAUD,
        Some(query) => {
            let digits = query.strip_prefix("baud=").filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
            let baud = digits.and_then(|d| d.parse().ok()).filter(|baud| (300..=4_000_000).contains(baud));
            baud.ok_or_else(|| LinkAddressError::Baud { text: shown(query) })?
        }
    };
    Ok(LinkAddress::Serial { port: if com { port.to_ascii_uppercase() } else { port }, baud })
}

pub(super) fn winspool(rest: &str) -> Result<LinkAddress, LinkAddressError> {
    let name = rest.trim();
    if name.is_empty() || name.chars().count() > LONGEST_WINSPOOL || name.contains(char::is_control) {
        return Err(LinkAddressError::Winspool { text: shown(name) });
    }
    Ok(LinkAddress::Winspool { name: name.to_owned() })
}

/// An absolute path below `/dev` without steps back up.
fn is_device_path(path: &str) -> bool {
    path.strip_prefix("/dev/").is_some_and(|rest| !rest.is_empty())
        && path.split('/').skip(1).all(|part| !matches!(part, "" | "." | ".."))
        && !path.contains(|c: char| c.is_control() || (c.is_whitespace() && c != ' '))
}

/// Writes the address of a USB device.
pub(super) fn write_usb(f: &mut fmt::Formatter<'_>, vendor: u16, product: u16, serial: Option<&str>) -> fmt::Result {
    write!(f, "usb:{vendor:04x}:{product:04x}")?;
    serial.map_or(Ok(()), |s| write!(f, ":{}", escape(s, "")))
}

/// Writes the address of a port.
pub(super) fn write_serial(f: &mut fmt::Formatter<'_>, port: &str, baud: u32) -> fmt::Result {
    write!(f, "serial:{}?baud={baud}", escape(port, "?"))
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
            ("usb:0A5F:166", "usb:0a5f:0166"),
            ("USB:1203:0272:TE-2 0:7%25", "usb:1203:0272:TE-2%200:7%25"),
            ("lp:/dev/usb/lp0", "lp:/dev/usb/lp0"),
            ("serial:/dev/ttyUSB0", "serial:/dev/ttyUSB0?baud=9600"),
            ("serial:com3?baud=115200", "serial:COM3?baud=115200"),
            (" winspool: ZDesigner GK420t (100%) ", "winspool:ZDesigner GK420t (100%)"),
            (r"winspool:\\server\面单", r"winspool:\\server\面单"),
        ] {
            let a = read(given).unwrap_or_else(|e| panic!("{given} is right, but: {e}"));
            assert_eq!(a.to_string(), written, "one written form of {given}");
            assert_eq!(read(written), Ok(a), "{written} reads back as itself");
        }
    }

    #[test]
    fn wrong_addresses_are_named_by_what_is_wrong() {
        use LinkAddressError as E;
        type Check = fn(&E) -> bool;
        let cases: [(&str, Check); 17] = [
            ("usb:", |e| matches!(e, E::Usb { .. })),
            ("usb:0a5f", |e| matches!(e, E::Usb { .. })),
            ("usb:/dev/usb/lp0", |e| matches!(e, E::Usb { .. })),
            ("usb:0a5f:0x1", |e| matches!(e, E::Usb { .. })),
            ("usb:0a5f:+1", |e| matches!(e, E::Usb { .. })),
            ("usb:0a5f:1:", |e| matches!(e, E::Usb { .. })),
            ("usb:0a5f:1:%zz", |e| matches!(e, E::Percent { .. })),
            ("lp:", |e| matches!(e, E::Lp { .. })),
            ("lp:/etc/passwd", |e| matches!(e, E::Lp { .. })),
            ("lp:/dev/../etc/passwd", |e| matches!(e, E::Lp { .. })),
            ("lp:///dev/usb/lp0", |e| matches!(e, E::Lp { .. })),
            ("serial:", |e| matches!(e, E::Serial { .. })),
            ("serial:COM", |e| matches!(e, E::Serial { .. })),
            ("serial:/tmp/x", |e| matches!(e, E::Serial { .. })),
            ("serial:COM1?baud=1", |e| matches!(e, E::Baud { .. })),
            ("serial:COM1?speed=9600", |e| matches!(e, E::Baud { .. })),
            ("winspool:", |e| matches!(e, E::Winspool { .. })),
        ];
        for (text, right) in cases {
            let e = read(text).expect_err(text);
            assert!(right(&e), "{text:?} gave {e:?}");
            assert!(e.to_string().contains("write"), "{text:?}: the error shows what to write: {e}");
        }
    }

    proptest! {
        #[test]
        fn nothing_after_a_kind_makes_reading_panic(kind in "(usb|lp|serial|winspool):", rest in any::<String>()) {
            let _ = read(&(kind + &rest));
        }

        #[test]
        fn what_was_read_is_written_so_that_it_reads_the_same(
            text in "(usb:[0-9a-f]{1,4}:[0-9A-F]{1,4}(:\\PC{1,9})?|lp:/dev/\\PC{1,9}|\
                     serial:(/dev/\\PC{1,9}|COM[0-9]{1,3})(\\?baud=[0-9]{3,7})?|winspool:\\PC{1,9})"
        ) {
            if let Ok(a) = read(&text) {
                prop_assert_eq!(read(&a.to_string()), Ok(a.clone()), "written as {}", a);
            }
        }
    }
}
