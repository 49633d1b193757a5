//! A file sealed as a whole: XChaCha20-Poly1305 in chunks, after the STREAM construction (Hoang, Reyhanitabar, Rogaway and
//! Vizár, 2015), so that a file of any size is written and read with one chunk in memory.
//!
//! ```text
//! at  bytes
//!  0   8    "WBDESK\r\n"   damaged by whoever carries it as text
//!  8   2    form, big endian: 1
//! 10   4    chunk, big endian: bytes of plain text a chunk (1 MiB)
//! 14   8    made at, big endian: ms since 1970-01-01T00:00:00Z
//! 22   8    the card that opens it (see `recovery`)
//! 30  32    salt
//! 62  19    nonce prefix
//! 81  …     chunks: cipher text, then 16 bytes of tag
//! ```
//!
//! Key of the file = HKDF-SHA-256(salt, backup key, "waybill-desk/v1/backup/file"). Nonce of a chunk = prefix ‖ number
//! (4 bytes, big endian, from 0) ‖ 1 for the last chunk, else 0. Associated data of each chunk = the 81 bytes of the head.
//! All chunks but the last are full; the last may be empty. So no chunk can be changed, left out, doubled, moved or taken
//! from another file, and no end can be cut off or put on.

use super::recovery::{BackupKey, CardId};
use super::{Key, derive_salted};
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use domain::chance::{Chance, OsChance};
use domain::clock::Millis;
use std::io::{self, ErrorKind, Read, Write};
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"WBDESK\r\n";
const FORM: u16 = 1;
const HEAD: usize = 81;
const SALT: std::ops::Range<usize> = 30..62;
const PREFIX: std::ops::Range<usize> = 62..HEAD;
const TAG: usize = 16;
/// Bytes of plain text in each chunk but the last.
const CHUNK: u32 = 1 << 20;
/// A file that asks for more memory than this is hostile.
const MOST_CHUNK: u32 = 16 << 20;

/// Why a sealed file does not open. Nothing of it was believed.
#[derive(Debug, thiserror::Error)]
pub enum SealedFileError {
    /// Another kind of file.
    #[error("this file is no backup of Waybill Desk")]
    NotABackup,
    /// Of a later version of this program.
    #[error("this backup has form {0}, which this version of the program does not know")]
    LaterForm(u16),
    /// Sealed for another card.
    #[error("this backup was made for another recovery card")]
    OtherCard,
    /// Changed, cut, or glued together.
    #[error("this backup is damaged: it does not open from chunk {chunk} on")]
    Damaged {
        /// From 0.
        chunk: u32,
    },
    /// It could not be read or written.
    #[error("the file could not be read or written")]
    Io(#[from] io::Error),
}

/// What a file says of itself before it is opened. Nobody vouches for it until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// When it was made.
    pub made_at: Millis,
    /// The card that opens it.
    pub card: CardId,
    chunk: u32,
    bytes: [u8; HEAD],
}

impl Head {
    /// Reads the head.
    pub fn read(from: &mut impl Read) -> Result<Self, SealedFileError> {
        let mut bytes = [0; HEAD];
        match from.read_exact(&mut bytes) {
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => return Err(SealedFileError::NotABackup),
            other => other?,
        }
        if !bytes.starts_with(MAGIC) {
            return Err(SealedFileError::NotABackup);
        }
        let form = u16::from_be_bytes([bytes[8], bytes[9]]);
        if form != FORM {
            return Err(SealedFileError::LaterForm(form));
        }
        let chunk = u32::from_be_bytes(bytes[10..14].try_into().expect("four bytes"));
        if chunk == 0 || chunk > MOST_CHUNK {
            return Err(SealedFileError::Damaged { chunk: 0 });
        }
        let made_at = i64::from_be_bytes(bytes[14..22].try_into().expect("eight bytes"));
        let card = bytes[22..30].try_into().expect("eight bytes");
        Ok(Self { made_at: Millis(made_at), card, chunk, bytes })
    }
}

fn cipher(key: &BackupKey, salt: &[u8]) -> XChaCha20Poly1305 {
    let mut salted: Key = super::blank_key();
    salted.copy_from_slice(salt);
    let file = derive_salted(Some(&salted), &key.0, "backup/file");
    XChaCha20Poly1305::new(file.as_slice().try_into().expect("a key has 32 bytes"))
}

fn nonce(head: &[u8; HEAD], chunk: u32, last: bool) -> XNonce {
    let mut nonce = XNonce::default();
    nonce[..19].copy_from_slice(&head[PREFIX]);
    nonce[19..23].copy_from_slice(&chunk.to_be_bytes());
    nonce[23] = u8::from(last);
    nonce
}

/// Seals what is written to it. Call [`Self::finish`]: without its last chunk the file does not open.
pub struct SealedWriter<W: Write> {
    out: W,
    cipher: XChaCha20Poly1305,
    head: [u8; HEAD],
    chunk: u32,
    plain: Zeroizing<Vec<u8>>,
}

impl<W: Write> SealedWriter<W> {
    /// Writes the head. Salt and nonces come from the operating system.
    pub fn new(mut out: W, key: &BackupKey, made_at: Millis) -> io::Result<Self> {
        let mut head = [0; HEAD];
        head[..8].copy_from_slice(MAGIC);
        head[8..10].copy_from_slice(&FORM.to_be_bytes());
        head[10..14].copy_from_slice(&CHUNK.to_be_bytes());
        head[14..22].copy_from_slice(&made_at.0.to_be_bytes());
        head[22..30].copy_from_slice(&key.card());
        OsChance.fill(&mut head[SALT.start..]);
        out.write_all(&head)?;
        let cipher = cipher(key, &head[SALT]);
        // The tag has room behind the text: growing would leave plain text in freed memory.
        let plain = Zeroizing::new(Vec::with_capacity(CHUNK as usize + TAG));
        Ok(Self { out, cipher, head, chunk: 0, plain })
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let nonce = nonce(&self.head, self.chunk, last);
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce, &self.head, self.plain.as_mut_slice().into())
            .map_err(|_| io::Error::other("a chunk is too long for the cipher"))?;
        self.out.write_all(&self.plain)?;
        self.out.write_all(&tag)?;
        self.plain.clear();
        self.chunk = self.chunk.checked_add(1).ok_or_else(|| io::Error::other("the file is too long"))?;
        Ok(())
    }

    /// Seals what is left and gives the file back, not yet on the platter.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.plain.len() == CHUNK as usize {
            self.seal(false)?;
        }
        let take = bytes.len().min(CHUNK as usize - self.plain.len());
        self.plain.extend_from_slice(&bytes[..take]);
        Ok(take)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Opens a sealed file piece by piece. What [`Self::read`] gives out of a chunk was checked; that the file is whole is known
/// only when it has come to its end without an error.
pub struct SealedReader<R: Read> {
    from: R,
    cipher: XChaCha20Poly1305,
    head: Head,
    chunk: u32,
    plain: Zeroizing<Vec<u8>>,
    at: usize,
    /// The first byte of the next chunk, read to know whether there is one.
    ahead: Option<u8>,
    over: bool,
}

impl<R: Read> SealedReader<R> {
    /// Reads the head and the first chunk.
    pub fn new(mut from: R, key: &BackupKey) -> Result<Self, SealedFileError> {
        let head = Head::read(&mut from)?;
        if head.card != key.card() {
            return Err(SealedFileError::OtherCard);
        }
        let cipher = cipher(key, &head.bytes[SALT]);
        let plain = Zeroizing::new(Vec::new());
        let mut reader = Self { from, cipher, head, chunk: 0, plain, at: 0, ahead: None, over: false };
        reader.open()?;
        Ok(reader)
    }

    /// When it was made: vouched for, now that a chunk has opened.
    pub fn made_at(&self) -> Millis {
        self.head.made_at
    }

    fn open(&mut self) -> Result<(), SealedFileError> {
        let damaged = SealedFileError::Damaged { chunk: self.chunk };
        let whole = self.head.chunk as usize + TAG;
        self.plain.clear();
        self.plain.reserve_exact(whole);
        self.plain.extend(self.ahead.take());
        let missing = (whole - self.plain.len()) as u64;
        let mut piece = (&mut self.from).take(missing);
        piece.read_to_end(&mut self.plain)?;
        let mut next = [0; 1];
        let last = self.plain.len() < whole || read_some(&mut self.from, &mut next)? == 0;
        self.ahead = (!last).then_some(next[0]);
        let Some(text) = self.plain.len().checked_sub(TAG) else { return Err(damaged) };
        let tag = self.plain.split_off(text);
        let nonce = nonce(&self.head.bytes, self.chunk, last);
        self.cipher
            .decrypt_inout_detached(
                &nonce,
                &self.head.bytes,
                self.plain.as_mut_slice().into(),
                tag.as_slice().try_into().expect("split off with its length"),
            )
            .map_err(|_| {
                self.plain.clear();
                damaged
            })?;
        (self.at, self.over) = (0, last);
        self.chunk = self.chunk.checked_add(1).ok_or(SealedFileError::Damaged { chunk: u32::MAX })?;
        Ok(())
    }

    /// Up to `into.len()` bytes; 0 at the end of a file that is whole.
    pub fn read_part(&mut self, into: &mut [u8]) -> Result<usize, SealedFileError> {
        while self.at == self.plain.len() {
            if self.over {
                return Ok(0);
            }
            self.open()?;
        }
        let take = into.len().min(self.plain.len() - self.at);
        into[..take].copy_from_slice(&self.plain[self.at..self.at + take]);
        self.at += take;
        Ok(take)
    }

    /// Exactly so many bytes.
    pub fn read_whole(&mut self, into: &mut [u8]) -> Result<(), SealedFileError> {
        let mut done = 0;
        while done < into.len() {
            match self.read_part(&mut into[done..])? {
                0 => return Err(SealedFileError::Damaged { chunk: self.chunk }),
                n => done += n,
            }
        }
        Ok(())
    }
}

fn read_some(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(into) {
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::Recovery;

    fn sealed(key: &BackupKey, plain: &[u8]) -> Vec<u8> {
        let mut out = SealedWriter::new(Vec::new(), key, Millis(1_795_000_000_000)).unwrap();
        out.write_all(plain).unwrap();
        out.finish().unwrap()
    }

    fn opened(key: &BackupKey, file: &[u8]) -> Result<Vec<u8>, SealedFileError> {
        let mut from = SealedReader::new(file, key)?;
        let (mut out, mut part) = (Vec::new(), [0; 70_000]);
        loop {
            match from.read_part(&mut part)? {
                0 => return Ok(out),
                n => out.extend_from_slice(&part[..n]),
            }
        }
    }

    fn bytes(n: usize) -> Vec<u8> {
        (0..n).map(|i| u8::try_from((i * 7 + i / 251) % 256).unwrap()).collect()
    }

    #[test]
    fn it_comes_back_at_every_length_around_a_chunk() {
        let key = Recovery::fresh(&OsChance).backup_key();
        let chunk = CHUNK as usize;
        for n in [0, 1, 15, 16, 17, chunk - 1, chunk, chunk + 1, 2 * chunk, 2 * chunk + 5] {
            let plain = bytes(n);
            let file = sealed(&key, &plain);
            assert_eq!(file.len(), HEAD + n + n.max(1).div_ceil(chunk) * TAG, "the documented size of {n}");
            assert!(opened(&key, &file).unwrap() == plain, "{n} bytes");
        }
    }

    #[test]
    fn no_flipped_byte_goes_unnoticed() {
        let key = Recovery::fresh(&OsChance).backup_key();
        let file = sealed(&key, &bytes(300));
        for at in 0..file.len() {
            let mut bad = file.clone();
            bad[at] ^= 1 << (at % 8);
            assert!(opened(&key, &bad).is_err(), "byte {at} was changed");
        }
        // And in a file of several chunks.
        let file = sealed(&key, &bytes(CHUNK as usize * 2 + 100));
        for at in (0..file.len()).step_by(104_729) {
            let mut bad = file.clone();
            bad[at] ^= 0x80;
            assert!(opened(&key, &bad).is_err(), "byte {at} was changed");
        }
    }

    #[test]
    fn no_end_can_be_cut_off_or_put_on_and_no_chunk_moved() {
        let key = Recovery::fresh(&OsChance).backup_key();
        let whole = CHUNK as usize + TAG;
        let file = sealed(&key, &bytes(CHUNK as usize * 3));
        for keep in [0, 7, HEAD - 1, HEAD, HEAD + 5, HEAD + TAG, HEAD + whole, HEAD + 2 * whole, file.len() - 1] {
            assert!(opened(&key, &file[..keep]).is_err(), "cut to {keep}");
        }
        assert!(opened(&key, &[&file[..], b"x"].concat()).is_err(), "one byte more");
        let chunk = |n: usize| &file[HEAD + n * whole..HEAD + (n + 1) * whole];
        for order in [[1, 0, 2], [0, 0, 2], [0, 2, 1]] {
            let moved = [&file[..HEAD], chunk(order[0]), chunk(order[1]), chunk(order[2])].concat();
            assert!(opened(&key, &moved).is_err(), "{order:?}");
        }
        assert!(opened(&key, &[&file[..HEAD], chunk(0), chunk(2)].concat()).is_err(), "the middle left out");
        let other = sealed(&key, &bytes(CHUNK as usize * 3));
        let mixed = [&file[..HEAD + whole], &other[HEAD + whole..]].concat();
        assert!(opened(&key, &mixed).is_err(), "chunks of another file under the same card");
    }

    #[test]
    fn another_card_another_kind_of_file_and_a_later_form_are_told_apart() {
        let key = Recovery::fresh(&OsChance).backup_key();
        let file = sealed(&key, b"x");
        let stranger = Recovery::fresh(&OsChance).backup_key();
        assert!(matches!(opened(&stranger, &file), Err(SealedFileError::OtherCard)));
        let mut later = file.clone();
        later[9] = 2;
        assert!(matches!(opened(&key, &later), Err(SealedFileError::LaterForm(2))));
        assert!(matches!(opened(&key, b"PK\x03\x04"), Err(SealedFileError::NotABackup)));
        assert!(matches!(opened(&key, &[b'x'; 500]), Err(SealedFileError::NotABackup)));
        let mut greedy = file;
        greedy[10..14].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(matches!(opened(&key, &greedy), Err(SealedFileError::Damaged { .. })), "no memory is given for it");
    }
}
