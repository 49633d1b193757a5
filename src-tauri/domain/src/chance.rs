//! Randomness comes in from outside, so that a test run can be repeated from its seed.

use std::sync::Mutex;

/// A source of random bytes.
pub trait Chance: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buf: &mut [u8]);

    /// `n` random bytes as lower-case hex (2 n digits).
    fn hex(&self, n: usize) -> String {
        let mut b = vec![0; n];
        self.fill(&mut b);
        b.iter().fold(String::with_capacity(2 * n), |mut s, x| {
            use std::fmt::Write;
            let _ = write!(s, "{x:02x}");
            s
        })
    }
}

/// The operating system's generator: the only one allowed for secrets.
#[derive(Default)]
pub struct OsChance;

impl Chance for OsChance {
    fn fill(&self, buf: &mut [u8]) {
        getrandom::fill(buf)
            .expect("the operating system gives random bytes; without them no key, state or id is safe");
    }
}

/// `SplitMix64` from a seed: for tests and the practice market, never for secrets.
pub struct SeededChance(Mutex<u64>);

impl SeededChance {
    /// The same seed gives the same bytes.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
    /// The next 64 bits.
    pub fn next_u64(&self) -> u64 {
        let mut s = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *s = s.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *s;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Chance for SeededChance {
    fn fill(&self, buf: &mut [u8]) {
        for part in buf.chunks_mut(8) {
            let b = self.next_u64().to_le_bytes();
            part.copy_from_slice(&b[..part.len()]);
        }
    }
}
