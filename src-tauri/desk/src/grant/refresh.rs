//! Renewal of grants by their refresh tokens, as a saga: the showing is written down, then made, then its end is written.
//!
//! Invariants: one flight a grant; a token is shown at most as often as [`domain::renewal`] allows, counted on disk before
//! it leaves; the old pair lies sealed until the new one has worked once; what cannot be renewed says so on the board, and
//! the grant works on until its last second.
//! Absent: a loop around a call, and the webview.

use crate::api::ApiError;
use crate::grant::platforms;
use crate::house::House;
use crate::kill;
use crate::store::{Grant, GrantState, LogEntry, RefreshEnd, StoreError};
use domain::clock::Millis;
use domain::connector::{CallError, RefusalKind, Tokens};
use domain::ids::GrantId;
use domain::renewal::{JUST_NOW, MOST_SHOWINGS};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

/// How a grant will go on; the words of `GrantView::renewal`.
pub(crate) struct Standing {
    /// `automatic`, `by_hand`, `endless`, `lost`, `refused`, `app`.
    pub word: &'static str,
    /// When it renews itself next.
    pub next: Option<Millis>,
    /// The reminder that stands: 14, 7, 3, 1, or 0.
    pub remind: u8,
}

/// Why it is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// Its time has come.
    Due,
    /// The access token is over and a call waits for a new one.
    Over,
    /// A person wants it.
    Pressed,
}

/// Shifts the time of renewal; the same grant, the same shift.
fn seed(g: &Grant) -> u64 {
    let mut hasher = DefaultHasher::new();
    (g.id.as_str(), g.renewal.since.0).hash(&mut hasher);
    hasher.finish()
}

fn can_be_renewed(tokens: &Tokens, now: Millis) -> bool {
    tokens.refresh.as_ref().is_some_and(|t| !t.is_empty()) && tokens.refresh_expires.is_none_or(|end| end > now)
}

/// How `g` will go on.
pub(crate) async fn standing(house: &House, g: &Grant) -> Result<Standing, StoreError> {
    let now = house.now();
    let tokens = house.store.tokens(&g.id).await?;
    let renewable = tokens.is_some_and(|t| can_be_renewed(&t, now));
    let word = match (g.renewal.trouble.as_str(), g.renewal.expires) {
        ("lost", _) => "lost",
        ("refused", _) => "refused",
        (_, None) => "endless",
        ("app", _) if renewable => "app",
        _ if renewable => "automatic",
        _ => "by_hand",
    };
    let by_itself = matches!(word, "automatic" | "endless");
    Ok(Standing {
        word,
        next: g.renewal.planned(seed(g)).filter(|_| word == "automatic" && g.state == GrantState::Active),
        remind: if by_itself { 0 } else { g.renewal.reminder(now) },
    })
}

/// Days until the first grant ends of those that people are reminded of.
pub(crate) async fn soonest_end(house: &House) -> Result<Option<i64>, StoreError> {
    let now = house.now();
    let mut soonest = None;
    for g in house.store.grants().await? {
        let near = g.state == GrantState::Active && g.renewal.reminder(now) > 0;
        if near && standing(house, &g).await?.remind > 0 {
            soonest = soonest.into_iter().chain(g.renewal.days_left(now)).min();
        }
    }
    Ok(soonest)
}

/// Renews what is due, and tells people about what ends.
pub(crate) async fn round(house: &Arc<House>) -> Result<(), ApiError> {
    for g in house.store.grants().await? {
        if house.is_closing() {
            break;
        }
        if g.state != GrantState::Active {
            continue;
        }
        if g.renewal.is_due(house.now(), seed(&g)) {
            // What goes wrong with one must not keep the others waiting.
            if let Err(e) = renew(house, &g.id, Why::Due).await {
                tracing::warn!(code = ?e.code, error = %e, "a grant could not be renewed; it is tried again");
            }
        }
        remind(house, &g).await?;
    }
    Ok(())
}

async fn remind(house: &House, g: &Grant) -> Result<(), StoreError> {
    let days = g.renewal.reminder(house.now());
    if days == 0 || (g.reminded != 0 && days >= g.reminded) || standing(house, g).await?.remind == 0 {
        return Ok(());
    }
    let log = house.entry_of_desk("grant.remind", g.id.as_str(), format!("days={days}"));
    if house.store.reminded(&g.id, days, &log).await? {
        house.tell("grants", g.id.as_str());
    }
    Ok(())
}

/// A call needs the grant and its access token is over. Whether it works now.
pub(crate) async fn over(house: &Arc<House>, id: &GrantId) -> Result<bool, ApiError> {
    renew(house, id, Why::Over).await
}

/// A person wants it renewed now. Whether it was, just now.
pub(crate) async fn pressed(house: &Arc<House>, id: &GrantId) -> Result<bool, ApiError> {
    renew(house, id, Why::Pressed).await
}

/// One showing at most. Who waited for somebody else's finds it done.
async fn renew(house: &Arc<House>, id: &GrantId, why: Why) -> Result<bool, ApiError> {
    let turn = house.turn(&format!("refresh:{id}")).await;
    let Some(g) = house.store.grant(id).await?.filter(|g| g.state == GrantState::Active) else { return Ok(false) };
    let now = house.now();
    let renewed = g.renewal.since > g.granted_at;
    let wanted = match why {
        Why::Due => g.renewal.is_due(now, seed(&g)),
        Why::Over if g.expires_at.is_none_or(|end| end > now) => return Ok(true),
        Why::Pressed if renewed && now >= g.renewal.since && now.since(g.renewal.since) < JUST_NOW => return Ok(true),
        Why::Over => g.renewal.may_be_shown(now),
        Why::Pressed => g.renewal.may_be_pressed(now),
    };
    let Some(old) = house.store.tokens(id).await? else { return Ok(false) };
    if !wanted || !can_be_renewed(&old, now) {
        return Ok(false);
    }
    // New tokens that cannot be kept are not asked for.
    house.check_room()?;
    // Once begun it is ended, whoever stops waiting: an answer that nobody takes is a grant that is lost.
    let house = house.clone();
    let shown = tokio::spawn(async move {
        let done = show(&house, &g, &old).await;
        drop(turn);
        if matches!(done, Ok(true)) {
            prove(&house, &g.id).await;
        }
        done
    });
    Ok(shown.await.map_err(|_| ApiError::internal("the renewal ended without an end"))??)
}

/// The saga itself. Whether new tokens lie on the disk.
async fn show(house: &Arc<House>, g: &Grant, old: &Tokens) -> Result<bool, StoreError> {
    let second = g.renewal.tries > 0;
    let Some(connector) = house.connectors.get(&g.platform).cloned() else { return Ok(false) };
    let Ok(Some(app)) = platforms::app_key(house, &*connector).await else { return Ok(false) };
    let Some(refresh) = &old.refresh else { return Ok(false) };
    kill::point(if second { "refresh.second_before_intent" } else { "refresh.before_intent" });
    let log = house.entry_of_desk("grant.refresh", g.id.as_str(), format!("showing={}", g.renewal.tries + 1));
    if !house.store.refresh_asked(&g.id, house.now(), &log).await? {
        return Ok(false);
    }
    kill::point(if second { "refresh.second_after_intent" } else { "refresh.after_intent" });
    let answer = connector.refresh(&app, refresh).await;
    kill::point(if second { "refresh.second_after_answer" } else { "refresh.after_answer" });
    let (end, words) = match answer {
        Ok(fresh) => {
            // A server that does not rotate gives no new refresh token: the old one stays good (RFC 6749 §6).
            let keeps = fresh.refresh.is_none();
            let tokens = Tokens {
                refresh: fresh.refresh.or_else(|| old.refresh.clone()),
                refresh_expires: if keeps { old.refresh_expires } else { fresh.refresh_expires },
                identity: fresh.identity.or_else(|| old.identity.clone()),
                ..fresh
            };
            let log = house.entry_of_desk("grant.refreshed", g.id.as_str(), "");
            let kept = write_down(house, &g.id, &tokens, &log).await?;
            kill::point(if second { "refresh.second_after_written" } else { "refresh.after_written" });
            if !kept {
                tracing::warn!(
                    "a renewal came after its grant had ended or had been made anew; its tokens are dropped"
                );
            }
            house.tell("grants", g.id.as_str());
            return Ok(kept);
        }
        // Nothing was shown, or what was shown was not looked at: it counts for nothing.
        Err(CallError::NotSent(why)) => (RefreshEnd::NothingDone, why),
        Err(CallError::Refused(r)) => {
            let words = format!("{} {}", r.code, r.message);
            match r.kind {
                RefusalKind::Throttled | RefusalKind::Platform => (RefreshEnd::NothingDone, words),
                RefusalKind::App => (RefreshEnd::Trouble("app"), words),
                _ => (RefreshEnd::Trouble("refused"), words),
            }
        }
        Err(CallError::Unknown(why)) if g.renewal.tries == 0 => {
            tracing::warn!(why, "the answer to a renewal was lost; the same token is shown once more");
            house.tell("grants", g.id.as_str());
            return Ok(false);
        }
        Err(CallError::Unknown(why)) => (RefreshEnd::Trouble("lost"), why),
    };
    kill::point("refresh.before_end");
    tracing::warn!(words, "a grant could not be renewed");
    let action = if matches!(end, RefreshEnd::NothingDone) { "grant.refresh_put_off" } else { "grant.refresh_failed" };
    let detail = if let RefreshEnd::Trouble(trouble) = end { format!("trouble={trouble}") } else { String::new() };
    let log = house.entry_of_desk(action, g.id.as_str(), detail);
    house.store.refresh_ended(&g.id, end, &log).await?;
    kill::point("refresh.after_end");
    house.tell("grants", g.id.as_str());
    Ok(false)
}

/// The old token may be spent already: a disk that says no for a moment must not cost the grant.
async fn write_down(house: &House, id: &GrantId, tokens: &Tokens, log: &LogEntry) -> Result<bool, StoreError> {
    let mut tries = 0;
    loop {
        match house.store.refreshed(id, tokens, house.now(), log).await {
            Err(e) if tries < 5 => {
                tries += 1;
                tracing::error!(error = %e, tries, "new tokens could not be written; trying again");
                tokio::time::sleep(Duration::from_millis(200 << tries)).await;
            }
            end => return end,
        }
    }
}

/// Uses the new pair once, reading only: then the old one goes. A new pair that does not work gives way to the old one.
async fn prove(house: &Arc<House>, id: &GrantId) {
    kill::point("refresh.before_used");
    let used = match crate::waybill::line(house, id).await {
        Ok(Some(line)) if line.waybills().is_some() => crate::grant::grants::load_couriers(house, id).await,
        Ok(Some(line)) => match line.connector.identify(&line.app, &Tokens { identity: None, ..line.tokens }).await {
            Ok(_) => house.store.grant_used(id, house.now()).await.map_err(ApiError::from),
            Err(e) => {
                if matches!(&e, CallError::Refused(r) if r.kind == RefusalKind::GrantDead) {
                    dead(house, id).await;
                }
                Err(crate::trouble::call_failed(&e, "the new tokens are kept"))
            }
        },
        Ok(None) => Ok(()),
        Err(e) => Err(e),
    };
    kill::point("refresh.after_used");
    if let Err(e) = used {
        tracing::warn!(code = ?e.code, error = %e, "a renewed grant could not be tried at once");
    }
}

/// The platform said that the grant is dead. Tokens that never worked give way to those before them; else every screen shows
/// it from now on.
pub(crate) async fn dead(house: &House, id: &GrantId) {
    let back =
        house.entry_of_desk("grant.refresh_undone", id.as_str(), "the new tokens were refused at their first use");
    let gone = house.entry_of_desk("grant.dead", id.as_str(), "the platform refused it");
    let end = async {
        // Its access was over and it renews itself: that is not its end, only late.
        if let Some(g) = house.store.grant(id).await?
            && g.expires_at.is_some_and(|t| t <= house.now())
            && standing(house, &g).await?.word == "automatic"
        {
            return Ok(());
        }
        if house.store.put_old_tokens_back(id, &back).await? {
            return Ok(());
        }
        house
            .store
            .move_grant(id, GrantState::Active, GrantState::NeedsRenewal, "platform_refused", &gone)
            .await
            .map(|_| ())
    };
    match end.await {
        Ok(()) => house.tell("grants", id.as_str()),
        Err::<(), StoreError>(e) => tracing::error!(error = %e, "a dead grant could not be marked"),
    }
}

/// What a crash left: a token that was shown as often as may be is not shown again.
pub(crate) async fn mend_after_restart(house: &House) -> Result<(), StoreError> {
    for g in house.store.grants().await? {
        if g.renewal.tries >= MOST_SHOWINGS {
            let log = house.entry_of_desk("grant.refresh_failed", g.id.as_str(), "trouble=lost restart");
            house.store.refresh_ended(&g.id, RefreshEnd::Trouble("lost"), &log).await?;
        }
    }
    Ok(())
}
