//! The recovery card: shown once, checked by four of its words, then known by its short name only.

use super::hex;
use crate::api::{ApiError, BackupState, BeginCard, CardAsked, CardWords, Code, ConfirmCard, FieldError, Nothing};
use crate::door::At;
use crate::house::House;
use crate::store::Card;
use crate::vault::{Recovery, WORDS, WordList};
use domain::clock::Millis;
use domain::ids::PersonId;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a card lies open: long enough to write 24 words down twice.
const LIES_OPEN: Duration = Duration::from_secs(30 * 60);
/// How many words are asked for.
const ASKED: usize = 4;

/// A card that is being made.
pub(crate) struct Open {
    secret: Recovery,
    list: WordList,
    /// From 0, in their order.
    asked: Vec<usize>,
    by: PersonId,
    until: Millis,
}

/// Where it lies.
pub(crate) type Table = Mutex<Option<Open>>;

fn on(house: &House) -> std::sync::MutexGuard<'_, Option<Open>> {
    let mut table = house.card_table.lock().unwrap_or_else(PoisonError::into_inner);
    if table.as_ref().is_some_and(|open| open.until <= house.now()) {
        *table = None;
    }
    table
}

/// Nothing lies there any more.
pub(crate) fn put_away(house: &House) {
    *on(house) = None;
}

fn none() -> ApiError {
    ApiError::new(Code::WrongState, "no card is being made, or it lay open for too long; nothing was changed")
        .hint("begin a new one")
}

/// A new secret. Nothing is kept until its words were typed again.
pub(crate) async fn begin(at: &At<'_>, req: BeginCard) -> Result<CardAsked, ApiError> {
    let house = at.house;
    let replaces = house.store.card().await?.is_some();
    if replaces && !req.replace {
        return Err(ApiError::new(Code::WrongState, "there is a card already; nothing was changed")
            .hint("a new card opens no older backup: keep the old one beside it")
            .detail("card"));
    }
    let list = if req.list == "zh" { WordList::Chinese } else { WordList::English };
    // Four different places, one in each quarter: nobody gets away with the first row.
    let mut dice = [0; ASKED];
    house.chance.fill(&mut dice);
    let quarter = WORDS / ASKED;
    let asked: Vec<usize> = dice.iter().enumerate().map(|(n, d)| n * quarter + usize::from(*d) % quarter).collect();
    let until = house.now().plus(LIES_OPEN);
    let by = at.actor()?.id.clone();
    let view = CardAsked { ask: asked.iter().map(|n| *n as u32 + 1).collect(), until: until.0, replaces };
    *on(house) = Some(Open { secret: Recovery::fresh(&*house.chance), list, asked, by, until });
    Ok(view)
}

/// The words and the QR, for a terminal or as a picture that no script reads. Only for whoever began it.
#[allow(clippy::unused_async, reason = "the table of commands awaits them all")]
pub(crate) async fn words(at: &At<'_>, _: Nothing) -> Result<CardWords, ApiError> {
    let actor = at.actor()?.id.clone();
    let (words, english) = match &*on(at.house) {
        Some(open) if open.by == actor => (open.secret.words(open.list), open.secret.words(WordList::English)),
        _ => return Err(none()),
    };
    let words: Vec<String> = words.iter().map(|w| w.reveal().to_owned()).collect();
    let text = english.iter().map(|w| w.reveal()).collect::<Vec<_>>().join(" ");
    let svg = picture(&words, &text)?;
    Ok(CardWords { words, svg })
}

/// The four words were typed again: from now on backups are sealed for this card.
pub(crate) async fn confirm(at: &At<'_>, req: ConfirmCard) -> Result<BackupState, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    let card = {
        let table = on(house);
        let open = table.as_ref().filter(|open| open.by == actor.id).ok_or_else(none)?;
        // Either list: who writes one down may type the other.
        let lists = [open.secret.words(WordList::English), open.secret.words(WordList::Chinese)];
        let wrong: Vec<FieldError> = open
            .asked
            .iter()
            .enumerate()
            .filter(|(n, at)| {
                let typed = req.words.get(*n).map(|w| w.trim().to_lowercase()).unwrap_or_default();
                !lists.iter().any(|words| words[**at].reveal() == typed)
            })
            .map(|(n, at)| FieldError {
                field: format!("words[{n}]"),
                code: "other_word".into(),
                detail: (at + 1).to_string(),
                fault: None,
            })
            .collect();
        if !wrong.is_empty() {
            return Err(ApiError::new(Code::InvalidInput, "words: not those of the card — nothing was kept")
                .hint("look at the card again; what you wrote down would not have opened a backup")
                .fields(wrong));
        }
        let key = open.secret.backup_key();
        Card { id: key.card(), key, made_at: house.now(), made_by: actor.id.to_string() }
    };
    let replaces = house.store.card().await?.map(|c| hex(&c.id)).unwrap_or_default();
    let log = house.entry(actor, "backup.card", hex(&card.id), format!("replaces={replaces}"));
    house.store.set_card(&card, &log).await?;
    put_away(house);
    house.tell("backups", "");
    house.wake.notify_waiters();
    super::view(house).await
}

/// Words in three columns, the QR beside them. Letters and Chinese characters only: nothing to escape.
fn picture(words: &[String], text: &str) -> Result<String, ApiError> {
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium)
        .map_err(|_| ApiError::internal("the words are too long for a QR code"))?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in 0..code.size() {
            if code.get_module(x, y) {
                path += &format!("M{x} {y}h1v1h-1z");
            }
        }
    }
    let mut rows = String::new();
    for (n, word) in words.iter().enumerate() {
        let (x, y) = (24 + n / 8 * 150, 40 + n % 8 * 34);
        rows += &format!(
            "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\" font-size=\"13\" fill=\"#777\">{}</text>\
             <text x=\"{}\" y=\"{y}\" font-size=\"19\" font-weight=\"600\">{word}</text>",
            x + 18,
            n + 1,
            x + 28
        );
    }
    let scale = 224.0 / f64::from(code.size());
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 740 310\" font-family=\"'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif\">\
         <rect width=\"740\" height=\"310\" rx=\"10\" fill=\"#fff\" stroke=\"#bbb\"/>{rows}\
         <g transform=\"translate(490 42) scale({scale})\" shape-rendering=\"crispEdges\"><path d=\"{path}\"/></g></svg>"
    ))
}
