//! Files that are broken, cut short, or meant to hurt: a reason, never a panic, never half a label in silence.

use crate::support::{file, four_by_six};
use carrier_label::{MAX_BYTES, ReadError, read};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert, proptest};

const FILES: [&str; 7] = [
    "pdf/pages.pdf",
    "pdf/sheet.pdf",
    "zpl/bars.zpl",
    "zpl/national.zpl",
    "zpl/stored.zpl",
    "zpl/turned.zpl",
    "zpl/reversed.zpl",
];

#[test]
fn what_is_no_label_is_refused_by_its_first_bytes() {
    for bytes in [&b""[..], b"hello", b"\xff\xd8\xff\xe0 a JPEG", b"PK\x03\x04", b"<html>", &[0; 5000]] {
        assert_eq!(read(bytes, &four_by_six()).unwrap_err(), ReadError::UnknownKind);
    }
    assert!(matches!(read(&vec![b' '; MAX_BYTES + 1], &four_by_six()), Err(ReadError::FileTooLarge { .. })));
    for bytes in [&b"%PDF-1.7"[..], b"%PDF-1.7\n1 0 obj <<>> endobj trailer <</Root 1 0 R>>"] {
        let e = read(bytes, &four_by_six()).unwrap_err();
        assert!(matches!(e, ReadError::Broken { .. } | ReadError::NoSuchPage { .. }), "{e}");
    }
    for bytes in [
        &b"\x89PNG\r\n\x1a\n"[..],
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\0\0\0\0",
        b"GIF89a",
        b"GIF89a\xff\xff\xff\xff\0\0\0",
    ] {
        let e = read(bytes, &four_by_six()).unwrap_err();
        assert!(matches!(e, ReadError::Broken { .. } | ReadError::TooManyDots { .. }), "{e}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn files_with_bytes_changed_cut_or_doubled_are_read_or_refused(
        which in 0..FILES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<prop::sample::Index>(),
        how in 0..3_u8,
    ) {
        let mut bytes = file(FILES[which]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let at = cut.index(bytes.len());
        match how {
            0 => bytes.truncate(at),
            1 => bytes.extend_from_within(at..),
            _ => {}
        }
        match read(&bytes, &four_by_six()) {
            Ok(r) => prop_assert!((r.raster.width(), r.raster.height()) == (813, 1219)),
            Err(e) => prop_assert!(!e.to_string().is_empty() && !e.hint().is_empty() && !e.code().is_empty()),
        }
    }
}
