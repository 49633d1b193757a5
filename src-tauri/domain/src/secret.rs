//! A value that must not be seen: prints as `<redacted>`, is wiped when dropped, cannot be serialised.

use std::fmt;
use zeroize::Zeroize;

/// A secret text: token, code, state, verifier, app secret, passphrase.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes ownership; the caller should not keep another copy.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    /// The value itself. Every call site is a place to look at: never log it, never send it to the window.
    pub fn reveal(&self) -> &str {
        &self.0
    }
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(s: String) -> Self {
        Self(s)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}
