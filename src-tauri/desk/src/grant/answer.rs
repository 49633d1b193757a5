//! A platform's answer coming home through any door: read defensively, matched to its attempt, taken once.
//!
//! Whatever is refused leaves a log row with the reason and never the text.

use crate::grant::platforms::{SCHEME, door_word};
use crate::grant::{attempts, exchange};
use crate::house::House;
use crate::store::Attempt;
use domain::attempt::AttemptState;
use domain::connector::Door;
use domain::secret::Secret;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Longer than any platform's answer; what is longer is an attack or a mistake.
pub(crate) const MAX_LEN: usize = 8 * 1024;
/// Longest code any platform documents is 1,024.
const MAX_CODE: usize = 2_048;

/// What stood in an answer.
#[derive(Debug)]
pub(crate) struct Given {
    pub state: Option<Secret>,
    pub code: Option<Secret>,
    pub error: Option<String>,
    pub error_text: String,
    pub iss: Option<String>,
}

/// Why an answer was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("too_long")]
    TooLong,
    #[error("strange_characters")]
    StrangeCharacters,
    #[error("not_our_address")]
    NotOurAddress,
    #[error("fragment")]
    Fragment,
    #[error("second_question_mark")]
    SecondQuestionMark,
    #[error("bad_percent")]
    BadPercent,
    #[error("duplicate_parameter")]
    DuplicateParameter,
    #[error("neither_code_nor_error")]
    NeitherCodeNorError,
    #[error("both_code_and_error")]
    BothCodeAndError,
    #[error("no_state")]
    NoState,
    #[error("unknown_state")]
    UnknownState,
    #[error("other_attempt")]
    OtherAttempt,
    #[error("wrong_connector")]
    WrongConnector,
    #[error("attempt_over")]
    AttemptOver,
    #[error("expired")]
    Expired,
    #[error("door_not_offered")]
    DoorNotOffered,
    #[error("missing_iss")]
    MissingIss,
    #[error("wrong_iss")]
    WrongIss,
    #[error("desk_trouble")]
    DeskTrouble,
}

/// An answer that reached our link scheme.
pub(crate) async fn by_scheme(house: &Arc<House>, url: &str) {
    let end = match read_scheme(url) {
        Ok((connector, given)) => take(house, Door::Scheme, Some(&connector), None, given).await,
        Err(e) => Err(e),
    };
    if let Err(e) = end {
        log_refused(house, Door::Scheme, "", e).await;
    }
}

/// `app.waybilldesk:/callback/{connector}?…`, exactly: no other case, no authority, no fragment.
pub(crate) fn read_scheme(url: &str) -> Result<(String, Given), Refused> {
    check_text(url)?;
    let rest = url.strip_prefix(SCHEME).and_then(|r| r.strip_prefix(":/callback/")).ok_or(Refused::NotOurAddress)?;
    let (connector, query) = rest.split_once('?').ok_or(Refused::NeitherCodeNorError)?;
    Ok((connector_word(connector)?, read_query(query)?))
}

/// The target of a request to our loopback listener: `/callback/{connector}?…`.
pub(crate) fn read_target(target: &str) -> Result<(String, Given), Refused> {
    check_text(target)?;
    let rest = target.strip_prefix("/callback/").ok_or(Refused::NotOurAddress)?;
    let (connector, query) = rest.split_once('?').ok_or(Refused::NeitherCodeNorError)?;
    Ok((connector_word(connector)?, read_query(query)?))
}

/// What a person pasted: the whole address bar, or its query part. It must be the address this attempt's redirect names.
pub(crate) fn read_paste(text: &str, attempt: &Attempt) -> Result<Given, Refused> {
    let text = text.trim().trim_matches(['"', '\'', '<', '>', '“', '”']);
    check_text(text)?;
    let query = match text.split_once('?') {
        Some((before, query)) => {
            // Browsers write the bare host with a slash; nothing else may differ from what we asked for.
            let same = before == attempt.redirect || before.strip_suffix('/') == Some(attempt.redirect.as_str());
            let own_query = attempt.redirect.split_once('?');
            match own_query {
                None if same => query,
                Some((base, fixed)) if before == base => {
                    query.strip_prefix(fixed).and_then(|q| q.strip_prefix('&')).ok_or(Refused::NotOurAddress)?
                }
                _ => return Err(Refused::NotOurAddress),
            }
        }
        None if text.starts_with("code=") || text.starts_with("state=") || text.starts_with("error=") => text,
        None => return Err(Refused::NoState),
    };
    read_query(query)
}

fn check_text(text: &str) -> Result<(), Refused> {
    if text.len() > MAX_LEN {
        return Err(Refused::TooLong);
    }
    // RFC 3986 characters only: no control, space, quote, bar, backslash, full-width or other non-ASCII character.
    let fine = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&()*+,;=%".contains(&b);
    if !text.bytes().all(fine) {
        return Err(Refused::StrangeCharacters);
    }
    if text.contains('#') {
        return Err(Refused::Fragment);
    }
    Ok(())
}

fn connector_word(w: &str) -> Result<String, Refused> {
    if !w.is_empty() && w.len() <= 32 && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        Ok(w.to_owned())
    } else {
        Err(Refused::NotOurAddress)
    }
}

fn read_query(query: &str) -> Result<Given, Refused> {
    if query.contains('?') {
        return Err(Refused::SecondQuestionMark);
    }
    let mut given = Given { state: None, code: None, error: None, error_text: String::new(), iss: None };
    let mut seen: Vec<String> = Vec::new();
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        if seen.contains(&name) {
            return Err(Refused::DuplicateParameter);
        }
        match name.as_str() {
            "code" if value.len() > MAX_CODE => return Err(Refused::TooLong),
            "code" => given.code = Some(Secret::new(value)).filter(|c| !c.is_empty()),
            "state" => given.state = Some(Secret::new(value)).filter(|s| !s.is_empty()),
            "error" => given.error = Some(value.chars().take(100).collect()).filter(|e: &String| !e.is_empty()),
            "error_description" => given.error_text = value.chars().take(300).collect(),
            "iss" => given.iss = Some(value),
            _ => {}
        }
        seen.push(name);
    }
    match (&given.code, &given.error) {
        (None, None) => Err(Refused::NeitherCodeNorError),
        (Some(_), Some(_)) => Err(Refused::BothCodeAndError),
        _ => Ok(given),
    }
}

/// Percent-decodes once. Broken sequences, control characters and broken UTF-8 are refused, not repaired.
fn decode(s: &str) -> Result<String, Refused> {
    let mut out = Vec::with_capacity(s.len());
    let mut bytes = s.bytes();
    while let Some(b) = bytes.next() {
        out.push(match b {
            b'%' => {
                let hi = bytes.next().and_then(|c| char::from(c).to_digit(16)).ok_or(Refused::BadPercent)?;
                let lo = bytes.next().and_then(|c| char::from(c).to_digit(16)).ok_or(Refused::BadPercent)?;
                u8::try_from(hi * 16 + lo).map_err(|_| Refused::BadPercent)?
            }
            b'+' => b' ',
            b => b,
        });
    }
    let text = String::from_utf8(out).map_err(|_| Refused::BadPercent)?;
    if text.chars().any(char::is_control) { Err(Refused::StrangeCharacters) } else { Ok(text) }
}

/// Matches an answer to its attempt and takes it: the first valid one wins. `Ok`: it was taken (also a platform's plain
/// "no"); what follows goes on by itself.
pub(crate) async fn take(
    house: &Arc<House>,
    door: Door,
    connector: Option<&str>,
    attempt: Option<&Attempt>,
    given: Given,
) -> Result<(), Refused> {
    let state = given.state.as_ref().ok_or(Refused::NoState)?;
    let found = house.store.attempt_by_state(state.reveal()).await.map_err(trouble)?.ok_or(Refused::UnknownState)?;
    // An attempt that is over holds no state any more; its keyed hash is enough to say so.
    if found.state != AttemptState::Open {
        return Err(Refused::AttemptOver);
    }
    // Found by keyed hash; compared whole, in constant time.
    if !bool::from(found.secret_state.reveal().as_bytes().ct_eq(state.reveal().as_bytes())) {
        return Err(Refused::UnknownState);
    }
    if attempt.is_some_and(|a| a.id != found.id) {
        return Err(Refused::OtherAttempt);
    }
    if connector.is_some_and(|c| c != found.platform) {
        return Err(Refused::WrongConnector);
    }
    if found.expires_at <= house.now() {
        return Err(Refused::Expired);
    }
    let connector = house.connectors.get(&found.platform).ok_or(Refused::WrongConnector)?;
    if !attempts::doors(&found, connector.profile()).contains(&door) {
        return Err(Refused::DoorNotOffered);
    }
    match (&connector.profile().issuer, &given.iss) {
        (Some(want), Some(got)) if want == got => {}
        (Some(_), None) => return Err(Refused::MissingIss),
        // An issuer where none is expected belongs to somebody else's answer.
        (Some(_) | None, Some(_)) => return Err(Refused::WrongIss),
        (None, None) => {}
    }
    match given.code {
        Some(code) => {
            let taken = exchange::received(house, &found, door, code).await.map_err(trouble)?;
            if taken { Ok(()) } else { Err(Refused::AttemptOver) }
        }
        None => {
            let error = given.error.unwrap_or_default();
            let taken =
                exchange::platform_said_no(house, &found, door, &error, &given.error_text).await.map_err(trouble)?;
            if taken { Ok(()) } else { Err(Refused::AttemptOver) }
        }
    }
}

fn trouble(e: impl std::fmt::Display) -> Refused {
    tracing::error!(error = %e, "an answer could not be taken");
    Refused::DeskTrouble
}

/// A refusal leaves a row: which door, why; never what.
pub(crate) async fn log_refused(house: &House, door: Door, attempt: &str, why: Refused) {
    let log = house.entry_of_desk("callback.refused", attempt, format!("door={} reason={why}", door_word(door)));
    if let Err(e) = house.store.note(&log).await {
        tracing::warn!(error = %e, "a refused answer could not be logged");
    }
}
