//! Reed–Solomon codewords of PDF417: over the integers modulo 929, with 3 as primitive element (ISO/IEC 15438, 5.10).

const PRIME: u32 = 929;
const ROOT: u32 = 3;

/// Correction codewords of a level 0–8: 2 to 512.
pub fn count(level: u32) -> usize {
    2 << level
}

/// What is appended to `data`: the negative rest of its division by `(x - 3)(x - 3²) … (x - 3ᵏ)`.
pub fn codewords(data: &[u16], level: u32) -> Vec<u16> {
    let generator = generator(count(level));
    let mut rest = vec![0; generator.len()];
    for word in data {
        let top = (u32::from(*word) + rest[0]) % PRIME;
        for i in 0..rest.len() {
            let next = rest.get(i + 1).copied().unwrap_or(0);
            rest[i] = (next + PRIME * PRIME - top * generator[i]) % PRIME;
        }
    }
    rest.into_iter().map(|r| u16::try_from((PRIME - r) % PRIME).unwrap_or_default()).collect()
}

/// Coefficients below the leading 1, highest power first.
fn generator(degree: usize) -> Vec<u32> {
    let mut product = vec![0; degree + 1];
    product[0] = 1;
    let mut power = 1;
    for factors in 1..=degree {
        power = power * ROOT % PRIME;
        for i in (1..=factors).rev() {
            product[i] = (product[i] + (PRIME - power) * product[i - 1]) % PRIME;
        }
    }
    product.split_off(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_and_correction_together_vanish_at_every_root() {
        for level in 0..=5 {
            let data: Vec<u16> = (0..60).map(|i| i * 37 % 929).collect();
            let mut all = data.clone();
            all.extend(codewords(&data, level));
            let mut x = 1;
            for _ in 0..count(level) {
                x = x * ROOT % PRIME;
                let value = all.iter().fold(0, |sum, w| (sum * x + u32::from(*w)) % PRIME);
                assert_eq!(value, 0, "level {level}");
            }
        }
    }
}
