//! TOP's request signature. Source: TOP doc 101617; vectors in tests-data/top_vectors.json.
//!
//! Every sent parameter but `sign` is signed, `format` and `sign_method` too; keys are sorted by their bytes (never by
//! locale: `_` stands between digits and lower case); raw values, UTF-8, no separators.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignMethod {
    /// MD5 with the secret on both ends. Known so that the vectors prove the base string; not used to send.
    #[cfg_attr(not(test), expect(dead_code, reason = "we send hmac-sha256; the others are checked by vectors"))]
    Md5,
    /// HMAC-MD5, no wrapping.
    #[cfg_attr(not(test), expect(dead_code, reason = "we send hmac-sha256; the others are checked by vectors"))]
    Hmac,
    /// HMAC-SHA256, no wrapping.
    HmacSha256,
}

impl SignMethod {
    /// The word in `sign_method`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Hmac => "hmac",
            Self::HmacSha256 => "hmac-sha256",
        }
    }
}

/// The signature of `params`, upper-case hex. `params` holds everything that is sent except `sign`.
pub(crate) fn sign(method: SignMethod, secret: &str, params: &BTreeMap<String, String>) -> String {
    let base = base_string(params);
    match method {
        SignMethod::Md5 => upper_hex(&Md5::digest(format!("{secret}{base}{secret}"))),
        SignMethod::Hmac => {
            let mut mac = Hmac::<Md5>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
            mac.update(base.as_bytes());
            upper_hex(&mac.finalize().into_bytes())
        }
        SignMethod::HmacSha256 => {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
            mac.update(base.as_bytes());
            upper_hex(&mac.finalize().into_bytes())
        }
    }
}

/// Keys in byte order, each followed by its value. `BTreeMap<String, _>` iterates in byte order.
fn base_string(params: &BTreeMap<String, String>) -> String {
    params.iter().flat_map(|(k, v)| [k.as_str(), v.as_str()]).collect()
}

fn upper_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut s, b| {
        let _ = write!(s, "{b:02X}");
        s
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_published_vectors_come_out() {
        let vectors: Vec<Value> = serde_json::from_str(include_str!("../../tests-data/top_vectors.json")).unwrap();
        let mut seen = 0;
        for v in &vectors {
            let inputs = &v["inputs"];
            let params: BTreeMap<String, String> =
                serde_json::from_value(inputs["params"].clone()).expect("params are texts");
            let secret = inputs["secret_hex"].as_str().map_or_else(
                || inputs["secret"].as_str().unwrap_or_default().to_owned(),
                |hex| {
                    let bytes: Vec<u8> =
                        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect();
                    String::from_utf8(bytes).expect("0x0b bytes are ASCII")
                },
            );
            let purpose = v["purpose"].as_str().unwrap();
            let got = match purpose {
                p if p.starts_with("canonical sort order") => base_string(&params),
                p if p.contains("sign_method=md5") => sign(SignMethod::Md5, &secret, &params),
                p if p.contains("sign_method=hmac-sha256") => sign(SignMethod::HmacSha256, &secret, &params),
                p if p.contains("sign_method=hmac ") => sign(SignMethod::Hmac, &secret, &params),
                p => panic!("no reading of vector {p:?}"),
            };
            assert_eq!(got, v["expected"].as_str().unwrap(), "{purpose}");
            seen += 1;
        }
        assert_eq!(seen, 5, "all five vectors were read");
    }
}
