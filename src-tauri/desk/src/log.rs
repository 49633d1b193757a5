//! The action log as people read it, and what shows that nobody worked on it behind the desk's back. Writing is part of every
//! write of the store.
//!
//! A chain alone does not show that its end was cut off, or that another course of events stands in its place. So its head is
//! kept elsewhere ([`anchor`]): in a file of this folder at each closing, and on paper, on the day's closing slip.

mod anchor;

use crate::api::{ApiError, CloseDay, ClosedDay, Code, ListLog, LogExported, LogPage, LogRow, LogVerdict, VerifyLog};
use crate::door::At;
use crate::house::House;
use crate::order::history;
use crate::printing::{draw, printers};
use crate::store::{LogFault, LogLine, LogQuery};
use anchor::Anchor;
use domain::clock::Millis;
use domain::printer::SendOutcome;
use std::collections::HashMap;
use std::io::Write;

/// Rows of an export read at a time.
const PAGE: u32 = 1000;

/// Newest first.
pub(crate) async fn list(at: &At<'_>, req: ListLog) -> Result<LogPage, ApiError> {
    let limit = req.limit.clamp(1, 200);
    let names = names(at.house).await?;
    let lines = at.house.store.log_page(&query(&req, req.before, limit)).await?;
    let next = (lines.len() == limit as usize).then(|| lines.last().map(|l| l.seq)).flatten();
    Ok(LogPage { rows: lines.into_iter().map(|l| row(l, &names)).collect(), next })
}

fn query(req: &ListLog, before: Option<i64>, limit: u32) -> LogQuery {
    LogQuery {
        before,
        limit,
        person: req.person.clone(),
        object: req.object.clone(),
        action: req.action.clone(),
        from: req.from.map(Millis),
        to: req.to.map(Millis),
    }
}

async fn names(house: &House) -> Result<HashMap<String, String>, ApiError> {
    Ok(house.store.people().await?.into_iter().map(|p| (p.id.to_string(), p.name)).collect())
}

fn row(l: LogLine, names: &HashMap<String, String>) -> LogRow {
    LogRow {
        seq: l.seq,
        at: l.at.0,
        person: names.get(&l.person).cloned().unwrap_or(l.person),
        station: l.station,
        action: l.action,
        object: l.object,
        detail: l.detail,
    }
}

/// Recomputes the chain, and compares it with every head that was kept.
pub(crate) async fn verify(at: &At<'_>, req: VerifyLog) -> Result<LogVerdict, ApiError> {
    let house = at.house;
    let mut kept = anchor::kept(house);
    let given = req.anchor.trim();
    let foreign = match (given.is_empty(), Anchor::read(&house.vault, given)) {
        (true, _) => false,
        (false, Some(anchor)) => {
            kept.push(anchor);
            false
        }
        (false, None) => true,
    };
    let wanted: Vec<i64> = kept.iter().map(|a| a.seq).collect();
    let check = house.store.log_check(&wanted).await?;
    let apart = kept
        .iter()
        .filter(|a| a.seq <= check.rows)
        .filter(|a| check.hashes.iter().find(|h| h.0 == a.seq).is_none_or(|h| !h.1.starts_with(&a.head)))
        .map(|a| a.seq)
        .min();
    let beyond = kept.iter().any(|a| a.seq > check.rows);
    let (verdict, first_bad) = match (check.fault, apart) {
        (Some((seq, LogFault::Altered)), _) => ("altered", Some(seq)),
        (Some((seq, LogFault::Missing)), _) => ("missing", Some(seq)),
        (None, Some(seq)) => ("rewritten", Some(seq)),
        (None, None) if beyond => ("tail_cut", Some(check.rows + 1)),
        (None, None) if foreign => ("anchor_differs", None),
        (None, None) => ("whole", None),
    };
    Ok(LogVerdict {
        rows: check.rows,
        whole: verdict == "whole",
        verdict: verdict.into(),
        first_bad,
        head: check.head,
        anchors: u32::try_from(kept.len()).unwrap_or(u32::MAX),
    })
}

/// The head that went into a backup, or came out of one, kept in this folder's list as well. The backup stands without it.
pub(crate) fn keep_head(house: &House, seq: i64, head: &str) {
    if let Err(error) = anchor::add(house, &Anchor::of(seq, head)) {
        tracing::warn!(%error, "the head of the log in a backup could not be kept in the folder, too");
    }
}

/// Whether a head that lies in a backup belongs to this desk's log: `part`; `beyond` its last row (rows are missing here, or
/// the backup is of another computer's course of events); `apart` from it. Both latter ones are to be looked into.
pub(crate) async fn compare_head(house: &House, seq: i64, head: &str) -> Result<&'static str, ApiError> {
    let check = house.store.log_check(&[seq]).await?;
    let there = check.hashes.iter().find(|h| h.0 == seq);
    Ok(match there {
        _ if seq > check.rows => "beyond",
        Some((_, hash)) if hash == head && check.fault.is_none_or(|(at, _)| at > seq) => "part",
        _ => "apart",
    })
}

/// The day's closing slip. The head goes into this folder's own list, too.
pub(crate) async fn close_day(at: &At<'_>, req: CloseDay) -> Result<ClosedDay, ApiError> {
    let house = at.house;
    let printer = match req.printer.as_str() {
        "none" => None,
        "" => Some(house.store.printers().await?.into_iter().find(|p| p.default).ok_or_else(|| {
            ApiError::new(Code::NoPrinter, "no printer is set up; the day was not closed").hint("set one up first")
        })?),
        id => Some(printers::get(house, id.to_owned()).await?),
    };
    // The closing is the last row that it tells of.
    house.store.note(&house.entry(at.actor()?, "log.close_day", "", "")).await?;
    let anchor = anchor::keep(house).await?;
    let closed = |printed: &str, reason: String| ClosedDay {
        anchor: anchor.text(&house.vault),
        rows: anchor.seq,
        printed: printed.into(),
        reason,
    };
    let Some(printer) = printer else { return Ok(closed("none", String::new())) };
    let now = house.now();
    let counts = house.store.day_counts(history::today(now)).await?;
    let day = draw::shop_time(now);
    let mut lines = vec![
        ("面单台 当日结单".to_owned(), String::new()),
        ("时间".to_owned(), day),
        ("经手人".to_owned(), at.actor()?.name.clone()),
        ("日志行数".to_owned(), anchor.seq.to_string()),
    ];
    for c in &counts {
        let name = crate::courier_names::courier_name(&c.courier.0).to_owned();
        lines.push((name, format!("{} 张，确认 {}", c.sent, c.confirmed)));
    }
    let media = printers::media(&printer);
    let slip = label::closing_slip(media.size, printer.dpi, &lines, &anchor.text(&house.vault))
        .map_err(|e| draw::wrong_label(&e))?;
    let bytes = printers::encode(&printer, &slip)?;
    let _turn = house.turn(&format!("printer:{}", printer.id)).await;
    crate::batch::free_printer(house, &printer.id, None).await?;
    Ok(match printers::link(&printer)?.send(&bytes).await {
        SendOutcome::Sent(_) => closed("sent", String::new()),
        SendOutcome::NothingSent(why) => closed("nothing_sent", why),
        SendOutcome::BrokenOff { reason, .. } => closed("doubtful", reason),
    })
}

/// The rows as JSON Lines in this folder, oldest last, as they stand: hashes are not in it, for a copy proves nothing.
pub(crate) async fn export(at: &At<'_>, req: ListLog) -> Result<LogExported, ApiError> {
    let house = at.house;
    let names = names(house).await?;
    let folder = house.folder.join("exports");
    let name = format!("log-{}.jsonl", house.now().0);
    let path = folder.join(&name);
    let failed = |e: std::io::Error| {
        ApiError::new(Code::FolderReadOnly, format!("the export could not be written: {e}; the log is as it was"))
            .hint("make room in the data folder, then try again")
    };
    // Personal data is not in the log; who did what is, and a reader of this file needs the right to read the log.
    house.store.note(&house.entry(at.actor()?, "log.export", "", name)).await?;
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).map_err(failed)?);
    let (mut rows, mut before) = (0, req.before);
    loop {
        let page = house.store.log_page(&query(&req, before, PAGE)).await?;
        before = page.last().map(|l| l.seq);
        let last = page.len() < PAGE as usize;
        for line in page {
            serde_json::to_writer(&mut file, &row(line, &names)).map_err(ApiError::internal)?;
            file.write_all(b"\n").map_err(failed)?;
            rows += 1;
        }
        if last {
            break;
        }
    }
    file.into_inner().map_err(|e| failed(e.into_error()))?.sync_all().map_err(failed)?;
    Ok(LogExported { path: path.display().to_string(), rows })
}
