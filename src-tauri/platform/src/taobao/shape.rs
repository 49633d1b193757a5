//! Reading TOP's JSON as it really comes: numbers as texts, texts as numbers, lists wrapped by their type's name.

use domain::connector::CallError;
use serde_json::Value;

/// The text under `key`; a number as its digits; anything else is empty.
pub(crate) fn text(v: &Value, key: &str) -> String {
    match v.get(key) {
        Some(Value::String(s)) => s.clone(),
        Some(Value::Number(n)) => n.to_string(),
        _ => String::new(),
    }
}

/// The whole number under `key`, also when it is written as text.
pub(crate) fn int(v: &Value, key: &str) -> Option<i64> {
    match v.get(key)? {
        Value::Number(n) => n.as_i64(),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

/// The truth value under `key`, also when it is written as text.
pub(crate) fn truth(v: &Value, key: &str) -> Option<bool> {
    match v.get(key)? {
        Value::Bool(b) => Some(*b),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

/// The list under `key`: plain, or wrapped as `{"type_name": […]}` (TOP without `simplify`). Missing = empty.
/// Errors: something that is no list; then nobody may conclude that it was empty.
pub(crate) fn list<'v>(v: &'v Value, key: &str) -> Result<Vec<&'v Value>, CallError> {
    match v.get(key) {
        None | Some(Value::Null) => Ok(vec![]),
        Some(Value::Array(items)) => Ok(items.iter().collect()),
        Some(Value::Object(wrap)) if wrap.is_empty() => Ok(vec![]),
        Some(Value::Object(wrap)) if wrap.len() == 1 => match wrap.values().next() {
            Some(Value::Array(items)) => Ok(items.iter().collect()),
            _ => Err(unreadable(key)),
        },
        Some(_) => Err(unreadable(key)),
    }
}

/// The answer is there but nobody can read it. Names the place, never the content.
pub(crate) fn unreadable(place: &str) -> CallError {
    CallError::Unknown(format!("the platform's answer cannot be read: {place}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_are_read_wrapped_and_plain_and_nothing_else() {
        for good in [json!({"l": ["a", "b"]}), json!({"l": {"string": ["a", "b"]}})] {
            assert_eq!(list(&good, "l").unwrap().len(), 2);
        }
        for empty in [json!({}), json!({"l": null}), json!({"l": []}), json!({"l": {}}), json!({"l": {"string": []}})] {
            assert!(list(&empty, "l").unwrap().is_empty());
        }
        for bad in [json!({"l": 1}), json!({"l": {"a": 1}}), json!({"l": {"a": [], "b": []}}), json!({"l": "x"})] {
            assert!(list(&bad, "l").is_err(), "{bad} must not count as empty");
        }
    }
}
