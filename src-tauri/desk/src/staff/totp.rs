//! One-time codes by time (RFC 6238: HMAC-SHA-1, 30 s, six digits), as every authenticator app makes them.
//!
//! A code counts one step early and one late, for clocks that disagree; that each counts once is the store's doing.
//! Absent: other lengths, other hashes (the apps that people have ignore them), recovery codes.

use domain::chance::Chance;
use domain::clock::Millis;
use domain::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Seconds that a code lives.
const STEP: i64 = 30;
/// RFC 4648, without padding.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new secret: 160 random bits in base32, 32 characters.
pub fn fresh(chance: &dyn Chance) -> Secret {
    let mut bytes = [0; 20];
    chance.fill(&mut bytes);
    let mut text = String::with_capacity(32);
    for five in bytes.chunks_exact(5) {
        let all = five.iter().fold(0_u64, |all, b| all << 8 | u64::from(*b));
        text.extend((0..8).rev().map(|n| char::from(BASE32[usize::try_from(all >> (5 * n) & 31).unwrap_or(0)])));
    }
    Secret::new(text)
}

/// What an authenticator app scans: `otpauth://totp/…`.
pub fn uri(secret: &Secret, shop: &str, name: &str) -> Secret {
    let label: String = url::form_urlencoded::byte_serialize(format!("{shop}:{name}").as_bytes()).collect();
    let issuer: String = url::form_urlencoded::byte_serialize(shop.as_bytes()).collect();
    // A plus is a plus in this scheme.
    let spaced = |text: String| text.replace('+', "%20");
    Secret::new(format!(
        "otpauth://totp/{}?secret={}&issuer={}",
        spaced(label).replace("%3A", ":"),
        secret.reveal(),
        spaced(issuer)
    ))
}

/// The step whose code this is, if it is one of now; spaces in the code are fine.
pub fn step_of(secret: &Secret, code: &str, now: Millis) -> Option<i64> {
    let given: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let key = bytes(secret)?;
    let today = now.0.div_euclid(1000 * STEP);
    [today, today - 1, today + 1]
        .into_iter()
        .find(|step| subtle::ConstantTimeEq::ct_eq(code_at(&key, *step).as_bytes(), given.as_bytes()).into())
}

/// The code of a step.
fn code_at(key: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let cut = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:06}", cut % 1_000_000)
}

/// Base32 → bytes; `None` for anything else.
fn bytes(secret: &Secret) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let (mut out, mut held, mut bits) = (zeroize::Zeroizing::new(Vec::new()), 0_u32, 0);
    for c in secret.reveal().bytes() {
        let five = BASE32.iter().position(|b| *b == c)?;
        held = held << 5 | u32::try_from(five).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(out)
}

/// The code of a moment, as an app would show it.
#[cfg(test)]
pub fn code(secret: &Secret, now: Millis) -> String {
    code_at(&bytes(secret).expect("base32"), now.0.div_euclid(1000 * STEP))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chance::SeededChance;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of its eight digits. The key is "12345678901234567890".
        let secret = Secret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (seconds, wanted) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(&secret, Millis(seconds * 1000)), wanted, "at {seconds} s");
        }
    }

    #[test]
    fn a_code_counts_for_a_minute_and_a_half_and_no_longer() {
        let secret = fresh(&SeededChance::new(7));
        let at = Millis(1_700_000_010_000);
        let shown = code(&secret, at);
        let after = |s: i64| step_of(&secret, &shown, Millis(at.0 + s * 1000));
        assert!(after(0).is_some() && after(-30).is_some() && after(30).is_some());
        assert_eq!((after(-60), after(60)), (None, None));
        assert!(step_of(&secret, &format!(" {} {} ", &shown[..3], &shown[3..]), at).is_some(), "as apps show it");
        assert_eq!(step_of(&secret, "", at), None);
        assert_eq!(step_of(&secret, "12345六", at), None);
    }

    #[test]
    fn each_secret_is_its_own_and_its_link_names_shop_and_person() {
        let (one, two) = (fresh(&SeededChance::new(1)), fresh(&SeededChance::new(2)));
        assert_ne!(one.reveal(), two.reveal());
        assert_eq!((one.reveal().len(), bytes(&one).unwrap().len()), (32, 20));
        let link = uri(&one, "小店 一", "张三");
        let url = url::Url::parse(link.reveal()).unwrap();
        assert_eq!((url.scheme(), url.host_str()), ("otpauth", Some("totp")));
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        assert_eq!(pairs[0], ("secret".to_owned(), one.reveal().to_owned()));
        assert_eq!(pairs[1], ("issuer".to_owned(), "小店 一".to_owned()));
    }
}
