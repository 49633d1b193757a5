//! TOP signatures, checked. Source: TOP doc 101617; vectors in `tests-data/top_vectors.json`.

use hmac::{Hmac, KeyInit, Mac};
use md5::Digest;
use std::collections::BTreeMap;

/// How a request says it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Md5,
    Hmac,
    HmacSha256,
}

impl Method {
    /// From `sign_method`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "md5" => Some(Self::Md5),
            "hmac" => Some(Self::Hmac),
            "hmac-sha256" => Some(Self::HmacSha256),
            _ => None,
        }
    }
}

/// What is signed: every parameter except `sign`, sorted by key bytes, key and value joined, without empty ones.
pub(crate) fn signed_text(params: &BTreeMap<String, String>) -> String {
    // A BTreeMap of strings is in byte order already.
    params
        .iter()
        .filter(|(k, v)| k.as_str() != "sign" && !k.is_empty() && !v.is_empty())
        .fold(String::new(), |s, (k, v)| s + k + v)
}

/// The signature that these parameters must carry, in upper-case hex.
pub(crate) fn expected(method: Method, secret: &[u8], params: &BTreeMap<String, String>) -> String {
    let text = signed_text(params);
    let bytes = match method {
        Method::Md5 => {
            let mut h = md5::Md5::new();
            h.update(secret);
            h.update(text.as_bytes());
            h.update(secret);
            h.finalize().to_vec()
        }
        Method::Hmac => {
            let mut m = Hmac::<md5::Md5>::new_from_slice(secret).expect("HMAC takes keys of any length");
            m.update(text.as_bytes());
            m.finalize().into_bytes().to_vec()
        }
        Method::HmacSha256 => {
            let mut m = Hmac::<sha2::Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
            m.update(text.as_bytes());
            m.finalize().into_bytes().to_vec()
        }
    };
    crate::market::hex(&bytes).to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_published_vector_comes_out() {
        let all: Vec<Value> =
            serde_json::from_str(include_str!("../../../tests-data/top_vectors.json")).expect("the vectors are JSON");
        assert_eq!(all.len(), 5, "none was lost on the way here");
        for v in all {
            let input = &v["inputs"];
            let params: BTreeMap<String, String> =
                serde_json::from_value(input["params"].clone()).expect("params are texts");
            let want = v["expected"].as_str().expect("a text");
            let purpose = v["purpose"].as_str().expect("a text");
            if purpose.contains("sort order") {
                assert_eq!(signed_text(&params), want, "{purpose}");
                continue;
            }
            let secret = match (input["secret"].as_str(), input["secret_hex"].as_str()) {
                (Some(s), _) => s.as_bytes().to_vec(),
                (None, Some(h)) => {
                    (0..h.len()).step_by(2).map(|i| u8::from_str_radix(&h[i..i + 2], 16).unwrap()).collect()
                }
                _ => panic!("{purpose}: no secret"),
            };
            let method = if purpose.contains("hmac-sha256") {
                Method::HmacSha256
            } else if purpose.contains("sign_method=hmac") {
                Method::Hmac
            } else {
                Method::Md5
            };
            assert_eq!(expected(method, &secret, &params), want, "{purpose}");
        }
    }

    #[test]
    fn the_signature_itself_and_empty_values_are_not_signed() {
        let params =
            BTreeMap::from([("a".into(), "1".into()), ("b".into(), String::new()), ("sign".into(), "X".into())]);
        assert_eq!(signed_text(&params), "a1");
    }
}
