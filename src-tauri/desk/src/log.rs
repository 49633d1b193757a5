//! The action log as people read it. Writing is part of every write of the store.

use crate::api::{ApiError, ListLog, LogPage, LogRow, LogVerdict, Nothing};
use crate::door::At;
use std::collections::HashMap;

/// Newest first.
pub(crate) async fn list(at: &At<'_>, req: ListLog) -> Result<LogPage, ApiError> {
    let limit = req.limit.clamp(1, 200);
    let names: HashMap<String, String> =
        at.house.store.people().await?.into_iter().map(|p| (p.id.to_string(), p.name)).collect();
    let lines = at.house.store.log_page(req.before, limit).await?;
    let next = (lines.len() == limit as usize).then(|| lines.last().map(|l| l.seq)).flatten();
    let rows = lines
        .into_iter()
        .map(|l| LogRow {
            seq: l.seq,
            at: l.at.0,
            person: names.get(&l.person).cloned().unwrap_or(l.person),
            station: l.station,
            action: l.action,
            object: l.object,
            detail: l.detail,
        })
        .collect();
    Ok(LogPage { rows, next })
}

/// Recomputes the chain.
pub(crate) async fn verify(at: &At<'_>, _: Nothing) -> Result<LogVerdict, ApiError> {
    let (rows, first_bad, head) = at.house.store.log_verify().await?;
    Ok(LogVerdict { rows, whole: first_bad.is_none(), first_bad, head })
}
