//! Inputs that are almost right, the same on every run.

/// Changes seeds: bytes flipped, cut, doubled, spliced, numbers made huge.
pub struct Mutator {
    seeds: Vec<Vec<u8>>,
    state: u64,
    longest: usize,
}

/// What numbers in files like to be.
const NUMBERS: [&[u8]; 8] = [b"0", b"-1", b"65536", b"2147483648", b"99999999999999999999", b"1e308", b"nan", b"0x7f"];

impl Mutator {
    /// The same seeds and the same number give the same inputs.
    pub fn new(seeds: Vec<Vec<u8>>, number: u64, longest: usize) -> Self {
        Self { seeds, state: number.wrapping_mul(2).wrapping_add(1), longest }
    }

    /// `SplitMix64`.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.random() % (n.max(1) as u64)).unwrap_or(0)
    }

    /// The next input.
    pub fn input(&mut self) -> Vec<u8> {
        let n = self.below(self.seeds.len());
        let mut bytes = self.seeds.get(n).cloned().unwrap_or_default();
        for _ in 0..=self.below(6) {
            let at = self.below(bytes.len() + 1).min(bytes.len());
            match self.below(8) {
                0 if !bytes.is_empty() => {
                    let bit = self.below(8);
                    let at = at.min(bytes.len() - 1);
                    bytes[at] ^= 1 << bit;
                }
                1 if !bytes.is_empty() => {
                    let byte = self.random().to_le_bytes()[0];
                    let at = at.min(bytes.len() - 1);
                    bytes[at] = byte;
                }
                2 => bytes.truncate(at),
                3 => {
                    let part = bytes[at..].to_vec();
                    let end = at + self.below(64);
                    bytes.splice(at..at, part.into_iter().take(end - at + 1));
                }
                4 => {
                    let other = self.below(self.seeds.len());
                    let other = self.seeds.get(other).cloned().unwrap_or_default();
                    let from = self.below(other.len());
                    bytes.truncate(at);
                    bytes.extend_from_slice(&other[from..]);
                }
                5 => {
                    // A run of digits becomes another number.
                    let from = bytes[at..].iter().position(u8::is_ascii_digit).map_or(at, |n| at + n);
                    let to = bytes[from..].iter().position(|b| !b.is_ascii_digit()).map_or(bytes.len(), |n| from + n);
                    let number = NUMBERS[self.below(NUMBERS.len())];
                    bytes.splice(from..to, number.iter().copied());
                }
                6 => {
                    let to = (at + self.below(32)).min(bytes.len());
                    bytes.drain(at..to);
                }
                _ => {
                    let byte = self.random().to_le_bytes()[0];
                    bytes.insert(at, byte);
                }
            }
        }
        bytes.truncate(self.longest);
        bytes
    }
}
