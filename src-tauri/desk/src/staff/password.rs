//! Passwords of people: hashing with Argon2id (64 MiB, three passes, one lane; PHC string), and which ones are taken.
//!
//! Every function that hashes costs about a quarter of a second of one core and 64 MiB: callers run it through
//! `tokio::task::spawn_blocking`. Length counts for more than rules (NIST 800-63B), so no character kinds are asked for.
//!
//! Deliberately absent: throttling and locking (the desk's login), rotation, PINs.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::{chance::Chance, secret::Secret};

const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// A stored hash that asks for more is broken or planted to exhaust the machine.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 32;
/// Longer ones are refused before hashing, in characters.
const MOST: usize = 256;

/// A hash of today's cost that no password answers to: what an unknown name is checked against.
const NOBODY: &str =
    "$argon2id$v=19$m=65536,t=3,p=1$bm9ib2R5IGlzIGhlcmUuLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a check of a password found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right.
    Right,
    /// Right, but the hash is cheaper than today's: store [`hash`] of it now.
    RightButOld,
    /// Wrong, or the stored hash is not one of ours.
    Wrong,
}

/// How much a password must withstand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Clerks and staff: 8 characters.
    Everyday,
    /// Owners and posts with money or grant rights: 12 characters.
    Owner,
}

impl Strength {
    /// Characters at least.
    pub fn least(self) -> usize {
        match self {
            Self::Everyday => 8,
            Self::Owner => 12,
        }
    }
}

/// Why a new password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too few characters.
    #[error("the password has {has} characters; {least} are needed")]
    TooShort {
        /// Needed.
        least: usize,
        /// Typed.
        has: usize,
    },
    /// Too many characters.
    #[error("the password is longer than {most} characters")]
    TooLong {
        /// Allowed.
        most: usize,
    },
    /// One of those that are tried first.
    #[error("this password is one of those that are tried first; a few unrelated words are safer")]
    VeryCommon,
    /// A run on the keyboard, a count, or a repetition.
    #[error("the password is a row of keys, a count or a repetition; a few unrelated words are safer")]
    Pattern,
    /// It contains the person's or the shop's name.
    #[error("the password contains the name of the person, the shop or this program")]
    HasName,
}

/// Whether a new password may be used. `names`: the person's login and full name, and the shop's own words.
///
/// Errors: the first rule that is broken, [`WeakPassword`].
pub fn check(password: &Secret, strength: Strength, names: &[&str]) -> Result<(), WeakPassword> {
    let text = password.reveal();
    let (least, has) = (strength.least(), text.chars().count());
    if has < least {
        return Err(WeakPassword::TooShort { least, has });
    }
    if has > MOST {
        return Err(WeakPassword::TooLong { most: MOST });
    }
    let small = zeroize::Zeroizing::new(text.to_lowercase());
    if is_pattern(&small) {
        return Err(WeakPassword::Pattern);
    }
    if is_very_common(&small) {
        return Err(WeakPassword::VeryCommon);
    }
    let own = ["waybill", "面单台"];
    let named = names.iter().flat_map(|name| name.split_whitespace().chain([*name])).chain(own).any(|name| {
        // "Li" is in too many innocent words; two Chinese characters are already a name.
        let enough = if name.is_ascii() { 3 } else { 2 };
        name.chars().count() >= enough && small.contains(&name.to_lowercase())
    });
    if named { Err(WeakPassword::HasName) } else { Ok(()) }
}

/// The PHC string to store. Costly: see the module.
pub fn hash(password: &Secret, chance: &dyn Chance) -> String {
    let mut salt = [0; 16];
    chance.fill(&mut salt);
    wanted()
        .hash_password_with_salt(password.reveal().as_bytes(), &salt)
        .expect("16 bytes of salt and fixed costs are always taken")
        .to_string()
}

/// Whether the password answers to the stored hash. Costly: see the module. A hash that is not a PHC string of
/// Argon2, or asks for absurd cost, is `Wrong`, after the time a real check takes.
pub fn verify(password: &Secret, phc: &str) -> Verdict {
    let Some((stored, params)) = read(phc) else {
        tracing::error!("a stored password hash cannot be read; its owner must be given a new password");
        burn(password);
        return Verdict::Wrong;
    };
    if wanted().verify_password(password.reveal().as_bytes(), &stored).is_err() {
        return Verdict::Wrong;
    }
    let today = stored.algorithm == Algorithm::Argon2id.ident()
        && stored.version == Some(Version::V0x13.into())
        && params.m_cost() >= MEMORY_KIB
        && params.t_cost() >= PASSES;
    if today { Verdict::Right } else { Verdict::RightButOld }
}

/// Spends the time of a check on a name that does not exist, so that names cannot be found out by the clock.
pub fn burn(password: &Secret) {
    let (stored, _) = read(NOBODY).expect("the constant is a PHC string");
    std::hint::black_box(wanted().verify_password(password.reveal().as_bytes(), &stored).is_ok());
}

fn wanted() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).expect("the costs are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn read(phc: &str) -> Option<(PasswordHash, Params)> {
    let stored = PasswordHash::new(phc).ok()?;
    Algorithm::new(stored.algorithm.as_str()).ok()?;
    let params = Params::try_from(&stored).ok()?;
    let sane = params.m_cost() <= MOST_MEMORY_KIB && params.t_cost() <= MOST_PASSES && params.p_cost() <= 4;
    (sane && stored.salt.is_some() && stored.hash.is_some()).then_some((stored, params))
}

/// Rows of keys and counts, each also read backwards; a password that is nothing but steps along them is a pattern.
const ROWS: &[&str] = &[
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "`1234567890-=",
    "qwertyuiop[]\\",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "!@#$%^&*()",
    "147258369",
    "789456123",
];

/// A piece repeated (period up to a third of the length, at most 4), or three characters and more of a row after
/// each other until nothing is left.
pub(super) fn is_pattern(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    if (1..=4.min(chars.len() / 2)).any(|p| chars.iter().skip(p).zip(&chars).all(|(a, b)| a == b)) {
        return true;
    }
    let rows: Vec<Vec<char>> =
        ROWS.iter().flat_map(|row| [row.chars().collect(), row.chars().rev().collect::<Vec<_>>()]).collect();
    let mut at = 0;
    while at < chars.len() {
        let longest = rows.iter().map(|row| shared_run(row, &chars[at..])).max().unwrap_or(0);
        if longest < 3 {
            return false;
        }
        at += longest;
    }
    true
}

/// The longest start of `text` that occurs in `row`.
fn shared_run(row: &[char], text: &[char]) -> usize {
    (0..row.len()).map(|i| row[i..].iter().zip(text).take_while(|(a, b)| a == b).count()).max().unwrap_or(0)
}

/// The words people reach for, without the digits and signs they hang on. From the public lists of leaked passwords,
/// and pinyin favourites; a longer list helps little once 8 and 12 characters are asked for.
const COMMON: &str = "\
    password passwort passw passwd pass admin administrator root user guest test testtest login welcome letmein \
    iloveyou loveyou lovely love sunshine princess football baseball basketball dragon monkey master superman \
    batman starwars shadow michael jordan michelle jennifer charlie freedom whatever trustno computer internet \
    samsung google facebook qwerty qwert qwe qweasd qweasdzxc asd asdasd asdf zxc abc abcd abcabc aaa aa a \
    aaaaaa qq q wang zhang chen liu yang huang woaini woaiwojia woaiwo wodemima mima mimamima nihao nihaoma \
    wozuiai laopo laogong baobao baobei xiaoxiao tiantian beijing shanghai shenzhen guangzhou yiwu zhongguo \
    china taobao tmall alibaba aliexpress alipay cainiao pinduoduo jingdong weixin wechat kuaidi shunfeng \
    yuantong zhongtong yunda shentong dianpu shop store seller default secret changeme change hello helloworld \
    ashley bailey ninja mustang access flower summer winter spring autumn january monday company office printer \
    print label warehouse x p w z li ok correcthorsebatterystaple";

/// Digits and signs may hang on either end or stand for letters: "P@ssw0rd2024!" is still "password".
fn is_very_common(small: &str) -> bool {
    // Only digits and signs: birthdays, telephone numbers, 5201314.
    if !small.chars().any(char::is_alphabetic) {
        return small.chars().count() < 16;
    }
    let hung_on = |c: char| !c.is_alphabetic();
    let bare = small.trim_matches(hung_on);
    let forms = [bare.to_owned(), as_letters(bare), as_letters(small.trim_end_matches(hung_on))];
    COMMON.split(' ').any(|word| forms.iter().any(|form| form == word || is_word_twice(form, word)))
}

fn as_letters(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '@' | '4' => 'a',
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '$' | '5' => 's',
            c => c,
        })
        .collect()
}

fn is_word_twice(text: &str, word: &str) -> bool {
    word.len() > 2 && text.len() == 2 * word.len() && text.starts_with(word) && text.ends_with(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chance::{OsChance, SeededChance};

    fn secret(text: &str) -> Secret {
        Secret::new(text)
    }

    #[test]
    fn a_password_answers_to_its_own_hash_only() {
        let phc = hash(&secret("打单要快 and exact"), &OsChance);
        assert_eq!(verify(&secret("打单要快 and exact"), &phc), Verdict::Right);
        assert_eq!(verify(&secret("打单要快 and exacT"), &phc), Verdict::Wrong);
        assert_eq!(verify(&secret(""), &phc), Verdict::Wrong);
    }

    #[test]
    fn the_hash_says_the_promised_cost_and_a_salt_of_its_own() {
        let chance = SeededChance::new(1);
        let (one, two) = (hash(&secret("same"), &chance), hash(&secret("same"), &chance));
        for phc in [&one, &two] {
            assert!(phc.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"), "{phc}");
            let salt = phc.split('$').nth(4).unwrap();
            assert_eq!(salt.len(), 22, "16 bytes in Base64 without padding: {salt}");
        }
        assert_ne!(one, two, "equal passwords must not look equal");
    }

    #[test]
    fn a_hash_of_another_program_is_understood() {
        // From the reference implementation, github.com/P-H-C/phc-winner-argon2, src/test.c: "password", "somesalt".
        let phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert_eq!(verify(&secret("password"), phc), Verdict::RightButOld, "two passes are fewer than today's three");
        assert_eq!(verify(&secret("Password"), phc), Verdict::Wrong);
    }

    #[test]
    fn a_cheaper_hash_is_right_but_old() {
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19 * 1024, 2, 1, Some(32)).unwrap());
        let phc = cheap.hash_password_with_salt(b"long enough", b"0123456789abcdef").unwrap().to_string();
        assert_eq!(verify(&secret("long enough"), &phc), Verdict::RightButOld);
        assert_eq!(verify(&secret("wrong enough"), &phc), Verdict::Wrong, "old and wrong is wrong");
    }

    #[test]
    fn broken_and_absurd_hashes_are_wrong_not_a_panic() {
        let good = hash(&secret("x"), &OsChance);
        for phc in [
            "",
            "x",
            "$argon2id$",
            "$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHQ",
            "$argon2id$v=19$m=4194304,t=3,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=65536,t=4000000,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$2b$12$abcdefghijklmnopqrstuv",
            &good[..good.len() - 4],
            &good.replace("m=65536", "m=65535"),
        ] {
            assert_eq!(verify(&secret("x"), phc), Verdict::Wrong, "{phc}");
        }
    }

    /// First figure of schedstat: nanoseconds this thread has run (kernel: Documentation/scheduler/sched-stats).
    #[cfg(target_os = "linux")]
    fn processor_seconds() -> f64 {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        stat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_unknown_name_costs_what_a_known_one_does() {
        let (nobody, params) = read(NOBODY).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (MEMORY_KIB, PASSES, 1));
        assert_eq!(nobody.salt.unwrap().len(), 16, "as long a salt as real ones");
        assert_eq!(nobody.hash.unwrap().len(), 32, "as long a hash as real ones");
        assert_eq!(verify(&secret(""), NOBODY), Verdict::Wrong, "nobody is let in");
        let phc = hash(&secret("a real person's"), &OsChance);
        let guess = secret("a wrong guess");
        // Processor time of this thread, interleaved, and the least of several: other work on the machine falls out.
        let time = |work: &dyn Fn()| {
            let start = processor_seconds();
            work();
            processor_seconds() - start
        };
        let (known, unknown) = (0..4).fold((f64::MAX, f64::MAX), |(known, unknown), _| {
            let here = time(&|| assert_eq!(verify(&guess, &phc), Verdict::Wrong));
            (known.min(here), unknown.min(time(&|| burn(&guess))))
        });
        let apart = (known - unknown).abs() / known;
        assert!(apart < 0.25, "known {known:.3} s, unknown {unknown:.3} s");
    }

    #[test]
    fn length_is_counted_in_characters_and_asked_by_post() {
        let short = WeakPassword::TooShort { least: 8, has: 7 };
        assert_eq!(check(&secret("k7pf2wm"), Strength::Everyday, &[]), Err(short));
        assert_eq!(check(&secret("k7pf2wmr"), Strength::Everyday, &[]), Ok(()));
        let short = WeakPassword::TooShort { least: 12, has: 11 };
        assert_eq!(check(&secret("k7pf2wmrtz9"), Strength::Owner, &[]), Err(short));
        assert_eq!(check(&secret("k7pf2wmrtz9u"), Strength::Owner, &[]), Ok(()));
        assert_eq!(check(&secret("今天下雨也要打单"), Strength::Everyday, &[]), Ok(()), "8 characters, 24 bytes");
        assert_eq!(check(&secret(&"ab3 ".repeat(80)), Strength::Owner, &[]), Err(WeakPassword::TooLong { most: 256 }));
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for common in "\
            password123 Password2024! P@ssw0rd2024 p4ssw0rd!!!! admin888888 woaini1314 woaini5201314 qq123456789 \
            iloveyou!! 5201314520 19900101 13800138000 taobao2025 Welcome2026! taobaotaobao !!!letmein!!!"
            .split(' ')
        {
            assert_eq!(check(&secret(common), Strength::Everyday, &[]), Err(WeakPassword::VeryCommon), "{common}");
        }
        for pattern in "\
            12345678 123456789012 87654321 aaaaaaaa abababab abc123abc123 qwertyuiop qwerty123456 1qaz2wsx3edc \
            1q2w3e4r5t6y asdfghjkl;' 147258369 zxcvbnm,./ abcdefghijkl 123123123"
            .split(' ')
        {
            let refused = check(&secret(pattern), Strength::Everyday, &[]);
            assert!(matches!(refused, Err(WeakPassword::Pattern | WeakPassword::VeryCommon)), "{pattern}: {refused:?}");
        }
    }

    #[test]
    fn names_are_refused_but_short_ones_do_not_forbid_words() {
        for (password, name) in [
            ("zhangwei-2019x", "ZhangWei"),
            ("mySilkRoadpw", "Silk Road Trading"),
            ("王小明的密码八位", "王小明"),
            ("xWayBill99zq", ""),
        ] {
            assert_eq!(check(&secret(password), Strength::Everyday, &[name]), Err(WeakPassword::HasName), "{password}");
        }
        assert_eq!(check(&secret("quilted olive"), Strength::Owner, &["Li", ""]), Ok(()));
    }

    #[test]
    fn good_passwords_are_taken() {
        for good in ["tulip carbon ferry", "Kx9-rumble-gate", "三只熊猫在屋顶上喝茶吃面", "password manager made: vT2q"]
        {
            assert_eq!(check(&secret(good), Strength::Owner, &["Chen Min", "chenmin"]), Ok(()), "{good}");
        }
    }
}
