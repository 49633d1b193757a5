//! The recovery secret: 256 random bits that a person keeps on paper as 24 words (BIP-39), and nobody keeps elsewhere.
//!
//! From it, one way: the key that seals backups (it lies in the folder, sealed under the master key, so that the desk can
//! make backups at night) and a short name by which a backup says whose card opens it.
//! The words come from the lists of BIP-39 (crate `bip39`, CC0): English, or one Chinese character each. Both say the same
//! 256 bits and both are taken. Of the crate only the lists are used: what it makes of them is not wiped.

use super::{Aad, Key, Purpose, Vault, VaultError, blank_key, derive, random_key};
use bip39::Language;
use domain::chance::Chance;
use domain::secret::Secret;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// How many words a card has.
pub const WORDS: usize = 24;

/// In which words a card is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordList {
    /// English words.
    English,
    /// Chinese characters.
    Chinese,
}

impl WordList {
    fn language(self) -> Language {
        match self {
            Self::English => Language::English,
            Self::Chinese => Language::SimplifiedChinese,
        }
    }
}

/// Why words are no recovery secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordsWrong {
    /// Another number of words.
    #[error("a card has {WORDS} words, these are {found}")]
    Count {
        /// How many there are.
        found: usize,
    },
    /// No list has this word.
    #[error("word {nth} is on no list")]
    Unknown {
        /// From 1.
        nth: usize,
    },
    /// All words are known, but they do not belong together.
    #[error("these words do not belong together: one of them is another, or two changed places")]
    Checksum,
}

/// The recovery secret, in memory for as long as a card is being made or used.
pub struct Recovery(Key);

/// What seals backups.
pub struct BackupKey(pub(super) Key);

/// Names a card without giving it away: 64 bits.
pub type CardId = [u8; 8];

impl fmt::Debug for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recovery(<redacted>)")
    }
}
impl fmt::Debug for BackupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupKey(<redacted>)")
    }
}

impl Recovery {
    /// A new one.
    pub fn fresh(chance: &dyn Chance) -> Self {
        Self(random_key(chance))
    }

    /// As a person writes it down: 256 bits and 8 bits of their SHA-256, eleven bits a word.
    pub fn words(&self, list: WordList) -> Vec<Secret> {
        let mut bits = Zeroizing::new([0; 33]);
        bits[..32].copy_from_slice(self.0.as_slice());
        bits[32] = check(&self.0);
        let words = list.language().word_list();
        let word = |nth: usize| {
            (0..11).map(|bit| nth * 11 + bit).fold(0, |n, at| n << 1 | usize::from(bits[at / 8] >> (7 - at % 8) & 1))
        };
        (0..WORDS).map(|nth| Secret::new(words[word(nth)])).collect()
    }

    /// From words as a person types them: any blanks and line breaks between, numbers before them, capital letters;
    /// Chinese characters also without blanks.
    pub fn from_words(typed: &str) -> Result<Self, WordsWrong> {
        let lower = Zeroizing::new(typed.to_lowercase());
        let mut words: Vec<&str> = Vec::new();
        let mut rest: &str = &lower;
        // Runs of Latin letters are words, a Chinese character is one by itself; all else stands between.
        while let Some(c) = rest.chars().next() {
            let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let take = if letters > 0 { letters } else { c.len_utf8() };
            if letters > 0 || !c.is_ascii() && c.is_alphanumeric() {
                words.push(&rest[..take]);
            }
            rest = &rest[take..];
        }
        if words.len() != WORDS {
            return Err(WordsWrong::Count { found: words.len() });
        }
        let language = if words.iter().any(|w| w.is_ascii()) { Language::English } else { Language::SimplifiedChinese };
        let mut bits = Zeroizing::new([0; 33]);
        for (nth, word) in words.iter().enumerate() {
            let Some(index) = language.find_word(word) else { return Err(WordsWrong::Unknown { nth: nth + 1 }) };
            for bit in 0..11 {
                let at = nth * 11 + bit;
                bits[at / 8] |= u8::from(index >> (10 - bit) & 1 == 1) << (7 - at % 8);
            }
        }
        let mut key = blank_key();
        key.copy_from_slice(&bits[..32]);
        if bits[32] != check(&key) { Err(WordsWrong::Checksum) } else { Ok(Self(key)) }
    }

    /// What seals backups.
    pub fn backup_key(&self) -> BackupKey {
        BackupKey(derive(&self.0, "recovery/backup"))
    }
}

/// BIP-39: the first byte of the hash.
fn check(secret: &Key) -> u8 {
    Sha256::digest(secret.as_slice())[0]
}

impl BackupKey {
    /// The same key for another thread.
    pub fn again(&self) -> Self {
        Self(self.0.clone())
    }

    /// The name of the card that it comes from.
    pub fn card(&self) -> CardId {
        let full = derive(&self.0, "recovery/card");
        let mut id = [0; 8];
        id.copy_from_slice(&full[..8]);
        id
    }
}

const CELL: Aad<'static> = Aad { table: "backup_card", row: "1", column: "sealed_key" };

impl Vault {
    /// The backup key under the master key, for its cell.
    pub fn seal_backup_key(&self, key: &BackupKey) -> Vec<u8> {
        self.seal(Purpose::Backup, &CELL, key.0.as_slice())
    }

    /// The backup key from its cell. Errors: as [`Vault::open`].
    pub fn open_backup_key(&self, sealed: &[u8]) -> Result<BackupKey, VaultError> {
        let plain = self.open(Purpose::Backup, &CELL, sealed)?;
        let mut key = blank_key();
        if plain.len() != key.len() {
            return Err(VaultError::Refused);
        }
        key.copy_from_slice(&plain);
        Ok(BackupKey(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chance::OsChance;

    fn text(words: &[Secret], between: &str) -> String {
        words.iter().map(Secret::reveal).collect::<Vec<_>>().join(between)
    }

    #[test]
    fn both_lists_say_the_same_secret_however_it_is_typed() {
        for _ in 0..200 {
            let secret = Recovery::fresh(&OsChance);
            let (english, chinese) = (secret.words(WordList::English), secret.words(WordList::Chinese));
            assert_eq!((english.len(), chinese.len()), (WORDS, WORDS));
            let numbered: String =
                english.iter().zip(1..).map(|(w, n)| format!("{n}. {}\r\n", w.reveal().to_uppercase())).collect();
            for typed in [text(&english, " "), text(&chinese, " "), text(&chinese, ""), text(&chinese, "、"), numbered]
            {
                let back = Recovery::from_words(&typed).unwrap();
                assert_eq!(*back.0, *secret.0, "{typed}");
            }
            assert_eq!(
                secret.backup_key().card(),
                Recovery::from_words(&text(&chinese, "")).unwrap().backup_key().card()
            );
        }
    }

    #[test]
    fn the_published_vectors_hold() {
        // BIP-39's own (Trezor), 256 bits.
        let zeros = "abandon ".repeat(23) + "art";
        assert!(Recovery::from_words(&zeros).unwrap().0.iter().all(|b| *b == 0));
        let ones = "zoo ".repeat(23) + "vote";
        assert!(Recovery::from_words(&ones).unwrap().0.iter().all(|b| *b == 0xff));
    }

    #[test]
    fn a_slip_of_the_pen_is_named() {
        let secret = Recovery::fresh(&OsChance);
        let words: Vec<String> = secret.words(WordList::English).iter().map(|w| w.reveal().to_owned()).collect();
        let said = |words: &[String]| Recovery::from_words(&words.join(" ")).map(|_| ());
        assert_eq!(said(&words[..23]), Err(WordsWrong::Count { found: 23 }));
        let mut odd = words.clone();
        odd[6] = "waybill".to_owned();
        assert_eq!(said(&odd), Err(WordsWrong::Unknown { nth: 7 }));
        // Eight bits of check: of all single other words, one in 256 passes. Those that pass are other secrets.
        let mut passed = 0;
        for other in ["abandon", "zoo", "legal", "winner", "thank", "year", "wave", "sausage"] {
            for at in 0..WORDS {
                let mut odd = words.clone();
                if odd[at] != other {
                    other.clone_into(&mut odd[at]);
                    match Recovery::from_words(&odd.join(" ")) {
                        Err(e) => assert_eq!(e, WordsWrong::Checksum),
                        Ok(another) => {
                            passed += 1;
                            assert_ne!(*another.0, *secret.0);
                        }
                    }
                }
            }
        }
        assert!(passed < 12, "{passed} of 192 wrong words were not noticed");
    }

    #[test]
    fn a_card_gives_nothing_of_its_secret_away() {
        let secret = Recovery::fresh(&OsChance);
        let card = secret.backup_key().card();
        assert!(!secret.0.windows(4).any(|w| card.windows(4).any(|c| c == w)));
        assert_ne!(card, Recovery::fresh(&OsChance).backup_key().card());
        assert_eq!(format!("{secret:?} {:?}", secret.backup_key()), "Recovery(<redacted>) BackupKey(<redacted>)");
    }
}
