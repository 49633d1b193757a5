//! The IPP messages that queues need: making requests, reading values. Encoding itself is the crate `ipp`'s.

use super::ipp_client::Server;
use ipp::model::{DelimiterTag, IppVersion, Operation};
use ipp::prelude::{IppAttribute, IppAttributeGroup, IppRequestResponse, IppValue, Uri};

/// Made, or refused because a text is longer than IPP allows.
pub(super) type Made<T> = Result<T, ipp::parser::IppParseError>;

/// A request to a queue, or to the server itself.
pub(super) fn message(operation: Operation, server: &Server, printer_path: Option<&str>) -> Made<IppRequestResponse> {
    let uri = printer_path.and_then(|p| format!("ipp://{}{p}", server.authority()).parse::<Uri>().ok());
    IppRequestResponse::new(IppVersion::v1_1(), operation, uri)
}

/// The request with one more operation attribute.
pub(super) fn with(mut message: IppRequestResponse, key: &str, value: IppValue) -> Made<IppRequestResponse> {
    message.attributes_mut().add(DelimiterTag::OperationAttributes, IppAttribute::with_name(key, value)?);
    Ok(message)
}

/// A `name`, at most 255 bytes.
pub(super) fn name(text: &str) -> Made<IppValue> {
    Ok(IppValue::NameWithoutLanguage(text.try_into()?))
}

/// A `mimeMediaType`.
pub(super) fn mime(text: &str) -> Made<IppValue> {
    Ok(IppValue::MimeMediaType(text.try_into()?))
}

/// A list of `keyword`s.
pub(super) fn keywords(words: &[&str]) -> Made<IppValue> {
    Ok(IppValue::Array(words.iter().map(|w| keyword(w)).collect::<Made<_>>()?))
}

/// A `keyword`.
pub(super) fn keyword(word: &str) -> Made<IppValue> {
    Ok(IppValue::Keyword(word.try_into()?))
}

/// A `collection` of named values.
pub(super) fn collection<const N: usize>(members: [(&str, IppValue); N]) -> Made<IppValue> {
    Ok(IppValue::Collection(members.into_iter().map(|(key, value)| Ok((key.try_into()?, value))).collect::<Made<_>>()?))
}

/// Whose jobs they are in the spooler's list: the user of this machine's session.
pub(super) fn user() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .filter_map(|key| std::env::var(key).ok())
        .find(|name| !name.is_empty() && name.len() <= 127)
        .unwrap_or_else(|| "waybill-desk".to_owned())
}

/// The first group of a kind.
pub(super) fn first(answer: &IppRequestResponse, tag: DelimiterTag) -> Option<&IppAttributeGroup> {
    answer.attributes().groups_of(tag).next()
}

/// The value of an `integer` or `enum` attribute.
pub(super) fn integer(group: &IppAttributeGroup, key: &str) -> Option<i32> {
    match group.get(key)?.value() {
        IppValue::Integer(n) | IppValue::Enum(n) => Some(*n),
        _ => None,
    }
}

/// The value as text, if it is one.
pub(super) fn text(value: &IppValue) -> Option<String> {
    Some(match value {
        IppValue::NameWithoutLanguage(t) | IppValue::NameWithLanguage { name: t, .. } => t.as_str().to_owned(),
        IppValue::TextWithoutLanguage(t) | IppValue::TextWithLanguage { text: t, .. } => {
            let t: &str = t.as_ref();
            t.to_owned()
        }
        IppValue::Keyword(t) => t.as_str().to_owned(),
        IppValue::Uri(t) => t.as_str().to_owned(),
        IppValue::MimeMediaType(t) => t.as_str().to_owned(),
        IppValue::NonUtf8 { data, .. } => String::from_utf8_lossy(data).into_owned(),
        _ => return None,
    })
}

/// All texts of a value that may be a list.
pub(super) fn texts(value: &IppValue) -> Vec<String> {
    match value {
        IppValue::Array(all) => all.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    }
}

/// The square resolutions of a value that may be a list, in dots per inch.
pub(super) fn resolutions(value: &IppValue) -> Vec<i32> {
    /// RFC 8011 §5.1.16: 3 = dots per inch.
    const PER_INCH: i8 = 3;
    let one = |value: &IppValue| match value {
        IppValue::Resolution { cross_feed, feed, units: PER_INCH } if cross_feed == feed => Some(*feed),
        _ => None,
    };
    match value {
        IppValue::Array(all) => all.iter().filter_map(one).collect(),
        value => one(value).into_iter().collect(),
    }
}
