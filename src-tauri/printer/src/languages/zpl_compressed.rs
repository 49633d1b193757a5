//! ZPL's `:Z64:` form of a picture: zlib, base64, and a CRC over the base64 text. A fifth of the hex form's bytes.
//!
//! Only for printers that are known to take it; emulations often do not. Source: Zebra ZPL II programming guide, "ZB64
//! encoding and compression".

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write;

/// Appends `:Z64:<base64>:<crc>`.
pub(super) fn put_z64(job: &mut Vec<u8>, bytes: &[u8]) {
    let mut zlib = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    let packed = zlib.write_all(bytes).and_then(|()| zlib.finish()).expect("writing to memory does not fail");
    let text = STANDARD.encode(packed);
    job.extend_from_slice(b":Z64:");
    job.extend_from_slice(text.as_bytes());
    super::put(job, format_args!(":{:04X}", crc16(text.as_bytes())));
}

/// CRC-16/XMODEM: polynomial 1021, start 0, not reflected.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, b| crc << 8 ^ CRC_STEPS[usize::from(crc.to_be_bytes()[0] ^ b)])
}

/// What the CRC becomes when a byte leaves it at the top.
const CRC_STEPS: [u16; 256] = {
    let mut steps = [0u16; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 };
            bit += 1;
        }
        steps[byte] = crc;
        byte += 1;
    }
    steps
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Read;

    #[test]
    fn the_crc_is_the_catalogued_one() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(crc16(b""), 0);
    }

    proptest! {
        #[test]
        fn what_is_packed_unpacks_to_the_same_bytes(
            runs in prop::collection::vec((any::<u8>(), 1usize..50), 0..60)
        ) {
            let bytes: Vec<u8> = runs.into_iter().flat_map(|(b, n)| std::iter::repeat_n(b, n)).collect();
            let mut job = b"before".to_vec();
            put_z64(&mut job, &bytes);
            let text = std::str::from_utf8(&job).expect("ASCII");
            let (body, crc) = text.strip_prefix("before:Z64:").and_then(|t| t.split_once(':')).expect("its form");
            let mut plain = Vec::new();
            let packed = STANDARD.decode(body).expect("base64");
            flate2::read::ZlibDecoder::new(&packed[..]).read_to_end(&mut plain).expect("zlib");
            prop_assert_eq!(plain, bytes);
            // Bit by bit, as the definition has it.
            let slow = body.bytes().fold(0u32, |crc, b| {
                (0..8).fold(crc ^ u32::from(b) << 8, |c, _| if c & 0x8000 == 0 { c << 1 } else { c << 1 ^ 0x1_1021 })
            });
            prop_assert_eq!(crc, format!("{slow:04X}"));
        }
    }
}
