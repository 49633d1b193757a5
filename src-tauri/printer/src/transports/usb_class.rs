//! The requests of the USB printer class (1.1, §4.2) and the sense of their answers. Pure: any bytes give an answer.

use domain::printer::{DeviceState, StopReason};

/// `bRequest` of `GET_DEVICE_ID`.
pub(crate) const GET_DEVICE_ID: u8 = 0;
/// `bRequest` of `GET_PORT_STATUS`.
pub(crate) const GET_PORT_STATUS: u8 = 1;
/// Class and subclass of a printer's interface.
pub(crate) const PRINTER: (u8, u8) = (0x07, 0x01);
/// `bInterfaceProtocol` of a printer that only listens.
pub(crate) const UNIDIRECTIONAL: u8 = 0x01;
/// `bInterfaceProtocol` of a printer that also answers.
pub(crate) const BIDIRECTIONAL: u8 = 0x02;

/// The IEEE-1284 device id from the answer to [`GET_DEVICE_ID`]: two bytes of length, big-endian and counting
/// themselves, then `MFG:…;MDL:…;CMD:…;`. Some firmwares write the length little-endian, without itself or not at all,
/// so it only ever shortens the text. `None` = nothing readable.
pub(crate) fn device_id(answer: &[u8]) -> Option<String> {
    let (length, text) = answer.split_first_chunk::<2>()?;
    let told = usize::from(u16::from_be_bytes(*length)).saturating_sub(2);
    let text = if (1..text.len()).contains(&told) && text[..told].ends_with(b";") { &text[..told] } else { text };
    let text: String = String::from_utf8_lossy(text).chars().take_while(|c| *c != '\0').collect();
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.contains(':').then(|| text.trim().to_owned())
}

/// What [`GET_PORT_STATUS`] says against printing: bit 5 paper empty, 4 selected, 3 **not** error. `None` = nothing,
/// which is not *ready*: many firmwares answer a constant. All zeros is such a constant, too (error, and yet paper).
pub(crate) fn stopped(port_status: u8) -> Option<DeviceState> {
    let (empty, selected, fine) = (port_status & 0x20 != 0, port_status & 0x10 != 0, port_status & 0x08 != 0);
    let reason = match (empty, selected, fine) {
        (true, ..) => StopReason::PaperOut,
        (false, false, false) | (false, true, true) => return None,
        (false, true, false) => StopReason::Other,
        (false, false, true) => StopReason::Paused,
    };
    Some(DeviceState::Stopped(vec![reason]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "MFG:TSC;MDL:TE200;CMD:TSPL;";

    #[test]
    fn device_ids_are_read_whatever_the_firmware_writes_as_their_length() {
        let with = |length: u16, tail: &str| [&length.to_be_bytes(), ID.as_bytes(), tail.as_bytes()].concat();
        let right = u16::try_from(ID.len() + 2).unwrap();
        for answer in [
            with(right, ""),
            with(right, "stale bytes of the answer before"),
            with(right.swap_bytes(), ""),
            with(0, "\0\0\0"),
            with(u16::MAX, ""),
        ] {
            assert_eq!(device_id(&answer).as_deref(), Some(ID), "{answer:?}");
        }
        for nothing in [&b""[..], b"\0", b"\0\x02", b"\0\x05abc", b"\0\0\0\0\0"] {
            assert_eq!(device_id(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn port_status_can_only_speak_against_printing() {
        let stop = |r| Some(DeviceState::Stopped(vec![r]));
        for (bits, want) in [
            (0x18, None),
            (0x00, None),
            (0x38, stop(StopReason::PaperOut)),
            (0x20, stop(StopReason::PaperOut)),
            (0x10, stop(StopReason::Other)),
            (0x08, stop(StopReason::Paused)),
        ] {
            assert_eq!(stopped(bits), want, "{bits:02x}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), bits in any::<u8>()) {
            if let Some(text) = device_id(&bytes) {
                prop_assert!(!text.contains(char::is_control));
            }
            prop_assert_ne!(stopped(bits), Some(DeviceState::Ready));
        }
    }
}
