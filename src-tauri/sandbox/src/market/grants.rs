//! Logins on their way, one-use codes, and the sessions that come out of them.

use super::Inner;
use super::ledger::{Entry, Server, Session};
use super::sha;
use super::shops::{self, Shop};
use domain::clock::Millis;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io;
use std::time::Duration;

/// Codes live this long from consent.
pub(crate) const CODE_LIFE: Duration = Duration::from_secs(300);
/// A login page lives this long.
const VISIT_LIFE: Duration = Duration::from_secs(1800);

/// A browser on its way through login and consent.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) server: Server,
    pub(crate) app: String,
    pub(crate) redirect: String,
    pub(crate) state: String,
    pub(crate) scope: String,
    /// PKCE S256 challenge; standard server only.
    pub(crate) challenge: String,
    /// Who logged in: login name.
    pub(crate) login: Option<String>,
    pub(crate) begun: Millis,
}

/// A code, spent or not.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) visit: Visit,
    issued: Millis,
    spent: bool,
    /// The session it was spent on: a code shown twice ends it (RFC 6749 §4.1.2).
    access_sha: Option<String>,
}

/// Logins and codes; in memory only, as their lives are minutes.
#[derive(Default)]
pub(crate) struct Grants {
    visits: HashMap<String, Visit>,
    codes: HashMap<String, Code>,
    /// Every token given out since the start, in clear: what a canary test looks for.
    given: Vec<String>,
    /// What a refresh token meets that was shown before.
    rotation: Rotation,
}

/// What a refresh token meets that was shown before. JSON: `{"grace_s":10,"reuse_kills":true}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// A second showing within so many seconds gets a pair of its own.
    pub grace_s: u64,
    /// A later one ends the whole family (RFC 9700 §4.14.2).
    pub reuse_kills: bool,
}

/// Fresh tokens in clear, on their way to the client.
pub(crate) struct Fresh {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) session: Session,
}

/// Why a code was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeTrouble {
    Unknown,
    Spent,
    Expired,
    /// Something sent with it does not fit; the text says what.
    Mismatch(&'static str),
}

impl Inner {
    /// Every token given out since the start.
    pub(crate) fn secrets_given_out(&self) -> Vec<String> {
        self.grants().given.clone()
    }

    /// Remembers a visit; the word is the hidden field of its pages.
    pub(crate) fn begin_visit(&self, visit: Visit) -> String {
        let word = self.fresh_word();
        let now = self.now();
        let mut g = self.grants();
        g.visits.retain(|_, v| now.since(v.begun) < VISIT_LIFE);
        g.visits.insert(word.clone(), visit);
        word
    }

    /// The visit of a page, while it lives.
    pub(crate) fn visit(&self, word: &str) -> Option<Visit> {
        let now = self.now();
        self.grants().visits.get(word).filter(|v| now.since(v.begun) < VISIT_LIFE).cloned()
    }

    /// Somebody logged in on this page.
    pub(crate) fn visit_logged_in(&self, word: &str, login: &str) {
        if let Some(v) = self.grants().visits.get_mut(word) {
            v.login = Some(login.to_string());
        }
    }

    /// Ends a visit: consent or refusal is given once.
    pub(crate) fn end_visit(&self, word: &str) -> Option<Visit> {
        let visit = self.visit(word)?;
        self.grants().visits.remove(word);
        Some(visit)
    }

    /// A code for a visit that was consented to.
    pub(crate) fn issue_code(&self, visit: Visit) -> String {
        let code = self.fresh_word();
        let kept = Code { visit, issued: self.now(), spent: false, access_sha: None };
        self.grants().codes.insert(code.clone(), kept);
        code
    }

    /// Spends a code if `check` finds nothing wrong with it; of two callers at once only one gets it.
    pub(crate) fn claim_code(
        &self,
        code: &str,
        check: impl FnOnce(&Visit) -> Result<(), &'static str>,
    ) -> Result<Visit, CodeTrouble> {
        let now = self.now();
        let mut g = self.grants();
        let c = g.codes.get_mut(code).ok_or(CodeTrouble::Unknown)?;
        if c.spent {
            return Err(CodeTrouble::Spent);
        }
        if now.since(c.issued) >= CODE_LIFE {
            return Err(CodeTrouble::Expired);
        }
        check(&c.visit).map_err(CodeTrouble::Mismatch)?;
        c.spent = true;
        Ok(c.visit.clone())
    }

    /// Remembers which session came out of a code.
    pub(crate) fn code_became(&self, code: &str, access_sha: &str) {
        if let Some(c) = self.grants().codes.get_mut(code) {
            c.access_sha = Some(access_sha.to_string());
        }
    }

    /// A spent code was shown again: whoever holds its tokens may be a thief, so they end.
    pub(crate) fn punish_replay(&self, code: &str) -> io::Result<()> {
        let sha = self.grants().codes.get(code).and_then(|c| c.access_sha.clone());
        match sha {
            Some(access_sha) => self.books().record(Entry::SessionEnded { access_sha }),
            None => Ok(()),
        }
    }

    /// Sets what a refresh token meets that was shown before.
    pub(crate) fn set_rotation(&self, rotation: Rotation) {
        self.grants().rotation = rotation;
    }

    /// Opens a session for who logged in on the visit.
    pub(crate) fn open_session(
        &self,
        server: Server,
        app: &str,
        who: (&'static Shop, bool),
        scope: &str,
        lives: (Duration, Duration),
    ) -> io::Result<Fresh> {
        self.open_in(String::new(), server, app, who, scope, lives)
    }

    fn open_in(
        &self,
        family: String,
        server: Server,
        app: &str,
        who: (&'static Shop, bool),
        scope: &str,
        lives: (Duration, Duration),
    ) -> io::Result<Fresh> {
        // Taobao's session keys begin with 6 and end with the user's id.
        let (access, refresh) = match server {
            Server::Taobao => {
                (format!("6200{}{}", self.fresh_word(), who.0.id), format!("6201{}{}", self.fresh_word(), who.0.id))
            }
            Server::Standard => (self.fresh_word(), self.fresh_word()),
        };
        let now = self.now();
        let session = Session {
            server,
            app: app.to_string(),
            shop_id: who.0.id.to_string(),
            sub_account: who.1,
            scope: scope.to_string(),
            access_sha: sha(&access),
            refresh_sha: sha(&refresh),
            access_expires: now.plus(lives.0),
            refresh_expires: now.plus(lives.1),
            ended: false,
            family,
            replaced_at: None,
        };
        self.books().record(Entry::SessionOpened { session: session.clone() })?;
        self.grants().given.extend([access.clone(), refresh.clone()]);
        Ok(Fresh { access, refresh, session })
    }

    /// The shop a live access token stands for.
    pub(crate) fn shop_of(&self, server: Server, app: &str, access: &str) -> Option<(&'static Shop, bool)> {
        let now = self.now();
        let books = self.books();
        let s = books.session_by_access(&sha(access))?;
        (s.server == server && (app.is_empty() || s.app == app) && !s.ended && now < s.access_expires)
            .then(|| shops::by_id(&s.shop_id).map(|shop| (shop, s.sub_account)))
            .flatten()
    }

    /// Renews a session: the old pair ends, a new one opens.
    pub(crate) fn refresh_session(
        &self,
        server: Server,
        app: &str,
        refresh: &str,
        lives: (Duration, Duration),
    ) -> io::Result<Option<Fresh>> {
        let now = self.now();
        let old = self.books().session_by_refresh(&sha(refresh)).cloned();
        let Some(old) = old.filter(|s| s.server == server && s.app == app && now < s.refresh_expires) else {
            return Ok(None);
        };
        let family = if old.family.is_empty() { old.access_sha.clone() } else { old.family.clone() };
        if old.ended {
            let rotation = self.grants().rotation;
            let Some(at) = old.replaced_at else { return Ok(None) };
            if now.since(at) > Duration::from_secs(rotation.grace_s) || rotation.grace_s == 0 {
                if rotation.reuse_kills {
                    self.end_family(&family)?;
                }
                return Ok(None);
            }
        }
        let Some(shop) = shops::by_id(&old.shop_id) else { return Ok(None) };
        let fresh = self.open_in(family, server, app, (shop, old.sub_account), &old.scope, lives)?;
        self.books().record(Entry::SessionReplaced { access_sha: old.access_sha, at: now })?;
        Ok(Some(fresh))
    }

    fn end_family(&self, family: &str) -> io::Result<()> {
        let mut books = self.books();
        let live: Vec<String> = books
            .sessions()
            .iter()
            .filter(|s| !s.ended && (s.family == family || s.access_sha == family))
            .map(|s| s.access_sha.clone())
            .collect();
        live.into_iter().try_for_each(|access_sha| books.record(Entry::SessionEnded { access_sha }))
    }
}
